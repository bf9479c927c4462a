import {
  AckPolicy,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type ConsumerMessages,
} from '@nats-io/jetstream';
import { STREAM } from '@oms/contracts';
import { decode } from '@oms/events';
import { connectAs } from '../../deploy/nats/connect.ts';
import { summary, type Load } from './load.ts';

const NAME = 'bench';
const SETTLED_MS = 2_000;

/** A durable consumer as a subscriber has one, for as long as a measurement takes. */
async function withConsumer<T>(
  url: string,
  from: DeliverPolicy,
  work: (messages: ConsumerMessages) => Promise<T>,
): Promise<T> {
  const nc = await connectAs(url, { name: 'bench' });
  const jsm = await jetstreamManager(nc);
  await jsm.consumers.delete(STREAM, NAME).catch(() => false);
  await jsm.consumers.add(STREAM, {
    durable_name: NAME,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: from,
    max_ack_pending: 256,
  });
  try {
    const consumer = await jetstream(nc).consumers.get(STREAM, NAME);
    return await work(await consumer.consume({ max_messages: 256 }));
  } finally {
    await jsm.consumers.delete(STREAM, NAME);
    await nc.close();
  }
}

/**
 * From the commit of a change to its event in the hands of a subscriber (`ce-time`: relay, broker and delivery), while `traffic` goes on.
 */
export function committedToDelivered(url: string, traffic: () => Promise<unknown>): Promise<Load> {
  return withConsumer(url, DeliverPolicy.New, async (messages) => {
    const latencies: number[] = [];
    const startedAt = performance.now();
    // What is still under way when the traffic ends has arrived long before.
    void traffic().finally(() => setTimeout(() => messages.stop(), SETTLED_MS));
    for await (const message of messages) {
      latencies.push(Math.max(0, Date.now() - decode(message).time.getTime()));
      message.ack();
    }
    return summary('event: committed to delivered', 1, latencies, 0, startedAt);
  });
}

/** Everything in the stream through one subscriber that decodes and acknowledges each; latency is the time for one. */
export function throughOneSubscriber(url: string): Promise<Load> {
  return withConsumer(url, DeliverPolicy.All, async (messages) => {
    const latencies: number[] = [];
    const startedAt = performance.now();
    let from = startedAt;
    for await (const message of messages) {
      decode(message);
      message.ack();
      const now = performance.now();
      latencies.push(now - from);
      from = now;
      if (message.info.pending === 0) break;
    }
    return summary('events through one subscriber', 1, latencies, 0, startedAt);
  });
}
