import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_PREFIX, eventsIdentity, type ServiceName } from '@oms/contracts';
import { provisionNats } from '../../nats/provision.ts';
import { ACCESS_FILE, ADMIN, readSubscribers, writeAccess } from './broker-access.ts';
import type { Keys } from './keys.ts';
import { natsConfig, natsServer } from './nats.ts';
import type { PortOf } from './kept-ports.ts';
import type { Launch } from './process.ts';
import { until } from './ready.ts';

/** The broker as the stack's processes use it. Addresses of a cluster are separated by commas. */
export interface Broker {
  urls: string;
  /** As the one who may do everything on the stream. */
  admin: string;
  /** What a process needs to know of who it is at the broker. */
  identity(process: ServiceName | 'gateway'): Record<string, string>;
}

/**
 * Starts `nodes` nats-servers (`nats`, `nats-2`, …), as one cluster when there are several, with accounts and permissions,
 * and answers once all are healthy. A server that was started again is provisioned again: its store may be gone.
 */
export async function startBroker(options: {
  home: string;
  nodes: number;
  keys: Keys;
  launch: Launch;
  external: Record<string, object>;
  portOf: PortOf;
  signal: AbortSignal;
  say(text: string): void;
}): Promise<Broker> {
  const { home, nodes, launch, external, portOf, signal } = options;
  const { seeds, password } = options.keys.broker;
  const given = process.env['NATS_URL'];
  if (given) {
    external['nats'] = { pid: 0, url: given, admin: given, monitor: '' };
    return { urls: given, admin: given, identity: () => ({}) };
  }
  const file = natsServer(options.say);
  mkdirSync(home, { recursive: true });
  const servers = await Promise.all(
    Array.from({ length: nodes }, async (_, index) => {
      const name = index === 0 ? 'nats' : `nats-${index + 1}`;
      const [port, monitorPort, clusterPort] = await Promise.all([
        portOf(name),
        portOf(`${name} monitor`),
        portOf(`${name} cluster`),
      ]);
      return { name, port, monitorPort, clusterPort };
    }),
  );
  const urls = servers.map(({ port }) => `nats://127.0.0.1:${port}`).join(',');
  const asAdmin = (url: string) => url.replaceAll('://', `://${ADMIN}:${password}@`);
  writeAccess(home, options.keys);
  const routes = servers.map(({ clusterPort }) => clusterPort);
  await Promise.all(
    servers.map(async ({ name, port, monitorPort, clusterPort }) => {
      const config = join(home, `${name}.conf`);
      const cluster = nodes > 1 ? { name, port: clusterPort, routes } : undefined;
      writeFileSync(
        config,
        natsConfig({ port, monitorPort, store: join(home, name), cluster, access: ACCESS_FILE }),
      );
      const monitor = `http://127.0.0.1:${monitorPort}`;
      const ready = () => until(`${monitor}/healthz`, name, join(home, `logs/${name}.log`), signal);
      const restarted = async () => {
        await ready();
        await provisionNats(asAdmin(urls), { replicas: nodes, subscribers: readSubscribers(home) });
      };
      const url = `nats://127.0.0.1:${port}`;
      launch({ name, file, args: ['-c', config], restarted }, { url, monitor, admin: asAdmin(url) });
      await ready();
    }),
  );
  return {
    urls,
    admin: asAdmin(urls),
    identity: (name) => ({
      NATS_SEED: seeds[name] ?? '',
      NATS_EVENTS_SEED: seeds[eventsIdentity(name)] ?? '',
      NATS_API_PREFIX: API_PREFIX,
    }),
  };
}
