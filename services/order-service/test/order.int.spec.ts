import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import {
  createLog,
  Executor,
  migrate,
  newId,
  openOrm,
  UnitOfWork,
  type Command,
  type Query,
  type RpcReply,
} from '@oms/chassis';
import { OrderView, type EventEnvelope, type HistoryView, type TransitionsView } from '@oms/contracts';
import type { z } from 'zod';
import pg from 'pg';
import { startPostgresPart, type Part } from '../../../deploy/local/src/parts.ts';
import { createOrder } from '../src/features/create-order.js';
import { followPayment } from '../src/features/follow-payments.js';
import { followReturn } from '../src/features/follow-returns.js';
import { listOrders } from '../src/features/list-orders.js';
import { getOrder, orderHistory, orderTransitions, paymentToken } from '../src/features/read-orders.js';
import {
  cancelOrder,
  createShipment,
  deliverShipment,
  holdOrder,
  transitionOrder,
} from '../src/features/transition-order.js';
import { updateOrder } from '../src/features/update-order.js';
import { orderModule } from '../src/order.module.js';

type Order = z.infer<typeof OrderView>;

/**
 * Under jest, `structuredClone` is the outer realm's: its dates are no `Date` of this one, and the ORM takes them for text.
 * Here it copies what an order's row is made of within the realm.
 */
globalThis.structuredClone = function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (Object.prototype.toString.call(value) === '[object Date]') return new Date(Number(value));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copy(field)]));
} as typeof structuredClone;

let postgres: Part;
let orm: MikroORM;
let uow: UnitOfWork;
let executor: Executor;

beforeAll(async () => {
  postgres = await startPostgresPart();
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query('create schema orders');
  await admin.end();
  orm = await openOrm({ ...orderModule, databaseUrl: postgres.url, poolMax: 10 });
  await migrate(orm, postgres.url, 'orders');
  uow = new UnitOfWork(orm);
  const log = createLog('order-service', 'silent');
  executor = new Executor({ uow, schema: 'orders', service: 'order-service', log, wrote: () => {} });
});

afterAll(async () => {
  await orm?.close();
  await postgres?.stop();
});

const sql = <T>(text: string, values: unknown[] = []) => uow.reader().execute<T[]>(text, values);

async function send(work: Command | Query, body: object, key: string | null = null): Promise<RpcReply> {
  for (const until = Date.now() + 60_000; ;) {
    const reply = await executor.execute(work, {
      body,
      actor: { type: work.access === 'internal' ? 'system' : 'admin', id: 'test', scopes: null },
      requestId: newId('msg'),
      idempotencyKey: key,
      idempotencyScope: null,
      ifMatch: null,
    });
    // Of many at once, some wait longer than a lock or a connection is waited for; they come again, as after a 503.
    if (reply.ok || reply.failure.code !== 'service_unavailable' || Date.now() > until) return reply;
  }
}

/** The answer of a call that is expected to succeed. */
async function done<T = Order>(work: Command | Query, body: object): Promise<T> {
  const reply = await send(work, body);
  if (!reply.ok) throw new Error(`${work.name}: ${reply.failure.code}`);
  return reply.body as T;
}

/** The code of a call that is expected to be refused. */
async function code(work: Command | Query, body: object): Promise<string> {
  const reply = await send(work, body);
  return reply.ok ? 'accepted' : reply.failure.code;
}

const draft = (more: object = {}) => ({
  customerId: 'cus_42',
  currency: 'GBP',
  items: [{ sku: '85123A', name: 'White hanging heart', quantity: 3, unitPrice: 255, taxAmount: 153 }],
  shippingAddress: { name: 'Jane Roe', line1: '1 High Street', city: 'Leeds', country: 'GB' },
  ...more,
});
const place = (more: object = {}) => done(createOrder, draft(more));
const move = (order: Order, transition: string, more: object = {}) =>
  done(transitionOrder, { orderId: order.id, transition, ...more });
