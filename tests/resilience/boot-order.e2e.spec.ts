import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@oms/chassis/testing';
import { serviceNames, type ServiceName } from '@oms/contracts';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { startNatsPart, startPostgresPart, type Part } from '../../deploy/local/src/parts.ts';
import { freePort } from '../../deploy/local/src/ports.ts';
import { provisionNats } from '../../deploy/nats/provision.ts';
import { provisionPostgres, serviceUrl } from '../../deploy/postgres/provision.ts';
import { identityEnvironment } from '../ground/identities.ts';

const PASSWORD = 'local';
/** Several processes begin at once, which takes 20 s beside three busy loops on two cores. */
const BEGINS_MS = 180_000;

/** Where everything will be, known before anything is there. */
interface Places {
  postgres: number;
  nats: number;
  health: Record<ServiceName, number>;
}

const children: ChildProcess[] = [];
const parts: Part[] = [];

afterEach(async () => {
  await Promise.all(
    children.splice(0).map(
      (child) =>
        new Promise<void>((ended) => {
          if (child.exitCode !== null || child.signalCode !== null) return ended();
          child.once('exit', () => ended());
          child.kill('SIGKILL');
        }),
    ),
  );
  await Promise.all(parts.splice(0).map((part) => part.stop()));
});

async function places(): Promise<Places> {
  const [postgres, nats, ...health] = await Promise.all(
    Array.from({ length: 2 + serviceNames.length }, freePort),
  );
  return {
    postgres: postgres ?? 0,
    nats: nats ?? 0,
    health: Object.fromEntries(serviceNames.map((name, index) => [name, health[index] ?? 0])) as Record<
      ServiceName,
      number
    >,
  };
}

async function bringPostgres(at: Places): Promise<void> {
  const part = await startPostgresPart(at.postgres);
  parts.push(part);
  await provisionPostgres(part.url, PASSWORD);
}

async function bringNats(at: Places): Promise<void> {
  const part = await startNatsPart(at.nats);
  parts.push(part);
  await provisionNats(part.url);
}

function bringService(at: Places, name: ServiceName): ChildProcess {
  const url = serviceUrl(`postgres://postgres@127.0.0.1:${at.postgres}/postgres`, name, PASSWORD);
  const child = spawn(process.execPath, ['--no-warnings', `services/${name}/dist/main.js`], {
    cwd: join(import.meta.dirname, '../..'),
    env: {
      ...process.env,
      ...identityEnvironment(name),
      DATABASE_URL: url,
      NATS_URL: `nats://127.0.0.1:${at.nats}`,
      HEALTH_PORT: String(at.health[name]),
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  return child;
}

const asks = (port: number, path: string) =>
  fetch(`http://127.0.0.1:${port}${path}`).then(
    (answer) => answer.status,
    () => 0,
  );

async function allReady(at: Places, names: readonly ServiceName[], started: ChildProcess[]): Promise<void> {
  for (const name of names)
    await eventually(
      `${name} is ready`,
      async () => (await asks(at.health[name], '/readyz')) === 200,
      BEGINS_MS,
    );
  for (const child of started) expect([child.exitCode, child.signalCode]).toEqual([null, null]);
}

describe('services', () => {
  it('that start before Postgres and NATS live, say that they are not ready, and become ready by themselves', async () => {
    const at = await places();
    const names: ServiceName[] = ['return-service', 'order-service'];
    const started = names.map((name) => bringService(at, name));
    for (const name of names) {
      await eventually(
        `${name} lives`,
        async () => (await asks(at.health[name], '/livez')) === 200,
        BEGINS_MS,
      );
      expect(await asks(at.health[name], '/readyz')).toBe(503);
    }
    await bringNats(at);
    await bringPostgres(at);
    await allReady(at, names, started);
  }, 600_000);

  it('that start one after the other, the second before NATS, become ready by themselves', async () => {
    const at = await places();
    await bringPostgres(at);
    const first = bringService(at, 'order-service');
    await eventually(
      'the first lives',
      async () => (await asks(at.health['order-service'], '/livez')) === 200,
      BEGINS_MS,
    );
    const second = bringService(at, 'return-service');
    await bringNats(at);
    await allReady(at, ['order-service', 'return-service'], [first, second]);
  }, 600_000);
});
