import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { jetstream } from '@nats-io/jetstream';
import { headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { STREAM } from '@oms/contracts';
import { provisionNats } from '../../deploy/nats/provision.ts';
import { startNatsPart, type Part } from '../../deploy/local/src/parts.ts';
import { newId } from '../src/ids.js';
import { Ingest } from '../src/inbox/ingest.js';
import { discard, redrive } from '../src/inbox/dead-letters.js';
import type { Ctx } from '../src/aggregate.js';
import { InboxWorker, type EventHandler } from '../src/inbox/work.js';
import type { Versions } from '../src/inbox/versions.js';
import { createLog } from '../src/log.js';
import { toHeaders } from '../src/messaging/cloud-events.js';
import { connectNats } from '../src/messaging/connect.js';
import { outboxInsert } from '../src/outbox/append.js';
import { Relay } from '../src/outbox/relay.js';
import { eventually } from '../src/testing/index.js';
import { UnitOfWork } from '../src/unit-of-work.js';
import { openShopSchema } from './shop-schema.ts';

let shop: Awaited<ReturnType<typeof openShopSchema>>;
let postgres: Part;
let nats: Part;
let orm: MikroORM;
let nc: NatsConnection;
let uow: UnitOfWork;
const log = createLog('test', 'silent');
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [shop, nats] = await Promise.all([
    openShopSchema({
      poolMax: 10,
      further: ['create table shop.seen (subject text, sequence int, event_id text)'],
    }),
    startNatsPart(),
  ]);
  ({ postgres, orm } = shop);
  await provisionNats(nats.url);
  nc = await connectNats({ config: { natsUrl: nats.url }, identity: 'test', log });
  uow = new UnitOfWork(orm);
});

afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await nc?.close();
  await Promise.all([shop?.close(), nats?.stop()]);
});

const sql = <T>(text: string, values: unknown[] = []) => uow.reader().execute<T[]>(text, values);

/** An aggregate of its own for each test, so that they do not see each other. */
const aggregate = () => newId('pay');

async function publish(
  id: string,
  sequence: number,
  options: {
    eventId?: string;
    msgId?: string;
    type?: string;
    data?: object;
    version?: number;
    body?: string;
  } = {},
): Promise<string> {
  const eventId = options.eventId ?? newId('evt');
  const headers = natsHeaders();
  const event = {
    id: eventId,
    type: options.type ?? 'payment.captured',
    version: options.version ?? 1,
    source: '/test',
    subject: id,
    aggregate: 'payment',
    sequence,
    time: new Date().toISOString(),
    correlationId: eventId,
    causationId: null,
    traceparent: null,
  };
  for (const [name, value] of Object.entries(toHeaders(event))) headers.set(name, value);
  await jetstream(nc).publish(
    `oms.payment.v1.${id}.captured`,
    options.body ?? JSON.stringify({ sequence, ...options.data }),
    {
      headers,
      msgID: options.msgId ?? newId('msg'),
    },
  );
  return eventId;
}

/** As staff do it, in one transaction. */
const asStaff = <T>(work: (ctx: Ctx) => Promise<T>): Promise<T> =>
  uow.run((em, after) =>
    work({
      em,
      after,
      wrote: () => {},
      schema: 'shop',
      service: 'test',
      now: new Date(),
      actor: { type: 'admin', id: 'root' },
      correlationId: 'test',
      causationId: null,
    }),
  );
const interesting = new Set(['payment.captured']);
const redriveOne = (eventId: string) =>
  asStaff((ctx) => redrive(ctx, { eventIds: [eventId] }, { perSecond: 50, interesting }));
const discardOne = (eventId: string, reason: string) => asStaff((ctx) => discard(ctx, eventId, reason));

const seen = async (id: string) =>
  (
    await sql<{ sequence: number }>('select sequence from shop.seen where subject = ? order by ctid', [id])
  ).map((row) => row.sequence);
const stateOf = async (eventId: string) =>
  (
    await sql<{ state: string; started_attempts: number; error: string }>(
      'select state, started_attempts, error from shop.inbox where event_id = ?',
      [eventId],
    )
  )[0];