async function processing(more: object = {}): Promise<Order> {
  const order = await place(more);
  await move(order, 'confirm');
  return move(order, 'process');
}
const parcel = (order: Order, quantity: number) => ({
  orderId: order.id,
  items: [{ itemId: order.items[0]?.id, quantity }],
  carrier: 'Royal Mail',
  trackingNumber: newId('msg'),
});

/** An event as the inbox hands it over, in a transaction of its own. */
const hear = (type: string, data: object): Promise<void> =>
  uow.run((em, after) => {
    const event = { id: newId('evt'), type, data } as unknown as EventEnvelope;
    const ctx = executor.context(em, after, { causationId: event.id });
    return type.startsWith('payment') ? followPayment(ctx, event) : followReturn(ctx, event);
  });
const payment = (order: Order, status: string, amounts: object = {}) => ({
  paymentId: newId('pay'),
  orderId: order.id,
  status,
  authorizedAmount: 0,
  capturedAmount: 0,
  refundedAmount: 0,
  ...amounts,
});
/** An order whose money was taken, and what its payment says. */
async function paid(token = 'tok_visa') {
  const order = await place({ payment: { method: 'card', token } });
  const amounts = { authorizedAmount: order.total, capturedAmount: order.total };
  const taken = payment(order, 'captured', amounts);
  await hear('payment.authorized', { ...taken, status: 'authorized', capturedAmount: 0 });
  await hear('payment.captured', taken);
  return { order, taken };
}
const saga = async (order: Order) =>
  (
    await sql<{ step: string; state: string }>('select step, state from orders.saga where aggregate_id = ?', [
      order.id,
    ])
  )[0];
const published = async (order: Order) =>
  (
    await sql<{ type: string }>('select type from orders.outbox where aggregate_id = ? order by agg_seq', [
      order.id,
    ])
  ).map((row) => row.type);

describe('placing an order', () => {
  it('takes at most ten statements beside begin and commit, with its key, its reference and its payment', async () => {
    const seen: string[] = [];
    const original = pg.Client.prototype.query as (...args: unknown[]) => unknown;
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      const [first] = args;
      seen.push(typeof first === 'string' ? first : String((first as { text?: string }).text));
      return original.apply(this, args);
    } as never;
    try {
      const body = draft({ externalRef: 'counted', payment: { method: 'card', token: 'tok_visa' } });
      expect((await send(createOrder, body, 'counted')).ok).toBe(true);
    } finally {
      pg.Client.prototype.query = original as never;
    }
    const statements = seen.filter((text) => !/^(begin|commit)/i.test(text));
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.length).toBeLessThanOrEqual(10);
  });

  it('answers what the contract says', async () => {
    const order = await place({ shippingAmount: 495, shippingTaxAmount: 99, discountAmount: 100 });
    expect(OrderView.parse(order)).toEqual(order);
    expect(order).toMatchObject({
      status: 'pending',
      previousStatus: null,
      paymentStatus: 'none',
      version: 1,
      subtotal: 765,
      taxAmount: 153 + 99,
      total: 765 - 100 + 153 + 495 + 99,
      availableTransitions: ['confirm', 'cancel'],
    });
    expect(order.number).toMatch(/^ORD-\d{6,}$/);
  });

  it('refuses a reference that its channel has already, also when both ask at once', async () => {
    const both = await Promise.all(
      ['one', 'two'].map((sku) =>
        send(
          createOrder,
          draft({ externalRef: 'same', items: [{ sku, name: sku, quantity: 1, unitPrice: 1 }] }),
        ),
      ),
    );
    expect(both.map((reply) => (reply.ok ? 'placed' : reply.failure.code)).sort()).toEqual([
      'external_ref_taken',
      'placed',
    ]);
    expect(await code(createOrder, draft({ externalRef: 'same' }))).toBe('external_ref_taken');
    expect(await code(createOrder, draft({ externalRef: 'same', channel: 'shop' }))).toBe('accepted');
  });

  it('refuses a discount beyond the goods', async () => {
    expect(await code(createOrder, draft({ discountAmount: 766 }))).toBe('discount_exceeds_price');
  });
});

