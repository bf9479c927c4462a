/**
 * Loaded before anything else into a process of the bench that runs without one of its protections (`OMS_WITHOUT`): takes it
 * out of the built code as that is loaded; nothing on disk changes.
 */
import { registerHooks } from 'node:module';
import { protections, takeOut } from './protections.ts';

const taken = protections.find(({ name }) => name === process.env['OMS_WITHOUT']);
const patchesOf = (url: string) => taken?.patches.filter(({ file }) => url.endsWith(`/${file}`)) ?? [];

if (taken)
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const patches = patchesOf(url);
      if (patches.length === 0) return loaded;
      return {
        ...loaded,
        source: patches.reduce(takeOut, Buffer.from(loaded.source as Uint8Array).toString()),
      };
    },
  });
