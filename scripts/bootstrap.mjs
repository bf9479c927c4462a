/**
 * Every command of this project starts here, on whatever Node (18 or newer) the machine has: it installs what is missing,
 * builds what changed, and goes on under the project's own Node 24.
 *
 *   node scripts/bootstrap.mjs [--no-build] FILE [ARGUMENT…]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.installed-lock');
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

function run(command, args, what) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment });
  if (status === 0) return;
  console.error(`${what} failed${error ? `: ${error.message}` : ''}`);
  process.exit(status ?? 1);
}

const environment = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.log('installing dependencies (once)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci');
  writeFileSync(stamp, lock);
}
const own = join(bin, 'node');
const node = existsSync(own) ? own : process.execPath;
const [major] = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.slice(1).split('.');
if (Number(major) < 24) {
  console.error(
    `Node 24 is needed on ${process.platform}-${process.arch}: install it, this one is ${process.version}`,
  );
  process.exit(1);
}
const args = process.argv.slice(2);
if (args[0] === '--no-build') args.shift();
else run(join(bin, 'tsc'), ['-b'], 'the build');

const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: environment });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
