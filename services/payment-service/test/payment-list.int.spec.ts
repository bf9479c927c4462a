import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { bornAt, expectPagesByIndex, making, ROWS } from '../../../tests/ground/plans.ts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { listPayments } from '../src/features/read-payments.js';
import { paymentModule } from '../src/payment.module.js';

/** The newest payments are open, most are captured; nearly all went through one provider. */
const payments = [
  ...making,
  `insert into payments.payment (id, status, version, event_seq, status_times, created_at, updated_at, order_id, customer_id, method, provider, capture,
       currency, amount, authorized_amount, captured_amount, refunded_amount, capturing_amount, captures, abandoned, metadata, refunds)
   select pg_temp.born('pay', n), case when n < 500 then 'pending' when n < 2000 then 'authorized' when n % 40 = 0 then 'failed' else 'captured' end,
       3, 3, '{}', pg_temp.at(n), pg_temp.at(n), 'ord_' || n % 100000, case when n % 100 = 0 then 'cus_big' else 'cus_' || n % 20000 end, 'card',
       case when n % 5000 = 7 then 'manual' else 'sandbox' end, 'automatic', 'GBP', 1 + (n * 7919) % 100000, 0, 0, 0, 0, 0, false, '{}', '[]'
     from generate_series(1, ${ROWS}) n`,
  `insert into payments.provider_call (payment_id, operation, key, amount, outcome, at)
   select pg_temp.born('pay', n), 'authorize', 'key-' || n, 1, 'succeeded', pg_temp.at(n) from generate_series(1, ${ROWS}) n`,
  `vacuum analyze payments.payment`,
  `vacuum analyze payments.provider_call`,
];

let ground: ServiceGround;
beforeAll(async () => {
  ground = await startGround(paymentModule({ providerUrl: 'http://127.0.0.1:1', reconcileEveryS: 3600 }));
  const client = new pg.Client({ connectionString: ground.databaseUrl });
  await client.connect();
  for (const text of payments) await client.query(text);
  await client.end();
}, 300_000);
afterAll(() => ground?.stop());

const filters: Record<string, object> = {
  'no filter': {},
  'a status of many': { status: 'captured' },
  'a status of few': { status: 'authorized' },
  'states whose payments are all old or all new': { status: ['pending', 'failed'] },
  'an order': { orderId: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha' },
  'a customer': { customerId: 'cus_77' },
  'a customer of 2,000 payments': { customerId: 'cus_big' },
  'the provider of nearly all': { provider: 'sandbox' },
  'a provider of few': { provider: 'manual' },
  'a provider of none': { provider: 'nobody' },
  'a day': { createdAfter: bornAt(3000), createdBefore: bornAt(2280) },
};

describe.each(Object.entries(filters))('with %s', (_, filter) => {
  it.each(['createdAt', '-createdAt', 'total', '-total'])(
    'sorted by %s, payments are read by index, for staff and for a customer',
    async (sort) => {
      await expectPagesByIndex(ground, listPayments, { ...filter, sort });
      const caller = { type: 'customer', id: 'cus_77' } as const;
      await expectPagesByIndex(ground, listPayments, { ...filter, sort }, { caller });
    },
  );
});
