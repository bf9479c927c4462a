import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  jetstreamManager,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { nanos, type TlsOptions } from '@nats-io/transport-node';
import { filterSubjects, LIVE_PREFIX, serviceNames, STREAM, STREAM_SUBJECTS } from '@oms/contracts';
import { connectAs } from './connect.ts';
import { provisionSubscriber, type SubscriberEntry } from './subscribers.ts';

const MINIMUM = [2, 10];
/** Messages are stored in milliseconds and then acknowledged; what a killed process held comes to the next one this much later. */
const ACK_WAIT_MS = 5_000;
const WEEK_MS = 7 * 24 * 3_600_000;

/** How many servers keep each event, how the broker is reached, and who reads beside our own services. */
export interface ProvisionOptions {
  replicas?: number;
  tls?: TlsOptions;
  subscribers?: readonly SubscriberEntry[];
}

/**
 * Creates or updates the stream and one durable consumer a service, and reads the configuration back: a server that is
 * too old drops what it does not know without a word. Throws a sentence when something is not as it was asked.
 */
export async function provisionNats(url: string, options: ProvisionOptions = {}): Promise<void> {
  const { tls } = options;
  const nc = await connectAs(url, { name: 'provision', maxReconnectAttempts: 3, ...(tls && { tls }) });
  try {
    const version = nc.info?.version ?? '0';
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < MINIMUM[0]! || (major === MINIMUM[0] && minor < MINIMUM[1]!))
      throw new Error(`nats-server ${version} is too old, 2.10 or newer is needed`);
    const jsm = await jetstreamManager(nc);
    const config = {
      name: STREAM,
      subjects: STREAM_SUBJECTS,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_age: nanos(WEEK_MS),
      max_msg_size: 1 << 20,
      duplicate_window: nanos(120_000),
      num_replicas: options.replicas ?? 1,
      allow_direct: true,
      deny_delete: true,
      deny_purge: true,
      republish: { src: 'oms.>', dest: `${LIVE_PREFIX}.oms.>` },
    };
    const known = await jsm.streams.info(STREAM).catch(() => undefined);
    if (known) await jsm.streams.update(STREAM, config);
    else await jsm.streams.add(config);
    const stream = (await jsm.streams.info(STREAM)).config as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(config)) {
      if (JSON.stringify(stream[name]) !== JSON.stringify(value))
        throw new Error(
          `the stream's ${name} is ${JSON.stringify(stream[name])}, not ${JSON.stringify(value)}`,
        );
    }
    for (const service of serviceNames) {
      const consumer = {
        durable_name: service,
        filter_subjects: filterSubjects(service),
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(ACK_WAIT_MS),
        deliver_policy: DeliverPolicy.All,
        max_deliver: -1,
        max_ack_pending: 500,
      };
      // Ahead of a stream that lost its end, it would let pass what comes now. From the start, the inbox knows what it has seen.
      if (await isAhead(jsm, service)) await jsm.consumers.delete(STREAM, service);
      const existing = await jsm.consumers.info(STREAM, service).catch(() => undefined);
      if (existing) await jsm.consumers.update(STREAM, service, consumer);
      else await jsm.consumers.add(STREAM, consumer);
      const read = (await jsm.consumers.info(STREAM, service)).config as unknown as Record<string, unknown>;
      for (const [name, value] of Object.entries(consumer)) {
        if (JSON.stringify(read[name]) !== JSON.stringify(value))
          throw new Error(
            `the consumer ${service} has ${name} ${JSON.stringify(read[name])}, not ${JSON.stringify(value)}`,
          );
      }
    }
    for (const entry of options.subscribers ?? []) {
      if (await isAhead(jsm, entry.name)) await jsm.consumers.delete(STREAM, entry.name);
      await provisionSubscriber(jsm, entry);
    }
  } finally {
    await nc.close();
  }
}

/** The consumer is asked first: what comes meanwhile only makes the stream longer. */
async function isAhead(jsm: JetStreamManager, service: string): Promise<boolean> {
  const consumer = await jsm.consumers.info(STREAM, service).catch(() => undefined);
  const { state } = await jsm.streams.info(STREAM);
  return consumer !== undefined && consumer.delivered.stream_seq > state.last_seq;
}

/** Whether the stream and every service's consumer are there, and no consumer is ahead of the stream. */
export async function isProvisioned(url: string): Promise<boolean> {
  const nc = await connectAs(url, { name: 'provision', maxReconnectAttempts: 0 });
  try {
    const jsm = await jetstreamManager(nc);
    for (const service of serviceNames) {
      await jsm.consumers.info(STREAM, service);
      if (await isAhead(jsm, service)) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    await nc.close();
  }
}

const LOOK_EVERY_MS = 3_000;

/** Provisions again whenever something of it is gone, until it is told to stop. Needed once in a cluster, whatever runs there. */
export function keepProvisioned(url: string, options: () => ProvisionOptions): () => void {
  let stopped = false;
  const turn = async (): Promise<void> => {
    try {
      if (!(await isProvisioned(url))) await provisionNats(url, options());
    } catch {
      // The broker is away: it is looked at again.
    }
    if (!stopped) setTimeout(() => void turn(), LOOK_EVERY_MS).unref();
  };
  setTimeout(() => void turn(), LOOK_EVERY_MS).unref();
  return () => {
    stopped = true;
  };
}
