import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { metricsOf } from '../src/backlog/metrics.js';
import { Retention } from '../src/backlog/retention.js';
import { BacklogWatch } from '../src/backlog/watch.js';
import { query, type Command } from '../src/command.js';
import { Executor } from '../src/execute.js';
import { createLog } from '../src/log.js';
import { UnitOfWork } from '../src/unit-of-work.js';
import { openShopSchema } from './shop-schema.ts';

let shop: Awaited<ReturnType<typeof openShopSchema>>;
let orm: MikroORM;
let uow: UnitOfWork;
const log = createLog('test', 'silent');

beforeAll(async () => {
  shop = await openShopSchema({ poolMax: 4 });
  ({ orm } = shop);
  uow = new UnitOfWork(orm);
});
afterAll(async () => {
  await shop?.close();
});

const sql = <T>(text: string, values: unknown[] = []) => uow.reader().execute<T[]>(text, values);
const ids = async (table: string, column = 'event_id') =>
  (await sql<{ id: string }>(`select ${column} as id from shop.${table} order by 1`)).map((row) => row.id);

/** `count` events of an aggregate, as old and as far as asked. */
const outbox = (name: string, count: number, created: string, published: string | null) =>
  sql(
    `insert into shop.outbox (event_id, aggregate_type, aggregate_id, agg_seq, subject, type, payload, headers, created_at, published_at)
     select '${name}-' || n, 'order', '${name}', n, 's', 't', '{}', '{}', now() - interval '${created}', ${published === null ? 'null' : `now() - interval '${published}'`}
       from generate_series(1, ${count}) n`,
  );
const inbox = (name: string, seq: number, state: string, age: string) =>
  sql(
    `insert into shop.inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, state, headers, received_at, done_at, parked_at)
     values ('${name}', 'order', '${name.split('-')[0]}', ${seq}, 't', '/x', '${state}', '{}', now() - interval '${age}',
             ${state === 'done' ? `now() - interval '${age}'` : 'null'}, ${state === 'parked' ? `now() - interval '${age}'` : 'null'})`,
  );

describe('retention', () => {
  it('deletes what is sent, done or answered and past its time, in batches; never what is unsent, open, parked or discarded', async () => {
    await outbox('old', 1_200, '40 days', '40 days');
    await outbox('unsent', 3, '40 days', null);
    await outbox('young', 2, '1 day', '1 day');
    await inbox('a-1', 1, 'done', '40 days');
    await inbox('b-1', 1, 'parked', '40 days');
    await inbox('b-2', 2, 'new', '40 days');
    await inbox('c-1', 1, 'done', '1 day');
    await inbox('d-1', 1, 'done', '40 days');
    await sql(`update shop.inbox set discarded_at = now() - interval '40 days' where event_id = 'd-1'`);
    await sql(
      `insert into shop.idempotency (scope, key, caller, body_hash, created_at)
       values ('s', 'old', 'c', 'h', now() - interval '49 hours'), ('s', 'young', 'c', 'h', now() - interval '25 hours')`,
    );
    const retention = new Retention({
      uow,
      schema: 'shop',
      rules: { outboxDays: 30, inboxDays: 30, idempotencyHours: 48 },
      everyMs: 60_000,
      log,
    });
    await Promise.all([retention.prune(), retention.prune()]);
    await retention.prune();
    expect(await ids('outbox')).toEqual(['unsent-1', 'unsent-2', 'unsent-3', 'young-1', 'young-2']);
    expect(await ids('inbox')).toEqual(['b-1', 'b-2', 'c-1', 'd-1']);
    expect(await ids('idempotency', 'key')).toEqual(['young']);
    expect(retention.pruned).toEqual({ outbox: 1_200, inbox: 1, idempotency: 1 });
    await sql('delete from shop.outbox');
    await sql('delete from shop.inbox');
  });
});

