import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';

/**
 * Connects as the user that `urls` names (`nats://user:password@host:port`; several, separated by commas, for a cluster);
 * the client itself passes over it.
 */
export function connectAs(urls: string, options: ConnectionOptions = {}): Promise<NatsConnection> {
  const servers = urls.split(',').map((url) => new URL(url));
  const [first] = servers;
  const user = first?.username && {
    user: decodeURIComponent(first.username),
    pass: decodeURIComponent(first.password),
  };
  return connect({
    servers: servers.map(({ protocol, host }) => `${protocol}//${host}`),
    ...user,
    ...options,
  });
}