describe('moving an order', () => {
  it('refuses what the state does not allow, and says what it does allow', async () => {
    const order = await place();
    const reply = await send(transitionOrder, { orderId: order.id, transition: 'ship' });
    expect(reply).toMatchObject({
      ok: false,
      failure: {
        code: 'transition_not_allowed',
        extra: { from: 'pending', transition: 'ship', allowedTransitions: ['confirm', 'cancel'] },
      },
    });
  });

  it('changes nothing when a transition just made is asked again, and refuses other content', async () => {
    const order = await place();
    const first = await move(order, 'confirm', { reason: 'paid in cash' });
    const again = await move(order, 'confirm', { reason: 'paid in cash' });
    expect(again).toEqual(first);
    expect(await published(order)).toEqual(['order.placed', 'order.confirmed']);
    expect(await code(transitionOrder, { orderId: order.id, transition: 'confirm', reason: 'other' })).toBe(
      'transition_not_allowed',
    );
  });

  it('does not go forward while it is held, and may be cancelled', async () => {
    const order = await place();
    await done(holdOrder, { orderId: order.id, reason: 'fraud' });
    expect(await code(transitionOrder, { orderId: order.id, transition: 'confirm' })).toBe('order_on_hold');
    expect((await move(order, 'cancel')).status).toBe('cancelled');
  });

  it('ships and delivers in parts, and a parcel arrives while the rest is packed', async () => {
    const order = await processing();
    const part = await done(createShipment, parcel(order, 1));
    expect(part.status).toBe('processing');
    const arrived = await done(deliverShipment, { orderId: order.id, shipmentId: part.shipments[0]?.id });
    expect(arrived).toMatchObject({ status: 'processing', items: [{ quantities: { delivered: 1 } }] });
    expect(await code(createShipment, parcel(order, 3))).toBe('quantity_not_shippable');
    const shipped = await done(createShipment, parcel(order, 2));
    expect(shipped.status).toBe('shipped');
    const late = { orderId: order.id, transition: 'deliver', deliveredAt: '2999-01-01T00:00:00Z' };
    expect(await code(transitionOrder, late)).toBe('invalid_delivery_time');
    expect((await move(order, 'deliver')).status).toBe('delivered');
  });

  it('never ships or cancels more than was ordered, however many ask at once', async () => {
    const order = await processing({
      items: [{ sku: 'a', name: 'a', quantity: 5, unitPrice: 10 }],
    });
    const item = { itemId: order.items[0]?.id, quantity: 1 };
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        index % 2
          ? send(createShipment, parcel(order, 1))
          : send(cancelOrder, { orderId: order.id, reason: `twin ${index}`, items: [item] }),
      ),
    );
    const { items, status } = await done(getOrder, { orderId: order.id });
    const { shipped, cancelled } = items[0]?.quantities ?? { shipped: 0, cancelled: 0 };
    expect(shipped + cancelled).toBe(5);
    expect(['shipped', 'cancelled']).toContain(status);
  });

  it('of 2,000 lines goes the whole way', async () => {
    const items = Array.from({ length: 2000 }, (_, line) => ({
      sku: `SKU-${line}`,
      name: `Thing ${line}`,
      quantity: 3,
      unitPrice: 100 + line,
    }));
    const order = await processing({ items });
    await move(order, 'ship');
    const delivered = await move(order, 'deliver');
    expect(delivered.items.every((line) => line.quantities.delivered === 3)).toBe(true);
    const back = order.items.map((line) => ({ itemId: line.id, quantity: 3 }));
    const returnId = newId('ret');
    await hear('return.initiated', { orderId: order.id, returnId, items: back });
    await hear('return.refunded', { orderId: order.id, returnId, items: back });
    const returned = await done(getOrder, { orderId: order.id });
    expect(returned.status).toBe('returned');
    expect(returned.items.every((line) => line.quantities.returned === 3)).toBe(true);
    expect(returned.items.every((line) => line.quantities.returnRequested === 0)).toBe(true);
  });
});

