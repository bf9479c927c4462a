/**
 * The programs of the image `operations`: the provisioner, the makers of keys, the operators' tools, and what stands in for
 * the world in a stack for development. Bundled together, so that what they share is there once. The folder to write to is the argument.
 */
import { build } from 'esbuild';
import { join } from 'node:path';
import { common } from './esbuild.mjs';

const root = join(import.meta.dirname, '..');
const programs = {
  provision: 'deploy/provision/main.ts',
  keys: 'deploy/keys/main.ts',
  home: 'deploy/docker/home.ts',
  issuer: 'deploy/local/src/issuer/main.ts',
  mailbox: 'deploy/local/src/mailbox/main.ts',
  ...Object.fromEntries(
    ['token', 'demo', 'import', 'events', 'dead-letters', 'reconcile', 'verify', 'subscriber'].map((tool) => [
      tool,
      `tools/src/${tool}.ts`,
    ]),
  ),
};
await build({
  ...common,
  entryPoints: Object.fromEntries(Object.entries(programs).map(([name, file]) => [name, join(root, file)])),
  outdir: process.argv[2],
  splitting: true,
  // Programs await at their top level.
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  banner: {
    js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`,
  },
});
