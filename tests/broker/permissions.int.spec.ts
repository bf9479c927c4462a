import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '@oms/chassis/testing';
import { API_PREFIX, inboxPrefix, serviceNames, STREAM } from '@oms/contracts';
import { newSeed } from '../../deploy/local/src/keys.ts';
import { startBroker, type Broker } from './broker.ts';

let broker: Broker;
let jsm: JetStreamManager;
const open = new Map<string, NatsConnection>();

beforeAll(async () => {
  broker = await startBroker(['warehouse', 'search']);
  jsm = await jetstreamManager(broker.admin);
  for (const name of ['warehouse', 'search'])
    await jsm.consumers.add(STREAM, {
      durable_name: name,
      filter_subjects: ['oms.order.v1.*.placed'],
      ack_policy: 'explicit',
    });
  await jetstream(broker.admin).publish('oms.order.v1.ord_1.placed', '{}');
  for (const { name } of broker.identities) {
    open.set(name, await broker.connect(name));
  }
});
afterAll(() => broker?.stop());

const as = (name: string): NatsConnection => {
  const nc = open.get(name);
  if (!nc) throw new Error(`nobody is called ${name}`);
  return nc;
};
const names = [
  'gateway',
  'gateway-events',
  ...serviceNames.flatMap((service) => [service, `${service}-events`]),
  'subscriber-warehouse',
  'subscriber-search',
];

/** What somebody may want to publish, and the only identities that may; written down by hand, not taken from the source. */
const acts: [what: string, subject: string, may: string[]][] = [
  ['publish an order event', 'oms.order.v1.ord_9.cancelled', ['order-service-events']],
  ['publish a payment event', 'oms.payment.v1.pay_9.captured', ['payment-service-events']],
  ['publish a return event', 'oms.return.v1.ret_9.refunded', ['return-service-events']],
  [
    'publish an order event of the next major version',
    'oms.order.v2.ord_9.cancelled',
    ['order-service-events'],
  ],
  ['publish an event of an aggregate that nobody has', 'oms.invoice.v1.inv_9.sent', []],
  ['say that an event was stored', 'live.oms.order.v1.ord_9.cancelled', []],
  ['delete the stream', `$JS.API.STREAM.DELETE.${STREAM}`, []],
  ['purge the stream', `$JS.API.STREAM.PURGE.${STREAM}`, []],
  ['change the stream', `$JS.API.STREAM.UPDATE.${STREAM}`, []],
  ['delete a message', `$JS.API.STREAM.MSG.DELETE.${STREAM}`, []],
  ['delete the stream by the other prefix', `${API_PREFIX}.STREAM.DELETE.${STREAM}`, []],
  ['purge the stream by the other prefix', `${API_PREFIX}.STREAM.PURGE.${STREAM}`, []],
  ['read any message by its place', `${API_PREFIX}.DIRECT.GET.${STREAM}`, ['gateway-events']],
  [
    'look at the stream',
    `${API_PREFIX}.STREAM.INFO.${STREAM}`,
    ['gateway-events', ...serviceNames.map((service) => `${service}-events`)],
  ],
  ['make a consumer', `$JS.API.CONSUMER.CREATE.${STREAM}.mine`, []],
  ['make a consumer by the other prefix', `${API_PREFIX}.CONSUMER.CREATE.${STREAM}.mine`, []],
  ...[...serviceNames, 'warehouse', 'search'].flatMap((consumer) => {
    const owner = consumer.endsWith('-service') ? `${consumer}-events` : `subscriber-${consumer}`;
    return [
      [`read what ${consumer} reads`, `${API_PREFIX}.CONSUMER.MSG.NEXT.${STREAM}.${consumer}`, [owner]],
      [`look at ${consumer}'s consumer`, `${API_PREFIX}.CONSUMER.INFO.${STREAM}.${consumer}`, [owner]],
      [`acknowledge for ${consumer}`, `$JS.ACK.${STREAM}.${consumer}.1.1.1.1.0`, [owner]],
      [
        `acknowledge for ${consumer} in the long form`,
        `$JS.ACK._.x.${STREAM}.${consumer}.1.1.1.1.0.r`,
        [owner],
      ],
      [`delete ${consumer}'s consumer`, `$JS.API.CONSUMER.DELETE.${STREAM}.${consumer}`, []],
      [`delete it by the other prefix`, `${API_PREFIX}.CONSUMER.DELETE.${STREAM}.${consumer}`, []],
    ] as [string, string, string[]][];
  }),
  ['place an order', 'rpc.order.create', ['gateway']],
  [
    'read an order',
    'rpc.order.get',
    ['gateway', 'return-service', 'payment-service', 'notification-service'],
  ],
  ['read a return', 'rpc.return.get', ['gateway', 'payment-service', 'notification-service']],
  ['look up an API key', 'rpc.order.find_api_key', ['gateway']],
  ['ask for a payment token', 'rpc.order.payment_token', ['payment-service']],
  ['refund a payment', 'rpc.payment.refund', ['gateway']],
  ['answer the gateway', `${inboxPrefix('gateway')}.x`, [...serviceNames]],
  ['answer payment-service', `${inboxPrefix('payment-service')}.x`, ['order-service', 'return-service']],
  [
    'answer notification-service',
    `${inboxPrefix('notification-service')}.x`,
    ['order-service', 'return-service'],
  ],
  ['answer a subscriber', `${inboxPrefix('subscriber-search')}.x`, []],
  ['speak to the server', '$SYS.REQ.SERVER.PING', []],
];

