import { jetstream } from '@nats-io/jetstream';
import { STREAM } from '@oms/contracts';
import pg from 'pg';
import { readRunFile } from './run-file.ts';
import { connectAs } from '../../deploy/nats/connect.ts';

/** The same sums, told by every book that keeps them: each service's schema, the provider's ledger, the events in the stream. */
const run = readRunFile();
const client = new pg.Client({ connectionString: run.postgres.url });
await client.connect();
const one = async (sql: string): Promise<number> =>
  Number(Object.values(((await client.query(sql)).rows[0] ?? {}) as object)[0] ?? 0);

const ledger = (
  (await (await fetch(`${run['payment-sandbox'].url}/ledger`)).json()) as {
    data: { operation: string; amount: number; outcome: string }[];
  }
).data;
const moved = (operation: string) =>
  ledger
    .filter((row) => row.operation === operation && row.outcome === 'succeeded')
    .reduce((sum, row) => sum + row.amount, 0);

const nc = await connectAs(run.nats.admin ?? run.nats.url);
const told = { captured: 0, refunded: 0, returned: 0, placed: 0 };
const next = new Map<string, number>();
let gaps = 0;
let messages = 0;
const consumer = await jetstream(nc).consumers.get(STREAM);
const { num_pending: waiting } = await consumer.info();
if (waiting > 0) {
  for await (const message of await consumer.consume({ max_messages: 1000 })) {
    messages += 1;
    const data = message.json<Record<string, number>>();
    const [, aggregate, , id, event] = message.subject.split('.');
    const sequence = Number(message.headers?.get('ce-sequence'));
    const expected = next.get(id ?? '') ?? 1;
    if (sequence !== expected) gaps += 1;
    next.set(id ?? '', sequence + 1);
    if (aggregate === 'order' && event === 'placed') told.placed += 1;
    if (aggregate === 'payment' && event === 'captured') told.captured += data['captureAmount'] ?? 0;
    if (aggregate === 'payment' && event === 'refunded') told.refunded += data['refundAmount'] ?? 0;
    if (aggregate === 'return' && event === 'refunded') told.returned += data['amount'] ?? 0;
    if (message.info.pending === 0) break;
  }
}
await nc.close();

const schemas = ['orders', 'returns', 'payments', 'notifications'];
const each = async (sql: (schema: string) => string) =>
  (await Promise.all(schemas.map((schema) => one(sql(schema))))).reduce((sum, value) => sum + value, 0);
const rows: [string, ...number[]][] = [
  ['orders: schema, stream', await one('select count(*) from orders.orders'), told.placed],
  [
    'captured: payments, ledger, stream',
    await one('select sum(captured_amount) from payments.payment'),
    moved('capture'),
    told.captured,
  ],
  [
    'refunded: payments, ledger, stream',
    await one('select sum(refunded_amount) from payments.payment'),
    moved('refund'),
    told.refunded,
  ],
  [
    'refunded for returns: returns, stream',
    await one(`select sum(refund_amount) from returns.return where status = 'refunded'`),
    told.returned,
  ],
  [
    'units back: orders, returns',
    await one('select sum(returned) from orders.order_item'),
    await one('select sum(returned) from returns.order_line_snapshot'),
  ],
  ['events: outboxes, stream', await each((schema) => `select count(*) from "${schema}".outbox`), messages],
  ['sequences with a gap or out of order', gaps, 0],
  [
    'unsent outbox rows',
    await each((schema) => `select count(*) from "${schema}".outbox where published_at is null`),
    0,
  ],
  [
    'inbox rows not done',
    await each((schema) => `select count(*) from "${schema}".inbox where state <> 'done'`),
    0,
  ],
  [
    'sagas that need attention',
    await each((schema) => `select count(*) from "${schema}".saga where state = 'needs_attention'`),
    0,
  ],
];
await client.end();
let agreed = true;
for (const [what, ...sums] of rows) {
  const same = sums.every((sum) => sum === sums[0]);
  agreed &&= same;
  console.log(
    `${same ? 'ok  ' : 'DIFF'} ${what.padEnd(42)} ${sums.map((sum) => sum.toLocaleString('en-GB')).join('   ')}`,
  );
}
process.exitCode = agreed ? 0 : 1;
