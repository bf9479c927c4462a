import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { provisionNats } from '../../nats/provision.ts';
import { natsConfig, natsServer } from './nats.ts';
import { freePort } from './ports.ts';
import type { Launch } from './process.ts';
import { until } from './ready.ts';

/**
 * Starts `nodes` nats-servers (`nats`, `nats-2`, …), as one cluster when there are several, and answers their addresses,
 * separated by commas, once all are healthy. A server that was started again is provisioned again: its store may be gone.
 */
export async function startBroker(options: {
  home: string;
  nodes: number;
  launch: Launch;
  external: Record<string, object>;
  say(text: string): void;
}): Promise<string> {
  const { home, nodes, launch, external } = options;
  const given = process.env['NATS_URL'];
  if (given) {
    external['nats'] = { pid: 0, url: given, admin: given, monitor: '' };
    return given;
  }
  const file = natsServer(options.say);
  mkdirSync(home, { recursive: true });
  const servers = await Promise.all(
    Array.from({ length: nodes }, async (_, index) => {
      const [port, monitorPort, clusterPort] = await Promise.all([freePort(), freePort(), freePort()]);
      return { name: index === 0 ? 'nats' : `nats-${index + 1}`, port, monitorPort, clusterPort };
    }),
  );
  const urls = servers.map(({ port }) => `nats://127.0.0.1:${port}`).join(',');
  const routes = servers.map(({ clusterPort }) => clusterPort);
  await Promise.all(
    servers.map(async ({ name, port, monitorPort, clusterPort }) => {
      const config = join(home, `${name}.conf`);
      const cluster = nodes > 1 ? { name, port: clusterPort, routes } : undefined;
      writeFileSync(config, natsConfig({ port, monitorPort, store: join(home, name), cluster }));
      const monitor = `http://127.0.0.1:${monitorPort}`;
      const ready = () => until(`${monitor}/healthz`, name, join(home, `logs/${name}.log`));
      const restarted = async () => {
        await ready();
        await provisionNats(urls, { replicas: nodes });
      };
      const url = `nats://127.0.0.1:${port}`;
      launch({ name, file, args: ['-c', config], restarted }, { url, monitor, admin: url });
      await ready();
    }),
  );
  return urls;
}