describe('the money of an order', () => {
  it('confirms it when it is authorized, and its token is gone', async () => {
    const order = await place({ payment: { method: 'card', token: 'tok_visa' } });
    expect(await done(paymentToken, { orderId: order.id })).toEqual({ token: 'tok_visa' });
    await hear('payment.authorized', payment(order, 'authorized', { authorizedAmount: order.total }));
    const after = await done(getOrder, { orderId: order.id });
    expect(after).toMatchObject({ status: 'confirmed', paymentStatus: 'authorized' });
    expect(await done(paymentToken, { orderId: order.id })).toEqual({ token: null });
    expect(await saga(order)).toEqual({ step: 'confirmed', state: 'finished' });
  });

  it('is asked of nobody when it costs nothing: with a payment it is confirmed at once', async () => {
    const free = { discountAmount: 765, items: [{ ...draft().items[0], taxAmount: 0 }] };
    const order = await place({ ...free, payment: { method: 'card', token: 'tok_visa' } });
    expect(order).toMatchObject({ total: 0, status: 'confirmed', paymentStatus: 'none' });
    expect(await published(order)).toEqual(['order.placed', 'order.confirmed']);
    expect(await done(paymentToken, { orderId: order.id })).toEqual({ token: null });
    expect(await saga(order)).toEqual({ step: 'confirmed', state: 'finished' });
    await done(cancelOrder, { orderId: order.id, reason: 'changed_mind' });
    expect(await saga(order)).toEqual({ step: 'gave_back', state: 'finished' });
    expect(await place(free)).toMatchObject({ total: 0, status: 'pending' });
  });

  it('cancels it when it is declined', async () => {
    const order = await place({ payment: { method: 'card', token: 'tok_chargeDeclined' } });
    await hear('payment.failed', payment(order, 'failed'));
    const after = await done(getOrder, { orderId: order.id });
    expect(after).toMatchObject({
      status: 'cancelled',
      cancelReason: 'payment_failed',
      paymentStatus: 'failed',
    });
  });

  it('is nothing to wait for when no payment holds any: a cancelled order is done', async () => {
    const order = await place({ payment: { method: 'card', token: 'tok_chargeDeclined' } });
    await move(order, 'confirm');
    await hear('payment.failed', payment(order, 'failed'));
    await done(cancelOrder, { orderId: order.id, reason: 'changed_mind' });
    expect(await saga(order)).toEqual({ step: 'gave_back', state: 'finished' });
  });

  it('is nothing to wait for when the bank took the money back before the order was cancelled', async () => {
    const { order, taken } = await paid();
    await hear('payment.charged_back', { ...taken, chargedBackAmount: order.total });
    await done(cancelOrder, { orderId: order.id, reason: 'changed_mind' });
    expect(await saga(order)).toEqual({ step: 'gave_back', state: 'finished' });
  });

  it('is over when what a refund did not give back was charged back', async () => {
    const { order, taken } = await paid();
    await done(cancelOrder, { orderId: order.id, reason: 'changed_mind' });
    const part = { ...taken, chargedBackAmount: order.total - 1 };
    await hear('payment.charged_back', part);
    expect(await saga(order)).toEqual({ step: 'giving_back', state: 'running' });
    await hear('payment.refunded', { ...part, status: 'partially_refunded', refundedAmount: 1 });
    expect(await saga(order)).toEqual({ step: 'gave_back', state: 'finished' });
  });

  it('waits for a person when a chargeback is won after the order was cancelled: its money is here again', async () => {
    const { order, taken } = await paid();
    await hear('payment.charged_back', { ...taken, chargedBackAmount: order.total });
    await done(cancelOrder, { orderId: order.id, reason: 'changed_mind' });
    await hear('payment.chargeback_closed', { ...taken, chargedBackAmount: order.total });
    expect(await saga(order)).toEqual({ step: 'gave_back', state: 'finished' });
    await hear('payment.chargeback_closed', { ...taken, chargedBackAmount: 0 });
    expect(await saga(order)).toEqual({ step: 'needs_attention', state: 'needs_attention' });
  });

  it('needs a person when it can not be given back', async () => {
    const { order, taken } = await paid('tok_refundFails');
    await done(cancelOrder, { orderId: order.id, reason: 'changed_mind' });
    await hear('payment.refund_failed', taken);
    expect(await saga(order)).toEqual({ step: 'needs_attention', state: 'needs_attention' });
  });
});

