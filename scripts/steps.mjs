import { spawnSync } from 'node:child_process';

/** Runs one step under this Node; answers how it ended. */
function ended(name, file, args) {
  const startedAt = Date.now();
  const { status } = spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' });
  console.log(
    `${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`,
  );
  return status ?? 1;
}

/** Runs one step under this Node; answers whether it held. */
export const holds = (...step) => ended(...step) === 0;

/** Runs one step under this Node and ends the process when it fails, as that ended. */
export function run(...step) {
  const status = ended(...step);
  if (status !== 0) process.exit(status);
}
