import { connect, nkeyAuthenticator, type NatsConnection, type TlsOptions } from '@nats-io/transport-node';
import { inboxPrefix } from '@oms/contracts';
import type { BrokerConfig } from '../config.js';
import type { Log } from '../log.js';

const RETRY_MS = 500;

/** TLS as configured: `tls://`, an authority of one's own, a client certificate. Undefined: the server decides. */
function tlsOptions(config: Partial<BrokerConfig> & { natsUrl: string }): TlsOptions | undefined {
  const { natsCaFile: caFile, natsCertFile: certFile, natsKeyFile: keyFile } = config;
  if (!caFile && !certFile && !config.natsUrl.startsWith('tls://')) return undefined;
  return { ...(caFile && { caFile }), ...(certFile && { certFile, keyFile }) };
}

/**
 * A connection that never gives up: it waits for a broker that is not there yet or does not know us yet, reconnects for
 * ever, and notices within ten seconds that the other side is frozen (ping every 5 s, two missed). The client's own
 * defaults stop after ten tries, or after two refusals, and ping every two minutes. What the broker refuses is logged.
 */
export async function connectNats(options: {
  config: Partial<BrokerConfig> & { natsUrl: string };
  /** Named in the broker's log, and in the subjects at which its replies arrive. */
  identity: string;
  seed?: string;
  log: Log;
}): Promise<NatsConnection> {
  const { config, identity, seed, log } = options;
  const [first] = config.natsUrl.split(',');
  const { username, password } = new URL(first?.includes('://') ? first : `nats://${first}`);
  const tls = tlsOptions(config);
  for (let told = false; ; told = true) {
    try {
      const nc = await connect({
        servers: config.natsUrl.split(',').map((server) => server.replace(/^(\w+:\/\/)?[^@/]*@/, '$1')),
        name: identity,
        inboxPrefix: inboxPrefix(identity),
        maxReconnectAttempts: -1,
        ignoreAuthErrorAbort: true,
        reconnectTimeWait: 250,
        pingInterval: 5_000,
        maxPingOut: 2,
        noAsyncTraces: true,
        ...(seed && { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
        ...(!seed && username && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
        ...(tls && { tls }),
      });
      void logRefusals(nc, log);
      return nc;
    } catch (error) {
      if (!told) log.warn({ reason: (error as Error).message, identity }, 'waiting for NATS');
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

async function logRefusals(nc: NatsConnection, log: Log): Promise<void> {
  for await (const status of nc.status())
    if (status.type === 'error') log.error({ reason: status.error.message }, 'NATS refused');
}
