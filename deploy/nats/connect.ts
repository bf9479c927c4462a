import {
  connect,
  nkeyAuthenticator,
  type ConnectionOptions,
  type NatsConnection,
} from '@nats-io/transport-node';
import { readFileSync } from 'node:fs';

const inFile = (value: string): string =>
  value.startsWith('/') ? readFileSync(value, 'utf8').trim() : value;

/**
 * Connects as the user that `urls` names (`nats://user:password@host:port`; several, separated by commas, for a cluster);
 * the client itself passes over it. Where they name nobody, as the nkey of NATS_SEED (a seed, or the path of a file with
 * one); over TLS with NATS_CA_FILE, NATS_CERT_FILE and NATS_KEY_FILE, as the services do.
 */
export function connectAs(urls: string, options: ConnectionOptions = {}): Promise<NatsConnection> {
  const servers = urls.split(',').map((url) => new URL(url));
  const [first] = servers;
  const {
    NATS_SEED: seed,
    NATS_CA_FILE: caFile,
    NATS_CERT_FILE: certFile,
    NATS_KEY_FILE: keyFile,
  } = process.env;
  const who = first?.username
    ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) }
    : seed && { authenticator: nkeyAuthenticator(new TextEncoder().encode(inFile(seed))) };
  return connect({
    servers: servers.map(({ protocol, host }) => `${protocol}//${host}`),
    ...who,
    ...((caFile || first?.protocol === 'tls:') && {
      tls: { ...(caFile && { caFile }), ...(certFile && keyFile && { certFile, keyFile }) },
    }),
    ...options,
  });
}