describe('the inbox', () => {
  const poisoned = new Set<string>();
  const settled = new Map<string, unknown>();
  /** An event in its third version: first it said pence, then an amount, then in what currency. */
  const versions: Versions = {
    current: (type) => (type === 'payment.settled' ? 3 : 1),
    upcasters: {
      'payment.settled': {
        1: ({ pence, ...rest }: { pence: number }) => ({ ...rest, amount: pence }),
        2: (payload: object) => ({ ...payload, currency: 'GBP' }),
      },
    },
  };
  beforeAll(() => {
    const handler: EventHandler = async (event, { em }) => {
      await em.execute('insert into shop.seen values (?, ?, ?)', [event.subject, event.sequence, event.id]);
      if (poisoned.has(event.id)) throw new Error('this event is poison');
    };
    const worker = new InboxWorker({
      schema: 'shop',
      uow,
      databaseUrl: postgres.url,
      handlers: new Map([
        ['payment.captured', handler],
        ['payment.settled', async (event) => void settled.set(event.subject, event.data)],
      ]),
      versions,
      concurrency: 4,
      attempts: 3,
      log,
    });
    const ingest = new Ingest({
      nc,
      stream: STREAM,
      durable: 'order-service',
      schema: 'shop',
      uow,
      interesting: ['payment.captured', 'payment.settled'],
      versions,
      log,
      stored: () => worker.notify(),
    });
    worker.start();
    ingest.start();
    stops.push(
      () => worker.stop(),
      () => ingest.stop(),
    );
  });

  it('works off an event once, however often it is delivered', async () => {
    const id = aggregate();
    const eventId = await publish(id, 1);
    await publish(id, 1, { eventId });
    await publish(id, 1, { eventId });
    await publish(id, 2);
    await eventually('both are seen', async () => (await seen(id)).length === 2);
    expect(await seen(id)).toEqual([1, 2]);
  });

  it('waits for the predecessor of an event that came too early', async () => {
    const id = aggregate();
    await publish(id, 3);
    const second = await publish(id, 2);
    await eventually('the second is stored', async () => (await stateOf(second)) !== undefined);
    expect(await seen(id)).toEqual([]);
    await publish(id, 1);
    await eventually('all are seen', async () => (await seen(id)).length === 3);
    expect(await seen(id)).toEqual([1, 2, 3]);
  });

  it('lets an event without a handler only move the sequence on', async () => {
    const id = aggregate();
    await publish(id, 1, { type: 'payment.unheard_of' });
    await publish(id, 2);
    await eventually('the second is seen', async () => (await seen(id)).length === 1);
  });

  it('lets an event without a handler that comes too early wait, and free its follower when it was passed', async () => {
    const id = aggregate();
    await publish(id, 3);
    await publish(id, 2, { type: 'payment.unheard_of' });
    await publish(id, 1, { type: 'payment.unheard_of' });
    await eventually('the third is seen', async () => (await seen(id)).join() === '3');
  });

  it('parks a payload that Postgres can not hold, and its neighbours flow', async () => {
    const [id, other] = [aggregate(), aggregate()];
    const eventId = newId('evt');
    await publish(id, 1, { eventId, data: { note: 'a\u0000b' } });
    await publish(other, 1);
    await eventually('it is parked', async () => (await stateOf(eventId))?.state === 'parked');
    await eventually('the neighbour is seen', async () => (await seen(other)).length === 1);
  });

  it('parks an event that always fails after its attempts, with nothing of it left; others flow, its followers wait, and redrive sets them free', async () => {
    const [id, other] = [aggregate(), aggregate()];
    const eventId = newId('evt');
    poisoned.add(eventId);
    await publish(id, 1, { eventId });
    await publish(id, 2);
    await publish(other, 1);
    await eventually('the other aggregate flows', async () => (await seen(other)).length === 1);
    await eventually('it is parked', async () => (await stateOf(eventId))?.state === 'parked');
    expect(await stateOf(eventId)).toMatchObject({ started_attempts: 3, error: 'this event is poison' });
    expect(await seen(id)).toEqual([]);
    poisoned.delete(eventId);
    expect(await redriveOne(eventId)).toEqual({ redriven: 1, unreadable: 0 });
    expect(await redriveOne(eventId)).toEqual({ redriven: 0, unreadable: 0 });
    await eventually('both are seen in order', async () => (await seen(id)).join() === '1,2');
  });

  it('goes on after a discarded event, whose reason stays', async () => {
    const id = aggregate();
    const eventId = newId('evt');
    poisoned.add(eventId);
    await publish(id, 1, { eventId });
    await publish(id, 2);
    await eventually('it is parked', async () => (await stateOf(eventId))?.state === 'parked');
    expect(await discardOne(eventId, 'known to be wrong')).toBe(true);
    expect(await discardOne(eventId, 'twice')).toBe(false);
    await eventually('the follower is seen', async () => (await seen(id)).join() === '2');
    expect(
      await sql('select transition, reason, actor from shop.history where aggregate_id = ?', [eventId]),
    ).toEqual([{ transition: 'discard', reason: 'known to be wrong', actor: { type: 'admin', id: 'root' } }]);
  });

  it('passes a discarded event only in its turn, so that a predecessor that is late is not lost with it', async () => {
    const id = aggregate();
    const second = await publish(id, 2, { type: 'payment.captured', version: 7 });
    await publish(id, 3);
    await eventually('it is parked', async () => (await stateOf(second))?.state === 'parked');
    await discardOne(second, 'not ours');
    await publish(id, 1);
    await eventually('the others are seen', async () => (await seen(id)).join() === '1,3');
    expect((await stateOf(second))?.state).toBe('done');
  });

  it('parks an event of a major version that it does not know in its place, as it came, and only its aggregate waits', async () => {
    const [id, other] = [aggregate(), aggregate()];
    const eventId = await publish(id, 1, { version: 2, data: { shape: 'new' } });
    await publish(id, 2);
    await publish(other, 1);
    await eventually('it is parked', async () => (await stateOf(eventId))?.state === 'parked');
    await eventually('the other is seen', async () => (await seen(other)).length === 1);
    expect((await stateOf(eventId))?.error).toBe('major version 2 of payment.captured is not known');
    const [kept] = await sql<{ raw: string; agg_seq: number }>(
      `select convert_from(raw, 'utf8') as raw, agg_seq from shop.inbox where event_id = ?`,
      [eventId],
    );
    expect(kept).toEqual({ raw: '{"sequence":1,"shape":"new"}', agg_seq: 1 });
    expect(await seen(id)).toEqual([]);
    expect(await redriveOne(eventId)).toEqual({ redriven: 0, unreadable: 1 });
  });

  it('reads an older version as the current one would have said it, also of a row that was stored before', async () => {
    const [old, current, stored] = [aggregate(), aggregate(), aggregate()];
    await publish(old, 1, { type: 'payment.settled', version: 1, data: { pence: 250 } });
    await publish(current, 1, { type: 'payment.settled', version: 3, data: { amount: 99, currency: 'JPY' } });
    await sql(
      `insert into shop.inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, payload, headers)
       values (?, 'payment', ?, 1, 'payment.settled', '/test', '{"amount": 7}', '{"ce-type": "payment.settled.v2"}')`,
      [newId('evt'), stored],
    );
    for (const id of [old, current, stored])
      await eventually('it is handled', async () => settled.has(id), 60_000);
    expect(settled.get(old)).toMatchObject({ amount: 250, currency: 'GBP' });
    expect(settled.get(current)).toMatchObject({ amount: 99, currency: 'JPY' });
    expect(settled.get(stored)).toMatchObject({ amount: 7, currency: 'GBP' });
    const tooNew = await publish(aggregate(), 1, { type: 'payment.settled', version: 4 });
    await eventually('it is parked', async () => (await stateOf(tooNew))?.state === 'parked');
  });

  it('needs no version of an event that nobody here listens to', async () => {
    const id = aggregate();
    await publish(id, 1, { type: 'payment.unheard_of', version: 9 });
    await publish(id, 2);
    await eventually('the second is seen', async () => (await seen(id)).join() === '2');
  });

  it('takes a readable copy in the place of one that it could not read', async () => {
    const id = aggregate();
    const eventId = newId('evt');
    await publish(id, 1, { eventId, body: '{"cut of' });
    await eventually('it is parked', async () => (await stateOf(eventId))?.state === 'parked');
    await publish(id, 1, { eventId });
    await eventually('it is seen', async () => (await seen(id)).join() === '1');
  });

  it('redrives many at the pace that was asked, in the order in which they came', async () => {
    const ids = Array.from({ length: 5 }, aggregate);
    const events: string[] = [];
    for (const id of ids) {
      const eventId = newId('evt');
      poisoned.add(eventId);
      events.push(await publish(id, 1, { eventId }));
    }
    for (const eventId of events)
      await eventually('it is parked', async () => (await stateOf(eventId))?.state === 'parked', 60_000);
    for (const eventId of events) poisoned.delete(eventId);
    await asStaff((ctx) => redrive(ctx, { eventIds: events }, { perSecond: 2, interesting }));
    const times = await sql<{ at: string }>(
      `select extract(epoch from next_at - min(next_at) over ()) as at from shop.inbox where event_id = any(?::text[]) order by received_at, next_at`,
      [`{${events.join()}}`],
    );
    expect(times.map(({ at }) => Number(at))).toEqual([0, 0.5, 1, 1.5, 2]);
    for (const id of ids) await eventually('it is seen', async () => (await seen(id)).length === 1);
  });

  it('forgets nothing that its cursor has passed, when the row itself is long gone', async () => {
    const id = aggregate();
    const eventId = await publish(id, 1);
    await eventually('it is done', async () => (await stateOf(eventId))?.state === 'done');
    await sql('delete from shop.inbox where event_id = ?', [eventId]);
    await publish(id, 1, { eventId });
    await publish(id, 2);
    await eventually('the second is seen', async () => (await seen(id)).join() === '1,2');
    expect(await stateOf(eventId)).toBeUndefined();
  });

  it('parks what it can not read at once, and lives', async () => {
    await jetstream(nc).publish('oms.payment.v1.nobody.captured', '{not json');
    await eventually(
      'it is parked',
      async () =>
        (await sql('select 1 from shop.inbox where aggregate_id = ? and state = ?', ['nobody', 'parked']))
          .length === 1,
    );
    const id = aggregate();
    await publish(id, 1);
    await eventually('the next is seen', async () => (await seen(id)).length === 1);
  });

  it('counts the attempt of a handler that killed its process, and takes the row over from the dead', async () => {
    const id = aggregate();
    const eventId = newId('evt');
    await sql(
      `insert into shop.inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, state, payload, headers, started_attempts, owner)
       values (?, 'payment', ?, 1, 'payment.captured', '/test', 'running', '{}', '{}', 1, 424242)`,
      [eventId, id],
    );
    await eventually('it is done', async () => (await stateOf(eventId))?.state === 'done');
    expect((await stateOf(eventId))?.started_attempts).toBe(2);
  });
});

