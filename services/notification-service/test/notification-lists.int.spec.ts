import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import {
  bornAt,
  expectCommandByIndex,
  expectPagesByIndex,
  making,
  ROWS,
} from '../../../tests/ground/plans.ts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { listMessages } from '../src/features/read-messages.js';
import { listSuppressions } from '../src/features/suppressions.js';
import { listWebhooks } from '../src/features/webhooks/endpoints.js';
import { listDeliveries } from '../src/features/webhooks/read-deliveries.js';
import { resendCommands } from '../src/features/webhooks/resend-deliveries.js';
import { testModule } from './settings.ts';

const WEBHOOK = 'whk_01jd3z6q8kf5v9c2x7m4t0b1ha';
const OTHER = 'whk_01jd3z6q8kf5v9c2x7m4t0b1hb';

/** Messages, suppressed addresses, events, and two endpoints that got all of them: nearly every delivery came through. */
const rows = [
  ...making,
  `insert into notifications.message (id, event_id, template, recipient, order_id, return_id, status, created_at, customer_id)
   select pg_temp.born('msg', n), 'evt_' || n, 'order_placed', 'jane' || n % 20000 || '@example.com', 'ord_' || n % 50000,
       case when n % 20 = 0 then 'ret_' || n end, case when n < 200 then 'queued' when n % 1000 = 7 then 'failed' else 'sent' end, pg_temp.at(n), 'cus_' || n % 20000
     from generate_series(1, ${ROWS}) n`,
  `insert into notifications.suppressed_address (address, reason, created_at)
   select 'gone' || n || '@example.com', 'bounced', pg_temp.at(n) from generate_series(1, ${ROWS}) n`,
  `insert into notifications.inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, state, payload, headers, received_at, done_at)
   select 'evt_' || n, 'order', 'ord_' || n, 1, case when n % 2000 = 7 then 'order.returned' else 'order.placed' end, '/oms/order-service', 'done', '{}', '{}', pg_temp.at(n), pg_temp.at(n)
     from generate_series(1, ${ROWS}) n`,
  ...[WEBHOOK, OTHER].flatMap((endpoint) => [
    `insert into notifications.webhook_endpoint (id, url, events, metadata, secrets, created_by, created_at, updated_at)
     values ('${endpoint}', 'https://warehouse.example/', '{*}', '{}', '[]', 'anna', now(), now())`,
    `insert into notifications.webhook_delivery (endpoint_id, event_id, type, status, attempts, next_at, created_at)
     select '${endpoint}', 'evt_' || n, case when n % 2000 = 7 then 'order.returned' else 'order.placed' end,
         case when n < 20 then 'pending' when n % 2000 < 3 then 'failed' else 'succeeded' end, 1, null, pg_temp.at(n)
       from generate_series(1, ${ROWS / 2}) n`,
  ]),
  ...['message', 'suppressed_address', 'inbox', 'webhook_delivery', 'webhook_endpoint'].map(
    (table) => `vacuum analyze notifications.${table}`,
  ),
];

let ground: ServiceGround;
beforeAll(async () => {
  ground = await startGround(testModule());
  const client = new pg.Client({ connectionString: ground.databaseUrl });
  await client.connect();
  for (const text of rows) await client.query(text);
  await client.end();
}, 300_000);
afterAll(() => ground?.stop());

describe('messages are read by index', () => {
  it.each(
    Object.entries({
      'without a filter': {},
      'of an order': { orderId: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha' },
      'of a return': { returnId: 'ret_01jd3z6q8kf5v9c2x7m4t0b1ha' },
      'to an address': { recipient: 'Jane77@example.com' },
      'to a customer': { recipient: 'cus_77' },
      'of a status of many': { status: 'sent' },
      'of a status of few': { status: 'failed' },
      'of several': { status: ['queued', 'failed'] },
    }),
  )('%s', async (_, filter) => {
    for (const sort of ['createdAt', '-createdAt'])
      await expectPagesByIndex(ground, listMessages, { ...filter, sort });
  });
});

it('suppressed addresses are read by index', () => expectPagesByIndex(ground, listSuppressions, {}));

it('endpoints are read by index', () =>
  expectPagesByIndex(ground, listWebhooks, {}, { small: ['webhook_endpoint'] }));

describe('the deliveries of an endpoint are read by index', () => {
  it.each(
    Object.entries({
      'without a filter': {},
      'of a status of many': { status: 'succeeded' },
      'of a status of few': { status: 'failed' },
      'of several': { status: ['pending', 'failed'] },
      'of a type of many': { type: 'order.placed' },
      'of a type of few': { type: 'order.returned' },
      'of a type of none': { type: 'order.nothing' },
      'of a status and a type': { status: 'failed', type: 'order.placed' },
    }),
  )('%s', (_, filter) =>
    expectPagesByIndex(
      ground,
      listDeliveries,
      { webhookId: WEBHOOK, ...filter },
      { small: ['webhook_endpoint'] },
    ),
  );
});

it.each(['failed', 'all'] as const)('what goes again of a time, %s, is found by index', (only) =>
  expectCommandByIndex(
    ground,
    resendCommands({ kick() {} } as never).resendRange,
    { webhookId: WEBHOOK, after: bornAt(3000), before: bornAt(2280), only },
    ['webhook_endpoint'],
  ),
);
