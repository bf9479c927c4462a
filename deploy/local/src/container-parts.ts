import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import type { Part } from './parts.ts';

/** The port inside, and outside a given one or a free one. */
const exposed = (container: number, host: number | undefined) =>
  host === undefined ? container : { container, host };

const part = (started: StartedTestContainer, port: number, url: (place: string) => string): Part => ({
  url: url(`127.0.0.1:${started.getMappedPort(port)}`),
  stop: async () => void (await started.stop()),
});

/** The same Postgres as {@link startPostgresPart}'s, in a container. */
export async function startPostgresContainer(at?: number): Promise<Part> {
  const started = await new GenericContainer('postgres:18')
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withCommand(['-c', 'fsync=off', '-c', 'max_connections=200'])
    .withExposedPorts(exposed(5432, at))
    // The image starts the server once for itself, to set it up.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return part(started, 5432, (place) => `postgres://postgres@${place}/postgres`);
}

/** The same nats-server as {@link startNatsPart}'s, in a container. */
export async function startNatsContainer(at?: number): Promise<Part> {
  const started = await new GenericContainer('nats:2.15-alpine')
    .withCopyContentToContainer([
      {
        target: '/etc/nats/test.conf',
        content: 'max_payload: 8MB\nmax_pending: 64MB\njetstream { store_dir: /tmp/nats }\n',
      },
    ])
    .withCommand(['-c', '/etc/nats/test.conf'])
    .withExposedPorts(exposed(4222, at))
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start();
  return part(started, 4222, (place) => `nats://${place}`);
}
