import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { bornAt, expectPagesByIndex, making, ROWS } from '../../../tests/ground/plans.ts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { listReturns } from '../src/features/read-returns.js';
import { returnModule } from '../src/return.module.js';

/** The newest returns are open, most are refunded, one in fifty came too late. */
const returns = [
  ...making,
  `insert into returns.return (id, number, order_id, customer_id, currency, external_ref, status, version, event_seq, status_times, metadata,
       refund_method, policy_version, refund_amount, payment_refunds, refund_ids, created_at, updated_at)
   select pg_temp.born('ret', n), 'RET-' || n, 'ord_' || n % 100000, case when n % 100 = 0 then 'cus_big' else 'cus_' || n % 20000 end, 'GBP',
       'ref-' || n, case when n < 500 then 'initiated' when n < 2000 then 'approved' when n < 2500 then 'received' when n % 50 = 0 then 'rejected' else 'refunded' end,
       3, 3, '{}', '{}', 'original', 'standard', case when n < 2500 then null else (n * 7919) % 100000 end, '[]', '[]', pg_temp.at(n), pg_temp.at(n)
     from generate_series(1, ${ROWS}) n`,
  `insert into returns.return_item (id, return_id, position, order_item_id, sku, status, quantity, reason, held, returned)
   select 'rit_' || n, pg_temp.born('ret', n), 0, 'itm_' || n, 'SKU-' || n % 4000, 'returned', 1,
       case when n % 10000 = 7 then 'arrived_late' when n % 3 = 0 then 'defective' else 'changed_mind' end, 0, 1
     from generate_series(1, ${ROWS}) n`,
  `vacuum analyze returns.return`,
  `vacuum analyze returns.return_item`,
];

let ground: ServiceGround;
beforeAll(async () => {
  ground = await startGround(returnModule);
  const client = new pg.Client({ connectionString: ground.databaseUrl });
  await client.connect();
  for (const text of returns) await client.query(text);
  await client.end();
}, 300_000);
afterAll(() => ground?.stop());

const filters: Record<string, object> = {
  'no filter': {},
  'a status of many': { status: 'refunded' },
  'a status of few': { status: 'received' },
  'states whose returns are all old or all new': { status: ['initiated', 'rejected'] },
  'an order': { orderId: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha' },
  'a customer': { customerId: 'cus_77' },
  'a customer of 2,000 returns': { customerId: 'cus_big' },
  'an external reference': { externalRef: 'ref-777' },
  'a reason of many': { reason: 'defective' },
  'a reason of few': { reason: 'arrived_late' },
  'a reason of none': { reason: 'wrong_item' },
  'a status and a reason': { status: 'rejected', reason: 'changed_mind' },
  'a day': { createdAfter: bornAt(3000), createdBefore: bornAt(2280) },
};

describe.each(Object.entries(filters))('with %s', (_, filter) => {
  it.each(['createdAt', '-createdAt', 'total', '-total'])(
    'sorted by %s, returns are read by index, for staff and for a customer',
    async (sort) => {
      await expectPagesByIndex(ground, listReturns, { ...filter, sort });
      const caller = { type: 'customer', id: 'cus_77' } as const;
      await expectPagesByIndex(ground, listReturns, { ...filter, sort }, { caller });
    },
  );
});
