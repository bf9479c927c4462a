import {
  AckPolicy,
  DeliverPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { aggregates, eventNames, serviceNames, STREAM, type AggregateType } from '@oms/contracts';

/** Somebody who reads events, as he was added. */
export interface SubscriberEntry {
  name: string;
  /** `order.*`, `return.received`, or `*` for all. */
  events: readonly string[];
  /** Where a new one starts: with the oldest event, with the next one, or at a time (RFC 3339). */
  from: string;
  /** Events that may be with the subscriber at once, not yet acknowledged; with 1 nothing can overtake anything. */
  ahead: number;
  /** Public nkey. */
  nkey: string;
}

const NAME = /^[a-z][a-z0-9-]{1,31}$/;

/** A subscriber may take so long for an event, unless it says that it is still working. */
const ACK_WAIT_MS = 30_000;

/** The subjects of what is asked for. Throws a sentence for what no event is called. */
export function filtersOf(events: readonly string[]): string[] {
  const whole = (aggregate: AggregateType) => `oms.${aggregate}.v1.>`;
  const wanted = events.flatMap((one) => {
    if (one === '*') return aggregates.map(whole);
    const [aggregate = '', verb = ''] = one.split('.');
    if (verb === '*' && aggregates.some((known) => known === aggregate))
      return [whole(aggregate as AggregateType)];
    if (eventNames.some((known) => known === one)) return [`oms.${aggregate}.v1.*.${verb}`];
    throw new Error(
      `no event is called ${one}; there are ${aggregates.map((known) => `${known}.*`).join(', ')} and ${eventNames.join(', ')}`,
    );
  });
  // The server refuses filters that overlap.
  return [...new Set(wanted)].filter(
    (subject) => subject.endsWith('>') || !wanted.includes(`${subject.split('.').slice(0, 3).join('.')}.>`),
  );
}

/** Throws a sentence when an entry cannot be. */
export function checkSubscriber(entry: Omit<SubscriberEntry, 'nkey'>): void {
  if (!NAME.test(entry.name))
    throw new Error('a name is 2 to 32 small letters, digits and dashes, and begins with a letter');
  if (serviceNames.some((service) => service === entry.name))
    throw new Error(`${entry.name} is one of our own services`);
  if (entry.events.length === 0) throw new Error('no events are asked for');
  filtersOf(entry.events);
  if (!['beginning', 'now'].includes(entry.from) && Number.isNaN(Date.parse(entry.from)))
    throw new Error('--from is `beginning`, `now` or a time (RFC 3339)');
  if (!Number.isInteger(entry.ahead) || entry.ahead < 1 || entry.ahead > 1_000)
    throw new Error('--ahead is 1 to 1000');
}

function configOf({ name, events, from, ahead }: SubscriberEntry): Partial<ConsumerConfig> {
  const start =
    from === 'beginning'
      ? { deliver_policy: DeliverPolicy.All }
      : from === 'now'
        ? { deliver_policy: DeliverPolicy.New }
        : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(from).toISOString() };
  return {
    durable_name: name,
    filter_subjects: filtersOf(events),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: ahead,
    ...start,
  };
}

export const consumerOf = (jsm: JetStreamManager, name: string): Promise<ConsumerInfo | undefined> =>
  jsm.consumers.info(STREAM, name).catch(() => undefined);

/** Makes the subscriber's durable consumer if it is not there, and reads it back; one that is there keeps its place. */
export async function provisionSubscriber(jsm: JetStreamManager, entry: SubscriberEntry): Promise<void> {
  const config = configOf(entry);
  const { config: made } = (await consumerOf(jsm, entry.name)) ?? (await jsm.consumers.add(STREAM, config));
  if (JSON.stringify(made.filter_subjects) !== JSON.stringify(config.filter_subjects))
    throw new Error(
      `the consumer ${entry.name} reads ${JSON.stringify(made.filter_subjects)}, not ${JSON.stringify(config.filter_subjects)}`,
    );
}
