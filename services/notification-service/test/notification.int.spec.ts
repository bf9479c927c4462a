import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { newId } from '@oms/chassis';
import { eventually } from '@oms/chassis/testing';
import { eventSubject, ownerOf, type MessageView } from '@oms/contracts';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { startNatsPart, type Part } from '../../../deploy/local/src/parts.ts';
import { provisionNats } from '../../../deploy/nats/provision.ts';
import { identityEnvironment } from '../../../tests/ground/identities.ts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { isAnnounced } from '../src/domain/announcements.js';
import { listMessages } from '../src/features/read-messages.js';
import { testModule } from './settings.js';
import { eventNames, sample, type Sample } from './samples.js';

let ground: ServiceGround;
let nats: Part;
let nc: NatsConnection;
let service: ChildProcess | undefined;

beforeAll(async () => {
  [ground, nats] = await Promise.all([startGround(testModule()), startNatsPart()]);
  await provisionNats(nats.url);
  nc = await connect({ servers: nats.url });
  startService();
});
afterAll(async () => {
  await crash();
  await nc?.close();
  await Promise.all([ground?.stop(), nats?.stop()]);
});

const identities = identityEnvironment('notification-service');

/** The real process, on the broker and the tables of this test. */
function startService(): void {
  service = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, '../dist/main.js')], {
    env: {
      ...process.env,
      ...identities,
      DATABASE_URL: ground.databaseUrl,
      NATS_URL: nats.url,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
async function crash(): Promise<void> {
  if (!service) return;
  const ended = new Promise<void>((done) => service?.once('exit', () => done()));
  service.kill('SIGKILL');
  await ended;
}

interface Delivery extends Sample {
  eventId: string;
  sequence: number;
}
const first = (one: Sample, sequence = 1): Delivery => ({ ...one, eventId: newId('evt'), sequence });

/** Puts an event on the stream, past the broker's own deduplication. */
async function deliver({ name, id, data, eventId, sequence }: Delivery): Promise<void> {
  const headers = natsHeaders();
  const attributes = {
    'ce-specversion': '1.0',
    'ce-id': eventId,
    'ce-type': `${name}.v1`,
    'ce-source': '/oms/test',
    'ce-subject': id,
    'ce-time': new Date().toISOString(),
    'ce-sequence': String(sequence),
  };
  for (const [header, value] of Object.entries(attributes)) headers.set(header, value);
  await jetstream(nc).publish(eventSubject(ownerOf(name), id, name), JSON.stringify(data), { headers });
}

const messagesOf = (eventId: string) =>
  ground.sql<{ template: string; recipient: string | null }>(
    `select template, recipient from notifications.message where event_id = ?`,
    [eventId],
  );

/** Waits until the events are worked through. */
const done = (deliveries: readonly Delivery[]) =>
  eventually(
    'the events are worked through',
    async () => {
      const ids = JSON.stringify(deliveries.map((one) => one.eventId));
      const rows = await ground.sql(
        `select event_id from notifications.inbox where state = 'done' and event_id in (select jsonb_array_elements_text(?::jsonb))`,
        [ids],
      );
      return rows.length === deliveries.length;
    },
    90_000,
  );

/** Waits also until nothing is left to read from the stream, so that every delivery has come in. */
async function worked(deliveries: readonly Delivery[]): Promise<void> {
  await done(deliveries);
  await eventually('the stream is read to its end', async () => {
    const consumer = await jetstream(nc).consumers.get('OMS', 'notification-service');
    const { num_pending, num_ack_pending } = await consumer.info();
    return num_pending + num_ack_pending === 0;
  });
}

describe('an event that is delivered three times', () => {
  it('makes one message where customers hear of it, and none where they do not', async () => {
    const deliveries = eventNames.map((name) => first(sample(name)));
    for (let times = 0; times < 3; times += 1) await Promise.all(deliveries.map(deliver));
    await worked(deliveries);
    for (const { name, eventId } of deliveries) {
      const wanted = isAnnounced(name) ? [{ template: name }] : [];
      expect(await messagesOf(eventId)).toMatchObject(wanted);
    }
  });

  it('makes one message also when it comes again after its message was made', async () => {
    const confirmed = first(sample('order.confirmed'));
    await deliver(confirmed);
    await worked([confirmed]);
    await deliver(confirmed);
    await deliver(confirmed);
    await worked([confirmed]);
    expect(await messagesOf(confirmed.eventId)).toHaveLength(1);
  });
});

describe('the list of messages', () => {
  const list = async (question: object): Promise<{ data: MessageView[]; nextCursor: string | null }> => {
    const reply = await ground.send(listMessages, question);
    if (!reply.ok) throw new Error(reply.failure.code);
    return reply.body as { data: MessageView[]; nextCursor: string | null };
  };

  it('is paged newest first without a gap or a repetition, also over messages of one moment', async () => {
    const told = sample('order.cancelled');
    const deliveries = Array.from({ length: 7 }, (_, index) => first(told, index + 1));
    for (const delivery of deliveries) await deliver(delivery);
    await worked(deliveries);
    await ground.sql(
      `update notifications.message set created_at = date_trunc('hour', created_at) where order_id = ?`,
      [told.id],
    );
    const read: MessageView[] = [];
    let cursor: string | null = null;
    do {
      const page = await list({ orderId: told.id, limit: 3, ...(cursor ? { cursor } : {}) });
      read.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor);
    expect(read.map((one) => one.eventId).sort()).toEqual(deliveries.map((one) => one.eventId).sort());
    expect(read.map((one) => one.id)).toEqual(
      read
        .map((one) => one.id)
        .sort()
        .reverse(),
    );
  });

  it('answers under its filters, and everything without one', async () => {
    const told = first(sample('return.refund_failed'));
    await deliver(told);
    await worked([told]);
    const { data } = await list({ returnId: told.id });
    expect(data).toMatchObject([
      { eventId: told.eventId, recipient: 'staff', returnId: told.id, template: 'return.refund_failed' },
    ]);
    expect((await list({ recipient: 'staff', returnId: told.id })).data.map((one) => one.id)).toEqual(
      data.map((one) => one.id),
    );
    expect((await list({ recipient: 'cus_42', returnId: told.id })).data).toEqual([]);
    expect((await list({ limit: 200 })).data.length).toBeGreaterThan(1);
  });

  it('refuses a cursor that belongs to other filters', async () => {
    const { nextCursor } = await list({ limit: 1 });
    const reply = await ground.send(listMessages, { limit: 1, cursor: nextCursor, recipient: 'staff' });
    expect(reply).toMatchObject({ ok: false, failure: { code: 'malformed_cursor' } });
  });
});

it('of events delivered three times to a service that is killed again and again, each makes one message', async () => {
  const deliveries = Array.from({ length: 300 }, (_, index) =>
    first(sample(index % 2 ? 'order.shipment_created' : 'return.refunded')),
  );
  const count = async () => (await ground.sql('select id from notifications.message')).length;
  const all = (await count()) + deliveries.length;
  for (let round = 0; round < 3; round += 1) {
    const before = await count();
    await Promise.all(deliveries.map(deliver));
    if (round < 2)
      // Looked at late, it may have made nearly all of them in the round before.
      await eventually(
        'it is in the middle of it',
        async () => (await count()) >= Math.min(before + 20, all),
      );
    await crash();
    startService();
  }
  await done(deliveries);
  for (const { eventId } of deliveries) expect(await messagesOf(eventId)).toHaveLength(1);
}, 240_000);