it('what a cancellation takes off and what is left add up to what it cost before, also after a part has shipped', async () => {
  const order = await processing({
    items: [{ sku: 'thirds', name: 'thirds', quantity: 3, unitPrice: 33, taxAmount: 1 }],
  });
  await done(createShipment, parcel(order, 2));
  const items = [{ itemId: order.items[0]?.id, quantity: 1 }];
  await done(cancelOrder, { orderId: order.id, reason: 'changed_mind', items });
  const [event] = await sql<{ payload: { amount: number; total: number } }>(
    `select payload from orders.outbox where aggregate_id = ? and type = 'order.items_cancelled'`,
    [order.id],
  );
  expect((event?.payload.amount ?? 0) + (event?.payload.total ?? 0)).toBe(order.total);
});

it('items change only while the order is pending, and the totals are made anew', async () => {
  const order = await place();
  const items = [{ sku: 'b', name: 'b', quantity: 2, unitPrice: 50 }];
  expect(await done(updateOrder, { orderId: order.id, items })).toMatchObject({ total: 100, itemCount: 1 });
  await move(order, 'confirm');
  expect(await code(updateOrder, { orderId: order.id, items })).toBe('order_not_editable');
});

describe('a refusal that is about one line', () => {
  const [line] = draft().items;
  const faultOf = async (work: Command, body: object) => {
    const reply = await send(work, body);
    return reply.ok ? [] : [reply.failure.code, reply.failure.extra.errors?.map(({ path }) => path)];
  };

  it('names its field, as what does not fit the schema is named', async () => {
    const items = [line, { ...line, discountAmount: 766 }];
    const discount = ['discount_exceeds_price', ['items.1.discountAmount']];
    expect(await faultOf(createOrder, draft({ items }))).toEqual(discount);
    const order = await place();
    expect(await faultOf(updateOrder, { orderId: order.id, items })).toEqual(discount);
    expect(await faultOf(createOrder, draft({ discountAmount: 766 }))).toEqual([
      'discount_exceeds_price',
      undefined,
    ]);
  });

  it('names it of a parcel and of a part that is cancelled', async () => {
    const order = await processing({ items: [line, { ...line, sku: 'b' }] });
    const [first, second] = order.items.map(({ id }) => id);
    const asked = (quantity: number, itemId = second) => ({
      orderId: order.id,
      items: [
        { itemId: first, quantity: 1 },
        { itemId, quantity },
      ],
    });
    const ship = (items: object) => faultOf(createShipment, { ...parcel(order, 1), ...items });
    const cancel = (items: object) => faultOf(cancelOrder, { reason: 'sold out', ...items });
    expect(await ship(asked(4))).toEqual(['quantity_not_shippable', ['items.1.quantity']]);
    expect(await ship(asked(1, newId('itm')))).toEqual(['unknown_item', ['items.1.itemId']]);
    expect(await cancel(asked(4))).toEqual(['quantity_not_cancellable', ['items.1.quantity']]);
  });
});