/** What somebody may want to hear. */
const ears: [what: string, subject: string, queue: string | undefined, may: string[]][] = [
  ['hear everything', '>', undefined, []],
  ['hear all events', 'oms.>', undefined, []],
  ['hear what was stored', 'live.oms.>', undefined, ['gateway-events']],
  ['hear all requests', 'rpc.>', undefined, []],
  ['hear requests to order-service without its queue', 'rpc.order.create', undefined, []],
  ['hear requests to order-service in another queue', 'rpc.order.create', 'others', []],
  ['hear requests to order-service', 'rpc.order.create', 'order-service', ['order-service']],
  ['hear requests to payment-service', 'rpc.payment.refund', 'payment-service', ['payment-service']],
  ...names.map(
    (name) =>
      [`hear the answers to ${name}`, `${inboxPrefix(name)}.>`, undefined, [name]] as [
        string,
        string,
        undefined,
        string[],
      ],
  ),
  ['hear the advisories', '$JS.EVENT.>', undefined, []],
  ['hear the system', '$SYS.>', undefined, []],
];

it('knows exactly the identities that this matrix is about', () => {
  expect(broker.identities.map(({ name }) => name).sort()).toEqual([...names].sort());
});

/** What the server has logged as refused to an identity. */
const violations = (name: string): string[] =>
  broker.nats
    .log()
    .split('\n')
    .filter((line) => line.includes(' Violation ') && line.includes(broker.keys[name] ?? 'none'));

let marks = 0;
/** {@link violations} of all that `nc` has asked for up to now: the server logs in the order in which it is asked, and is read late. */
async function violationsSoFar(nc: NatsConnection, name: string): Promise<string[]> {
  const mark = `mark.${++marks}`;
  nc.publish(mark, '{}');
  await eventually('the log tells of it', () => violations(name).some((line) => line.includes(`"${mark}"`)));
  return violations(name).filter((line) => !line.includes('"mark.'));
}

/** The whole of what the stream holds and how far its readers are. */
async function state(): Promise<unknown> {
  const { state: stream, config } = await jsm.streams.info(STREAM, { subjects_filter: '>' });
  const consumers = await jsm.consumers.list(STREAM).next();
  return {
    stream: { messages: stream.messages, last: stream.last_seq, subjects: stream.subjects },
    config,
    consumers: consumers
      .map(({ name, ack_floor, delivered, num_ack_pending }) => ({
        name,
        ack: ack_floor.stream_seq,
        delivered: delivered.stream_seq,
        num_ack_pending,
      }))
      .sort((a, b) => a.name.localeCompare(b.name)),
  };
}

