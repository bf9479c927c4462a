import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsConfig, natsServer } from './nats.ts';
import { freePort } from './ports.ts';
import { postgresCommand, postgresIdentity, postgresReady } from './postgres.ts';

/** A Postgres or a nats-server of its own, for tests: in a fresh folder, on loopback, gone when stopped. */
export interface Part {
  url: string;
  stop(): Promise<void>;
}

/**
 * With OMS_TEST_CONTAINERS=1 the parts are containers (testcontainers, on the engine that answers). Asked for and not
 * found out: an engine that answers but reaches no registry would hold up every test.
 */
const inContainers = process.env['OMS_TEST_CONTAINERS'] === '1';

function fresh(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `oms-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

async function end(child: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill(signal);
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

/** On a free port, or on one that somebody waits at already. */
export async function startPostgresPart(at?: number): Promise<Part> {
  if (inContainers) return (await import('./container-parts.ts')).startPostgresContainer(at);
  const folder = fresh('postgres');
  const port = at ?? (await freePort());
  // Nothing here outlives the test, so nothing has to reach the disk.
  const { file, args } = postgresCommand(join(folder, 'data'), port, ['fsync=off', 'shared_buffers=64MB']);
  const child = spawn(file, args, { ...postgresIdentity, stdio: 'ignore' });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await postgresReady(url);
  return { url, stop: () => end(child, 'SIGINT', folder) };
}

/** On a free port, or on one that somebody waits at already. */
export async function startNatsPart(at?: number): Promise<Part> {
  if (inContainers) return (await import('./container-parts.ts')).startNatsContainer(at);
  const folder = fresh('nats');
  mkdirSync(join(folder, 'store'));
  const [port, monitorPort] = await Promise.all([at ?? freePort(), freePort()]);
  writeFileSync(join(folder, 'nats.conf'), natsConfig({ port, monitorPort, store: join(folder, 'store') }));
  const child = spawn(
    natsServer(() => {}),
    ['-c', join(folder, 'nats.conf')],
    { stdio: 'ignore' },
  );
  for (;;) {
    const healthy = await fetch(`http://127.0.0.1:${monitorPort}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (healthy) break;
    await new Promise((done) => setTimeout(done, 20));
  }
  return { url: `nats://127.0.0.1:${port}`, stop: () => end(child, 'SIGTERM', folder) };
}