describe('the backlog', () => {
  const watchOf = (limits = { outboxAgeS: 60, inboxDepth: 3 }) =>
    new BacklogWatch({ reader: () => uow.reader(), schema: 'shop', limits, everyMs: 60_000, log });

  const caller = { type: 'staff', id: 'sam', scopes: null } as const;
  const write: Command = {
    kind: 'command',
    name: 'order.write',
    access: 'staff',
    schema: z.object({}),
    run: async () => ({ body: {} }),
  };
  const mend: Command = { ...write, mends: true };
  const read = query({ name: 'order.read', schema: z.object({}), run: async () => ({ body: {} }) });
  const outcome = async (watch: BacklogWatch, work: Command | typeof read) => {
    const executor = new Executor({
      uow,
      schema: 'shop',
      service: 'shop',
      log,
      pressure: () => watch.pressure(),
      wrote: () => {},
    });
    const reply = await executor.execute(work, {
      body: {},
      actor: caller,
      requestId: null,
      idempotencyKey: null,
      idempotencyScope: null,
      ifMatch: null,
    });
    return reply.ok ? 'taken' : `${reply.failure.code}, again in ${reply.failure.extra.retryAfterS} s`;
  };

  it('refuses new work while an event waits too long to be published, and goes on reading and mending', async () => {
    const watch = watchOf();
    await watch.look();
    expect(await outcome(watch, write)).toBe('taken');
    await outbox('stuck', 1, '61 seconds', null);
    await watch.look();
    expect(watch.pressure()).toMatch(/^the oldest event waits for \d{2,} s to be published$/);
    expect(await outcome(watch, write)).toBe('under_pressure, again in 5 s');
    expect(await outcome(watch, mend)).toBe('taken');
    expect(await outcome(watch, read)).toBe('taken');
    await sql('delete from shop.outbox');
    await watch.look();
    expect(await outcome(watch, write)).toBe('taken');
  });

  it('refuses new work while too many events wait to be handled, until it is well below', async () => {
    const watch = watchOf({ outboxAgeS: 60, inboxDepth: 4 });
    for (const n of [1, 2, 3, 4, 5]) await inbox(`deep-${n}`, n, 'new', '0 seconds');
    await watch.look();
    expect(watch.pressure()).toBe('5 events wait to be handled');
    await sql(`delete from shop.inbox where event_id = 'deep-5'`);
    await watch.look();
    expect(watch.pressure()).toBe('4 events wait to be handled');
    await sql(`delete from shop.inbox where event_id = 'deep-4'`);
    await watch.look();
    expect(watch.pressure()).toBeNull();
    await sql('delete from shop.inbox');
  });

  it('names the aggregate whose sequence has a gap, and not one that waits behind a dead letter or has just come', async () => {
    await inbox('gap-7', 7, 'new', '1 minute');
    await inbox('parked-1', 1, 'parked', '1 minute');
    await inbox('parked-2', 2, 'new', '1 minute');
    // As if it came a minute ahead: however long this test takes, it stays too young for a gap.
    await inbox('early-3', 3, 'new', '-1 minute');
    const told: object[] = [];
    const loud = { ...log, error: (fields: object) => told.push(fields) } as unknown as typeof log;
    const watch = new BacklogWatch({
      reader: () => uow.reader(),
      schema: 'shop',
      limits: { outboxAgeS: 60, inboxDepth: 100 },
      everyMs: 60_000,
      log: loud,
    });
    await watch.look();
    await watch.look();
    expect(told).toEqual([{ aggregateType: 'order', aggregateId: 'gap', missing: 1 }]);
    const text = await metricsOf({
      schema: 'shop',
      standing: () => watch.last(),
      underPressure: () => false,
      relayLeads: () => true,
      pool: async () => ({ total: 4, idle: 3, waiting: 0 }),
      pruned: () => ({ outbox: 7 }),
      streamLost: () => 0,
      own: [{ name: 'of_its_own', help: 'A figure of the business', read: async () => 7 }],
    })();
    for (const line of [
      'oms_inbox_sequence_gap{aggregate_type="order",aggregate_id="gap",schema="shop"} 1',
      'oms_inbox_open{schema="shop"} 3',
      'oms_dead_letters{schema="shop"} 1',
      'oms_relay_leads{schema="shop"} 1',
      'oms_of_its_own{schema="shop"} 7',
      'oms_pool_connections{state="idle",schema="shop"} 3',
      'oms_retention_pruned_rows{table="outbox",schema="shop"} 7',
    ])
      expect(text).toContain(line);
    expect(Number(/oms_dead_letters_oldest_seconds\S* ([\d.]+)/.exec(text)?.[1])).toBeGreaterThan(59);
    await sql('delete from shop.inbox');
  });
});
