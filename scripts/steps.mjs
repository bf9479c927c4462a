import { spawnSync } from 'node:child_process';

/** Runs one step under this Node and ends the process with its status when it fails. */
export function run(name, file, args) {
  const startedAt = Date.now();
  const { status } = spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' });
  console.log(
    `${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`,
  );
  if (status !== 0) process.exit(status ?? 1);
}