describe('a PATCH', () => {
  const history = async (orderId: string) =>
    (await done<HistoryView>(orderHistory, { orderId })).data.flatMap(({ changed }) =>
      changed ? [changed] : [],
    );

  it.each([{}, { tags: ['vip'], metadata: { b: '2', a: '1' } }, { email: null, notes: null }])(
    'of %j, which it has already, answers the order as it stands and tells nobody',
    async (same) => {
      const metadata = { a: '1', b: '2' };
      const order = await place({ tags: ['vip'], metadata });
      const { shippingAddress } = draft();
      const answer = await done(updateOrder, { orderId: order.id, ...same, shippingAddress });
      expect(answer).toEqual(order);
      expect(await published(order)).toEqual(['order.placed']);
      expect(await history(order.id)).toEqual([]);
    },
  );

  it('is remembered by what it changed, not by what it says', async () => {
    const order = await place({ tags: ['vip'] });
    const change = { orderId: order.id, tags: ['vip'], notes: 'careful' };
    expect(await done(updateOrder, change)).toMatchObject({ version: order.version + 1, notes: 'careful' });
    expect(await history(order.id)).toEqual([['notes']]);
  });
});

it('an order keeps the language its customer is written to in, until it is changed', async () => {
  const order = await place({ locale: 'de-AT' });
  expect(await done(getOrder, { orderId: order.id })).toMatchObject({ locale: 'de-AT' });
  expect(await done(updateOrder, { orderId: order.id, locale: 'fr' })).toMatchObject({ locale: 'fr' });
});

