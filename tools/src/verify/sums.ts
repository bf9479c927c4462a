import type { Books } from './books.ts';

/** The same sum as each book has it; they agree, or something is lost. Money in minor units of all currencies together. */
export interface Sum {
  what: string;
  values: number[];
}

const told = (type: string, field: string) =>
  `select sum((payload->>'${field}')::bigint) from (select distinct on (event_id) payload from stream_event where type = '${type}') once`;

const made = (operation: string): string =>
  `(select coalesce(sum(amount), 0) from provider_effect where operation = '${operation}' and outcome = 'succeeded')`;
/** Money that moved outside every provider is in our book only. */
const outside = (column: string): string =>
  `(select coalesce(sum(${column}), 0) from payments.payment where provider = 'manual')`;

const SUMS: readonly (readonly [what: string, ...sql: string[]])[] = [
  [
    'orders: schema, stream',
    'select count(*) from orders.orders',
    `select count(distinct event_id) from stream_event where type = 'order.placed'`,
  ],
  [
    'captured: payments, ledger, stream',
    'select sum(captured_amount) from payments.payment',
    `select ${made('capture')} + ${outside('captured_amount')}`,
    told('payment.captured', 'captureAmount'),
  ],
  [
    'refunded: payments, ledger, stream',
    'select sum(refunded_amount) from payments.payment',
    `select ${made('refund')} + ${outside('refunded_amount')}`,
    told('payment.refunded', 'refundAmount'),
  ],
  [
    'refunded for returns: returns, stream',
    `select sum(refund_amount) from returns.return where status = 'refunded'`,
    told('return.refunded', 'amount'),
  ],
  [
    'units back: orders, returns',
    'select sum(returned) from orders.order_item',
    `select sum(i.returned) from returns.return_item i join returns.return t on t.id = i.return_id where t.status = 'refunded'`,
  ],
  [
    'events: outboxes, stream',
    'select count(*) from all_outbox',
    'select count(distinct event_id) from stream_event',
  ],
  ['unsent outbox rows', 'select count(*) from all_outbox where published_at is null', 'select 0'],
  ['inbox rows not done', `select count(*) from all_inbox where state <> 'done'`, 'select 0'],
  ['sagas that need attention', `select count(*) from all_saga where state = 'needs_attention'`, 'select 0'],
];

export async function sums(books: Books): Promise<Sum[]> {
  const read: Sum[] = [];
  for (const [what, ...statements] of SUMS) {
    const values: number[] = [];
    for (const sql of statements) {
      const [row] = await books.query(sql);
      values.push(Number(Object.values(row ?? {})[0] ?? 0));
    }
    read.push({ what, values });
  }
  return read;
}
