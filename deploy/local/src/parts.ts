import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { end, fresh, type Part } from './part.ts';
import { freePort } from './ports.ts';
import { startNatsProcess } from './nats-part.ts';
import { postgresCommand, postgresIdentity, postgresReady } from './postgres.ts';

export type { Part } from './part.ts';

/**
 * With OMS_TEST_CONTAINERS=1 the parts are containers (testcontainers, on the engine that answers). Asked for and not
 * found out: an engine that answers but reaches no registry would hold up every test.
 */
const inContainers = process.env['OMS_TEST_CONTAINERS'] === '1';

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

/** Open to everybody; on a free port, or on one that somebody waits at already. */
export async function startNatsPart(at?: number): Promise<Part> {
  if (inContainers) return (await import('./container-parts.ts')).startNatsContainer(at);
  return startNatsProcess(at === undefined ? {} : { port: at });
}
