/**
 * Loaded before anything else into a process of the bench that runs other code than was built: without one of its protections
 * (`OMS_WITHOUT`), or, as a second replica, of the release after this one (`OMS_NEXT_RELEASE`). Nothing on disk changes.
 */
import { registerHooks } from 'node:module';
import { nextRelease } from './next-release.ts';
import { patched, type Patch } from './patch.ts';
import { protections } from './protections.ts';

const taken = protections.find(({ name }) => name === process.env['OMS_WITHOUT'])?.patches ?? [];
const isNext = process.env['OMS_NEXT_RELEASE'] && /-2$/.test(process.env['OMS_PROCESS'] ?? '');
const patches: readonly Patch[] = isNext ? nextRelease : taken;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const here = patches.filter(({ file }) => url.endsWith(`/${file}`));
    if (here.length === 0) return loaded;
    return { ...loaded, source: here.reduce(patched, Buffer.from(loaded.source as Uint8Array).toString()) };
  },
});
