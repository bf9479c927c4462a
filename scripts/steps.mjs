import { spawnSync } from 'node:child_process';

/** Runs one step under this Node; answers whether it held. */
export function holds(name, file, args) {
  const startedAt = Date.now();
  const { status } = spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' });
  console.log(
    `${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`,
  );
  return status === 0;
}

/** Runs one step under this Node and ends the process when it fails. */
export function run(name, file, args) {
  if (!holds(name, file, args)) process.exit(1);
}