it('a list is paged without a gap or a repetition, under its filters', async () => {
  const customerId = `cus_${newId('msg')}`;
  const placed: string[] = [];
  for (let index = 0; index < 5; index += 1) placed.unshift((await place({ customerId })).id);
  await move({ id: placed[0] } as Order, 'confirm');
  const read: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { data: { id: string }[]; nextCursor: string | null } = await done(listOrders, {
      customerId,
      status: ['pending', 'confirmed'],
      limit: 2,
      ...(cursor === null ? {} : { cursor }),
    });
    read.push(...page.data.map((order) => order.id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(read).toEqual(placed);
  const confirmed = await done<{ data: { id: string }[] }>(listOrders, { customerId, status: 'confirmed' });
  expect(confirmed.data.map((order) => order.id)).toEqual(placed.slice(0, 1));
});

it('a cursor that is not ours, was changed, or belongs to other filters is refused', async () => {
  const customerId = `cus_${newId('msg')}`;
  for (let index = 0; index < 2; index += 1) await place({ customerId });
  const { nextCursor } = await done<{ nextCursor: string }>(listOrders, { customerId, limit: 1 });
  const [payload = '', signature = ''] = nextCursor.split('.');
  const other = Buffer.from(JSON.stringify([null, newId('ord')])).toString('base64url');
  for (const cursor of [
    'garbage',
    '.',
    payload,
    `${other}.${signature}`,
    `${nextCursor}x`,
    `${payload}.${other}`,
  ])
    expect(await code(listOrders, { customerId, limit: 1, cursor })).toBe('malformed_cursor');
  for (const filters of [
    { customerId: 'other' },
    { customerId, sort: 'createdAt' },
    { customerId, q: 'x' },
    {},
  ])
    expect(await code(listOrders, { ...filters, limit: 1, cursor: nextCursor })).toBe('malformed_cursor');
  expect(await code(listOrders, { customerId, limit: 2, cursor: nextCursor })).toBe('accepted');
});

it('the history tells every step once, oldest first', async () => {
  const order = await processing();
  const { data } = await done<{ data: { from: string | null; to: string }[] }>(orderHistory, {
    orderId: order.id,
  });
  expect(data.map((row) => [row.from, row.to])).toEqual([
    [null, 'pending'],
    ['pending', 'confirmed'],
    ['confirmed', 'processing'],
  ]);
});

describe('a transition just made, asked again', () => {
  it('is no second parcel', async () => {
    const order = await processing();
    const asked = parcel(order, 1);
    await done(createShipment, asked);
    for (const key of ['second', 'third', 'third']) {
      const reply = await send(createShipment, asked, key);
      expect(reply).toMatchObject({ ok: true, unchanged: true });
      expect(reply.ok && (reply.body as Order).shipments).toHaveLength(1);
    }
    const other = await send(createShipment, { ...asked, trackingNumber: 'another' }, 'another');
    expect(other.ok && other.unchanged).toBeUndefined();
  });

  it('is not one unit more that is cancelled; said with another reason, it is', async () => {
    const order = await processing();
    const cancel = async (reason: string) => {
      const items = [{ itemId: order.items[0]?.id, quantity: 1 }];
      const { items: lines } = await done(cancelOrder, { orderId: order.id, reason, items });
      return lines[0]?.quantities.cancelled;
    };
    expect([await cancel('broken'), await cancel('broken'), await cancel('also broken')]).toEqual([1, 1, 2]);
  });

  it('is still known after a payment was heard of', async () => {
    const order = await place();
    await move(order, 'confirm');
    await hear('payment.created', payment(order, 'pending'));
    const { version } = await done(getOrder, { orderId: order.id });
    expect(await move(order, 'confirm')).toMatchObject({ status: 'confirmed', version });
  });
});

it('a refused transition offers only what would be taken: nothing is delivered before a parcel left', async () => {
  const order = await processing();
  const reply = await send(transitionOrder, { orderId: order.id, transition: 'confirm' });
  expect(reply.ok ? [] : reply.failure.extra.allowedTransitions).toEqual(['ship', 'cancel']);
});

it('of which a part has shipped offers to cancel the rest, and says where that leads', async () => {
  const order = await processing();
  const { shipments } = await done(createShipment, parcel(order, 2));
  const cancel = async () =>
    (await done<TransitionsView>(orderTransitions, { orderId: order.id })).data.find(
      ({ transition }) => transition === 'cancel',
    );
  expect(await cancel()).toEqual({ transition: 'cancel', to: 'shipped', allowed: true, reasons: [] });
  await done(deliverShipment, { orderId: order.id, shipmentId: shipments[0]?.id });
  expect(await cancel()).toMatchObject({ to: 'delivered', allowed: true });
  expect((await done(getOrder, { orderId: order.id })).availableTransitions).toContain('cancel');
  const items = [{ itemId: order.items[0]?.id, quantity: 1 }];
  expect(await done(cancelOrder, { orderId: order.id, reason: 'sold out', items })).toMatchObject({
    status: 'delivered',
  });
  expect(await cancel()).toMatchObject({ allowed: false, reasons: ['transition_not_allowed'] });
});

describe('a customer of an order', () => {
  const jane = { type: 'customer', id: 'cus_42', scopes: null } as const;
  const asJane = (work: Command | Query, body: object) =>
    executor.execute(work, {
      body,
      actor: jane,
      requestId: null,
      idempotencyKey: null,
      idempotencyScope: null,
      ifMatch: null,
    });

  it('learns that it is held, and not why', async () => {
    const order = await place();
    await done(holdOrder, { orderId: order.id, reason: 'fraud', note: 'two countries' });
    const reply = await asJane(getOrder, { orderId: order.id });
    expect(reply).toMatchObject({ ok: true, body: { hold: { reason: 'on_hold', note: null } } });
    const history = await asJane(orderHistory, { orderId: order.id });
    expect(JSON.stringify([reply, history])).not.toMatch(/fraud|two countries/);
  });

  it('cancels until a part has shipped, and is told what is allowed instead', async () => {
    const order = await processing();
    await done(createShipment, parcel(order, 1));
    expect(await asJane(cancelOrder, { orderId: order.id, reason: 'mind' })).toMatchObject({
      ok: false,
      failure: {
        code: 'transition_not_allowed',
        extra: { from: 'processing', transition: 'cancel', allowedTransitions: [] },
      },
    });
    const { id: orderId } = order;
    const told = await asJane(orderTransitions, { orderId });
    expect(told.ok && (told.body as TransitionsView).data.map(({ reasons }) => reasons)).toEqual([
      ...Array.from({ length: 4 }, () => ['forbidden']),
      ['transition_not_allowed'],
      ['forbidden'],
    ]);
    expect(await asJane(getOrder, { orderId })).toMatchObject({ body: { availableTransitions: [] } });
    const other = await processing();
    expect(await asJane(getOrder, { orderId: other.id })).toMatchObject({
      body: { availableTransitions: ['cancel'] },
    });
    expect(await asJane(cancelOrder, { orderId: other.id, reason: 'mind' })).toMatchObject({ ok: true });
  });

  it('writes nothing that is for staff', async () => {
    for (const more of [{ notes: 'x' }, { tags: ['vip'] }])
      expect(await asJane(createOrder, draft(more))).toMatchObject({ failure: { code: 'forbidden' } });
  });
});

it('an order was delivered when its last parcel was, not when somebody said so', async () => {
  const order = await processing({ placedAt: '2026-01-01T00:00:00.000Z' });
  for (const quantity of [2, 1]) await done(createShipment, parcel(order, quantity));
  const { shipments } = await done(getOrder, { orderId: order.id });
  const arrived = (place: number, deliveredAt: string) =>
    done(deliverShipment, { orderId: order.id, shipmentId: shipments[place]?.id, deliveredAt });
  await arrived(0, '2026-01-03T00:00:00.000Z');
  expect(await arrived(1, '2026-01-02T00:00:00.000Z')).toMatchObject({
    status: 'delivered',
    deliveredAt: '2026-01-03T00:00:00.000Z',
  });
});

it('an order was not placed in the future, and somebody ordered it', async () => {
  expect(await code(createOrder, draft({ placedAt: '2999-01-01T00:00:00Z' }))).toBe('validation_failed');
  const order = await place({ customerId: undefined, email: 'jane@example.com' });
  expect(await code(updateOrder, { orderId: order.id, email: null })).toBe('validation_failed');
});

it('changes only while its version is one of those that are meant', async () => {
  const order = await place();
  const meant = (ifMatch: string) =>
    executor.execute(updateOrder, {
      body: { orderId: order.id, metadata: { meant: ifMatch } },
      actor: { type: 'staff', id: 'anna', scopes: null },
      requestId: null,
      idempotencyKey: null,
      idempotencyScope: null,
      ifMatch,
    });
  expect(await meant('7')).toMatchObject({ failure: { code: 'version_mismatch' } });
  expect(await meant('-')).toMatchObject({ failure: { code: 'version_mismatch' } });
  expect(await meant('7,1')).toMatchObject({ ok: true, version: 2 });
  expect(await meant('*')).toMatchObject({ ok: true, version: 3 });
});

it('is found by the words of its number, email, reference, SKUs and names, from their beginning', async () => {
  const channel = newId('msg');
  const order = await place({
    channel,
    email: 'Zoe.Smythe@example.org',
    externalRef: `WEB/${channel}`,
    items: [{ sku: 'ZX-81/b', name: "Crème brûlée 'T-light' holder", quantity: 1, unitPrice: 1 }],
  });
  const finds = async (q: string) => {
    const { data } = await done<{ data: { id: string }[] }>(listOrders, { q });
    return data.map((one) => one.id).includes(order.id);
  };
  const words = [
    order.number,
    order.number.slice(4),
    'zoe.smythe@example.org',
    'ZOË',
    'smythe@exam',
    'zx-81',
  ];
  for (const q of [
    ...words,
    'zx-81/B',
    `web/${channel}`,
    'creme',
    'brûlée t-light',
    'holder zoe',
    "'t-light'",
  ])
    expect({ q, found: await finds(q) }).toEqual({ q, found: true });
  for (const q of ['zebra', 'creme zebra', 'ight', "' or 1=1 --", '\\ & | ! :*', '   '])
    expect({ q, found: await finds(q) }).toEqual({ q, found: false });
  await done(updateOrder, { orderId: order.id, email: 'somebody@else.example' });
  expect([await finds('smythe'), await finds('somebody')]).toEqual([false, true]);
});
