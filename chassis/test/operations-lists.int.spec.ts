import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { expectPagesByIndex, making, ROWS } from '../../tests/ground/plans.ts';
import type { Aggregate } from '../src/aggregate.js';
import { NEW, saga } from '../src/machine/index.js';
import { deadLetterCalls } from '../src/operations/dead-letters.js';
import { sagaCalls } from '../src/operations/sagas.js';
import { UnitOfWork } from '../src/unit-of-work.js';
import { openShopSchema } from './shop-schema.ts';

const casesOf = (name: string) =>
  saga<object>()({
    name,
    steps: ['waiting', 'stuck', 'answered'],
    finished: ['answered'],
    attention: ['stuck'],
    rows: [{ from: NEW, on: 'order.placed', to: 'waiting', because: 'an answer is waited for' }],
  });
const aggregates = ['placing', 'paying'].map(
  (name) => ({ type: 'thing', saga: { table: casesOf(name) } }) as unknown as Aggregate,
);

/** Of the events one in a hundred is parked, of the cases one in a thousand waits for a person. */
const rows = [
  ...making,
  `insert into shop.inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, state, payload, headers, received_at, done_at, parked_at, discarded_at)
   select 'evt_' || n, 'thing', 'thg_' || n % 50000, 1 + n / 50000, case when n % 1000 = 0 then 'thing.lost' else 'thing.opened' end, '/shop',
       case when n % 100 = 0 then 'parked' else 'done' end, '{}', '{}', pg_temp.at(n), case when n % 100 <> 0 then pg_temp.at(n) end,
       case when n % 100 = 0 then pg_temp.at(n) end, case when n % 500 = 1 then pg_temp.at(n) end
     from generate_series(1, ${ROWS}) n`,
  `insert into shop.saga (id, kind, aggregate_id, state, step, data, steps, created_at)
   select pg_temp.born('sga', n), case when n % 2 = 0 then 'placing' else 'paying' end, 'thg_' || n, case when n < 500 then 'running' when n % 1000 = 7 then 'needs_attention' else 'finished' end,
       case when n < 500 then 'waiting' when n % 1000 = 7 then 'stuck' else 'answered' end, '{}', '[]', pg_temp.at(n)
     from generate_series(1, ${ROWS}) n`,
  `vacuum analyze shop.inbox`,
  `vacuum analyze shop.saga`,
];

let ground: { uow: UnitOfWork };
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  const opened = await openShopSchema({ poolMax: 4 });
  close = opened.close;
  ground = { uow: new UnitOfWork(opened.orm) };
  const client = new pg.Client({ connectionString: opened.postgres.url });
  await client.connect();
  for (const text of rows) await client.query(text);
  await client.end();
}, 300_000);
afterAll(() => close?.());

describe('dead letters are read by index', () => {
  it.each(
    Object.entries({
      parked: {},
      discarded: { state: 'discarded' },
      'of a type of many': { type: 'thing.opened' },
      'of a type of few': { type: 'thing.lost' },
      'of an aggregate': { aggregateType: 'thing', aggregateId: 'thg_100' },
    }),
  )('%s', (_, filter) => {
    const place = {
      service: 'order-service',
      schema: 'shop',
      interesting: new Set<string>(),
      redriven: () => {},
    } as const;
    return expectPagesByIndex(ground, deadLetterCalls(place)['dead_letters'] as never, filter);
  });
});

describe('sagas are read by index', () => {
  it.each(
    Object.entries({
      'without a filter': {},
      'of a state of many': { state: 'finished' },
      'of a state of few': { state: 'needs_attention' },
      'of a kind': { kind: 'placing' },
      'of a kind and a state': { kind: 'placing', state: 'running' },
      'of an aggregate': { aggregateId: 'thg_4242' },
    }),
  )('%s', (_, filter) => {
    const place = { schema: 'shop', aggregates, uow: ground.uow };
    return expectPagesByIndex(ground, sagaCalls(place)['sagas'] as never, filter);
  });
});