describe.each(names)('%s', (name) => {
  it('is refused whatever is not its own, and the server says so in its log', async () => {
    const before = await state();
    const nc = as(name);
    const forbidden = acts.filter(([, , may]) => !may.includes(name));
    for (const [, subject] of forbidden) nc.publish(subject, '{}', { reply: `${inboxPrefix(name)}.answer` });
    const deaf = ears.filter(([, , , may]) => !may.includes(name));
    const heard: string[] = [];
    for (const [what, subject, queue] of deaf)
      nc.subscribe(subject, {
        ...(queue && { queue }),
        callback: (error) => {
          if (!error) heard.push(what);
        },
      });
    await nc.flush();
    const logged = (verb: string, subject: string) =>
      violations(name).some((line) => line.includes(`${verb} Violation`) && line.includes(`"${subject}"`));
    await eventually('every refusal is in the log', () =>
      [
        ...forbidden.map(([, subject]) => logged('Publish', subject)),
        ...deaf.map(([, subject]) => logged('Subscription', subject)),
      ].every(Boolean),
    );
    expect(heard).toEqual([]);
    expect(await state()).toEqual(before);
  });

  it('cannot make the stream take an answer for an event', async () => {
    const before = await state();
    const nc = as(name);
    // Its own aggregate's events it may publish anyhow.
    const targets = [
      'oms.order.v1.ord_7.cancelled',
      'oms.payment.v1.pay_7.captured',
      'oms.return.v1.ret_7.refunded',
    ].filter(
      (subject) =>
        !acts.some(
          ([, own, may]) =>
            may.includes(name) && own.split('.')[1] === subject.split('.')[1] && own.startsWith('oms.'),
        ),
    );
    const mine = acts.filter(([, subject, may]) => may.includes(name) && !subject.startsWith('oms.'));
    for (const [, subject] of mine.filter(([what]) => !what.startsWith('acknowledge')))
      for (const reply of targets)
        nc.publish(subject, JSON.stringify({ seq: 1, batch: 1, no_wait: true }), { reply });
    await nc.flush();
    // One round trip to the stream's own account: whatever was on its way there has arrived.
    await jsm.streams.info(STREAM);
    const changed = (await state()) as { stream: unknown };
    expect(changed.stream).toEqual((before as { stream: unknown }).stream);
  });

  it('may do what is its own', async () => {
    const nc = as(name);
    const told = await violationsSoFar(nc, name);
    for (const [what, subject] of acts.filter(([, , may]) => may.includes(name))) {
      if (what.startsWith('publish')) {
        const { seq } = await jetstream(nc).publish(subject, '{}');
        expect(seq).toBeGreaterThan(1);
      } else if (what.startsWith('read what')) {
        const durable = subject.split('.').at(-1) ?? '';
        const consumer = await jetstream(nc, { apiPrefix: API_PREFIX }).consumers.get(STREAM, durable);
        const pending = (await jsm.consumers.info(STREAM, durable)).num_pending;
        if (pending > 0) {
          const message = await consumer.next({ expires: 60_000 });
          expect(await message?.ackAck()).toBe(true);
        }
      } else nc.publish(subject, '{"seq":1}', { reply: `${inboxPrefix(name)}.answer` });
    }
    for (const [, subject, queue] of ears.filter(([, , , may]) => may.includes(name)))
      nc.subscribe(subject, { ...(queue && { queue }), callback: () => {} });
    expect(await violationsSoFar(nc, name)).toEqual(told);
  });
});

it('a service that is asked for an answer elsewhere cannot give it there', async () => {
  const [service, gateway] = [await broker.connect('order-service'), as('gateway')];
  service.subscribe('rpc.order.get', {
    queue: 'order-service',
    callback: (_, message) => void message.respond('{"orderId":"forged"}'),
  });
  await service.flush();
  const before = await state();
  gateway.publish('rpc.order.get', '{}', { reply: 'oms.order.v1.ord_8.refunded' });
  await gateway.flush();
  await eventually('the server refuses the reply', () =>
    broker.nats.log().includes('Publish Violation - Subject "oms.order.v1.ord_8.refunded"'),
  );
  expect(await state()).toEqual(before);
  const answer = await gateway.request('rpc.order.get', '{}');
  expect(answer.json()).toEqual({ orderId: 'forged' });
});

it('nobody comes in without a name, with an unknown key or with a wrong password', async () => {
  const { url } = broker.nats;
  const stranger = nkeyAuthenticator(new TextEncoder().encode(newSeed()));
  for (const options of [
    {},
    { authenticator: stranger },
    { user: 'admin', pass: 'local' },
    { user: 'gateway' },
  ])
    await expect(connect({ servers: url, ...options, maxReconnectAttempts: 0 })).rejects.toThrow(
      /Authorization Violation/i,
    );
  expect(broker.nats.log()).toMatch(/authentication error/);
});

it('after a crash everybody is known again, and goes on', async () => {
  await broker.nats.crash();
  const nc = as('order-service-events');
  await eventually('the relay is connected', async () => (await nc.rtt().catch(() => -1)) >= 0);
  await eventually('its event is stored', () =>
    jetstream(nc)
      .publish('oms.order.v1.ord_5.placed', '{}', { msgID: 'after-crash' })
      .then(
        () => true,
        () => false,
      ),
  );
  await expect(connect({ servers: broker.nats.url, maxReconnectAttempts: 0 })).rejects.toThrow();
});

it('keeps its words off the wire where TLS is configured, and wants to see a certificate', async () => {
  const file = (name: string) => `${import.meta.dirname}/fixtures/${name}.pem`;
  const secure = await startBroker([], {
    cert: file('server'),
    key: file('server-key'),
    ca: file('ca'),
    client: { cert: file('client'), key: file('client-key') },
  });
  try {
    const nc = await secure.connect('order-service-events');
    expect((await jetstream(nc).publish('oms.order.v1.ord_1.placed', '{}')).seq).toBe(1);
    await expect(
      connect({
        servers: secure.nats.url,
        tls: { caFile: file('ca') },
        maxReconnectAttempts: 0,
        timeout: 1_000,
      }),
    ).rejects.toThrow();
  } finally {
    await secure.stop();
  }
});
