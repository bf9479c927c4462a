import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Sentence } from './sentence.ts';

const MINIMUM_MINOR = 10;

/** Whether `file` runs and is at least 2.10; older servers drop what they do not know without a word. */
function usable(file: string): boolean {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const match = /v(\d+)\.(\d+)/.exec(stdout ?? '');
  return (
    status === 0 &&
    match !== null &&
    (Number(match[1]) > 2 || (Number(match[1]) === 2 && Number(match[2]) >= MINIMUM_MINOR))
  );
}

const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'oms');

/**
 * Takes the server from Debian's pool without root: apt checks the archive's signature, and the mirror is the one that the
 * machine uses already.
 */
function fromDebian(target: string): boolean {
  try {
    // A folder of its own and a rename at the end: two that look for a server at once do not meet.
    const folder = mkdtempSync(join(cacheFolder(), 'debian-'));
    for (const part of ['lists/partial', 'archives/partial'])
      mkdirSync(join(folder, part), { recursive: true });
    const targets = execFileSync(
      'apt-get',
      ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'],
      { encoding: 'utf8' },
    );
    const mirror = targets.split('\n').find((line) => line.endsWith('/debian/'));
    if (!mirror) return false;
    writeFileSync(
      join(folder, 'sid.list'),
      `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} sid main\n`,
    );
    const options = [
      `Dir::Etc::sourcelist=${join(folder, 'sid.list')}`,
      'Dir::Etc::sourceparts=/dev/null',
      `Dir::State::Lists=${join(folder, 'lists')}`,
      `Dir::Cache=${folder}`,
      `Dir::Cache::archives=${join(folder, 'archives')}`,
      'APT::Sandbox::User=root',
    ].flatMap((option) => ['-o', option]);
    execFileSync('apt-get', [...options, '-qq', 'update'], { stdio: 'ignore', timeout: 180_000 });
    execFileSync('apt-get', [...options, '-qq', 'download', 'nats-server'], {
      cwd: folder,
      stdio: 'ignore',
      timeout: 180_000,
    });
    const archive = readdirSync(folder)
      .filter((file) => /^nats-server_.*\.deb$/.test(file))
      .sort()
      .at(-1);
    if (!archive) return false;
    execFileSync('dpkg-deb', ['-x', join(folder, archive), join(folder, 'x')]);
    const found = ['usr/sbin/nats-server', 'usr/bin/nats-server']
      .map((path) => join(folder, 'x', path))
      .find((path) => existsSync(path));
    if (!found) return false;
    if (!usable(found)) return false;
    renameSync(found, target);
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

/** The nats-server to run: NATS_SERVER_BIN, the cache, the PATH, Debian's pool; else a sentence. */
export function natsServer(say: (text: string) => void): string {
  const cached = join(cacheFolder(), 'nats-server');
  const given = process.env['NATS_SERVER_BIN'];
  if (given) {
    if (usable(given)) return given;
    throw new Sentence(`NATS_SERVER_BIN (${given}) does not run or is older than 2.10`);
  }
  for (const candidate of [cached, 'nats-server']) if (usable(candidate)) return candidate;
  say('no nats-server 2.10 or newer found, taking it from the Debian archive (once)');
  mkdirSync(cacheFolder(), { recursive: true });
  if (fromDebian(cached)) return cached;
  throw new Sentence(
    'nats-server 2.10 or newer is needed: put it on the PATH, name it in NATS_SERVER_BIN, or give a running one with NATS_URL',
  );
}

/** The configuration of a server: on loopback unless `host` says otherwise, JetStream on disk, synced on every write as a single server must. */
export function natsConfig(options: {
  host?: string;
  port: number;
  monitorPort: number;
  store: string;
  /** One of several servers: its own name, the port on which the others reach it, and the ports of all. */
  cluster?: { name: string; port: number; routes: readonly number[] } | undefined;
  /** A file beside this one with the accounts and users; without it everybody may do everything. */
  access?: string;
  /** PEM files; with `ca`, clients must show a certificate of it. */
  tls?: { cert: string; key: string; ca?: string };
}): string {
  const { access, cluster, tls, host = '127.0.0.1' } = options;
  const routes = cluster?.routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  return [
    ...(cluster
      ? [
          `server_name: ${cluster.name}`,
          `cluster { name: oms, listen: "127.0.0.1:${cluster.port}", routes: [${routes}] }`,
        ]
      : []),
    `listen: "${host}:${options.port}"`,
    `http: "${host}:${options.monitorPort}"`,
    'max_payload: 8MB',
    'max_pending: 64MB',
    `jetstream { store_dir: ${JSON.stringify(options.store)}, sync_interval: always }`,
    'lame_duck_grace_period: "1s"',
    'lame_duck_duration: "30s"',
    ...(access ? [`include ${JSON.stringify(access)}`] : []),
    ...(tls
      ? [
          `tls { cert_file: ${JSON.stringify(tls.cert)}, key_file: ${JSON.stringify(tls.key)}${tls.ca ? `, ca_file: ${JSON.stringify(tls.ca)}, verify: true` : ''} }`,
        ]
      : []),
    '',
  ].join('\n');
}