describe('the relay', () => {
  const append = (id: string, from: number, count: number) =>
    uow.run((em) => {
      const { text, values } = outboxInsert(
        'shop',
        Array.from({ length: count }, (_, index) => ({
          eventId: newId('evt'),
          aggregateType: 'order',
          aggregateId: id,
          sequence: from + index,
          subject: `oms.order.v1.${id}.placed`,
          type: 'order.placed',
          payload: { n: from + index },
          headers: { 'ce-sequence': String(from + index) },
        })),
      );
      return em.execute(text, values);
    });
  const stored = async (id: string): Promise<number[]> => {
    const numbers: number[] = [];
    const consumer = await jetstream(nc).consumers.get(STREAM, { filter_subjects: [`oms.order.v1.${id}.>`] });
    const { num_pending: pending } = await consumer.info();
    if (pending === 0) return numbers;
    for await (const message of await consumer.consume()) {
      numbers.push(message.json<{ n: number }>().n);
      if (message.info.pending === 0) break;
    }
    return numbers;
  };
  const unsent = async () =>
    Number(
      (await sql<{ n: string }>('select count(*) as n from shop.outbox where published_at is null'))[0]?.n,
    );

  it('publishes each aggregate in order, marks after the acknowledgement, and a second relay takes over when the first ends', async () => {
    const id = aggregate();
    const make = () => new Relay({ databaseUrl: postgres.url, schema: 'shop', stream: STREAM, nc, log });
    const [first, second] = [make(), make()];
    first.start();
    await append(id, 1, 50);
    first.notify();
    await eventually('all are sent', async () => (await unsent()) === 0);
    second.start();
    await first.stop();
    await append(id, 51, 50);
    second.notify();
    await eventually('the rest is sent', async () => (await unsent()) === 0);
    await second.stop();
    expect(await stored(id)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  it('killed between publishing and marking, publishes again and the stream keeps one', async () => {
    const id = aggregate();
    const relay = new Relay({ databaseUrl: postgres.url, schema: 'shop', stream: STREAM, nc, log });
    relay.start();
    await append(id, 1, 3);
    relay.notify();
    await eventually('all are sent', async () => (await unsent()) === 0);
    await sql('update shop.outbox set published_at = null where aggregate_id = ?', [id]);
    relay.notify();
    await eventually('all are marked again', async () => (await unsent()) === 0);
    await relay.stop();
    expect(await stored(id)).toEqual([1, 2, 3]);
  });
});

describe('the unit of work', () => {
  it('prepares a statement once and binds it from then on', async () => {
    const names = await uow.run(async (em) => {
      for (const value of [1, 2, 3]) await em.execute('select ?::int as once', [value]);
      return em.execute<object[]>(
        `select name from pg_prepared_statements where statement like 'select $1::int as once%'`,
      );
    });
    expect(names).toHaveLength(1);
  });

  it('leaves nothing and runs no hook when the commit fails', async () => {
    let hooked = false;
    await sql(
      'create table if not exists shop.checked (a int, constraint late unique (a) deferrable initially deferred)',
    );
    const work = uow.run(async (em, after) => {
      after(() => (hooked = true));
      await em.execute('insert into shop.checked values (1), (1)');
    });
    await expect(work).rejects.toThrow();
    expect(hooked).toBe(false);
    expect(await sql('select 1 from shop.checked')).toEqual([]);
  });
});
