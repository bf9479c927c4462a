import { nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { brokerIdentities, inboxPrefix, subscriberIdentity, type BrokerIdentity } from '@oms/contracts';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerPublicKeys, developmentKeys, newSeed, publicNkey } from '../../deploy/local/src/keys.ts';
import { startNatsProcess, type NatsPart } from '../../deploy/local/src/nats-part.ts';
import { brokerAccess } from '../../deploy/nats/access.ts';
import { connectAs } from '../../deploy/nats/connect.ts';
import { provisionNats } from '../../deploy/nats/provision.ts';

/** A nats-server with its permissions on, provisioned, and with subscribers of these names. */
export interface Broker {
  nats: NatsPart;
  admin: NatsConnection;
  identities: readonly BrokerIdentity[];
  /** Public nkey by identity. */
  keys: Record<string, string>;
  connect(identity: string): Promise<NatsConnection>;
  stop(): Promise<void>;
}

export async function startBroker(
  subscribers: readonly string[] = [],
  tls?: { cert: string; key: string; ca: string; client: { cert: string; key: string } },
): Promise<Broker> {
  const own = developmentKeys(mkdtempSync(join(tmpdir(), 'oms-keys-')), ['gateway']);
  const seeds: Record<string, string> = { ...own.broker.seeds };
  for (const name of subscribers) seeds[`subscriber-${name}`] = newSeed();
  const access = brokerAccess({
    identities: brokerPublicKeys(own),
    subscribers: Object.fromEntries(
      subscribers.map((name) => [name, publicNkey(seeds[`subscriber-${name}`] ?? '')]),
    ),
    admin: { user: 'admin', password: own.broker.password },
  });
  const nats = await startNatsProcess({ access, ...(tls && { tls }) });
  const files = tls && { tls: { caFile: tls.ca, certFile: tls.client.cert, keyFile: tls.client.key } };
  const adminUrl = nats.url.replace('://', `://admin:${own.broker.password}@`);
  await provisionNats(adminUrl, files);
  const open: NatsConnection[] = [];
  const admin = await connectAs(adminUrl, files);
  open.push(admin);
  return {
    nats,
    admin,
    identities: [...brokerIdentities, ...subscribers.map(subscriberIdentity)],
    keys: Object.fromEntries(Object.entries(seeds).map(([name, seed]) => [name, publicNkey(seed)])),
    connect: async (identity) => {
      const nc = await connectAs(nats.url, {
        name: identity,
        inboxPrefix: inboxPrefix(identity),
        authenticator: nkeyAuthenticator(new TextEncoder().encode(seeds[identity])),
        reconnectTimeWait: 50,
        maxReconnectAttempts: -1,
        ...files,
      });
      open.push(nc);
      return nc;
    },
    stop: async () => {
      await Promise.all(open.map((nc) => nc.close()));
      await nats.stop();
    },
  };
}
