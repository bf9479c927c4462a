import type { EntityManager } from '@mikro-orm/postgresql';
import { OrderLineSnapshot, OrderSnapshot } from './entities.js';
import { IN_FORCE } from './policy.repository.js';

/** Orders as this service knows them, written from the orders' events, and read to judge and to price returns. */

export interface KnownOrder {
  order: OrderSnapshot;
  lines: OrderLineSnapshot[];
}

export interface OrderFacts {
  orderId: string;
  number: string;
  customerId: string | null;
  currency: string;
  total: number;
  shippingTotal: number;
  lines: readonly {
    itemId: string;
    sku: string;
    quantity: number;
    unitPrice: number;
    discount: number;
    discountShare: number;
    tax: number;
    finalSale?: boolean | undefined;
  }[];
}

/** Takes over an order as placed or as changed, in one statement; lines that the order no longer has are dropped. */
export async function keepOrder(em: EntityManager, facts: OrderFacts): Promise<void> {
  const lines = facts.lines.map((line, position) => ({
    id: line.itemId,
    order_id: facts.orderId,
    position,
    sku: line.sku,
    quantity: line.quantity,
    unit_price: line.unitPrice,
    discount: line.discount + line.discountShare,
    tax: line.tax,
    final_sale: line.finalSale ?? false,
  }));
  await em.execute(
    `with lines as (
       select * from jsonb_to_recordset(?::jsonb)
         as l(id text, order_id text, position int, sku text, quantity int, unit_price bigint, discount bigint, tax bigint, final_sale boolean)),
     kept as (
       insert into returns.order_snapshot (id, number, customer_id, currency, total, shipping_paid, payments_followed)
       values (?, ?, ?, ?, ?, ?, true)
       on conflict (id) do update set number = excluded.number, customer_id = excluded.customer_id,
         total = excluded.total, shipping_paid = excluded.shipping_paid),
     dropped as (
       delete from returns.order_line_snapshot s where s.order_id = ? and s.id not in (select id from lines))
     insert into returns.order_line_snapshot (id, order_id, position, sku, quantity, unit_price, discount, tax, final_sale)
     select id, order_id, position, sku, quantity, unit_price, discount, tax, final_sale from lines
     on conflict (id) do update set position = excluded.position, sku = excluded.sku, quantity = excluded.quantity,
       unit_price = excluded.unit_price, discount = excluded.discount, tax = excluded.tax, final_sale = excluded.final_sale`,
    [
      JSON.stringify(lines),
      facts.orderId,
      facts.number,
      facts.customerId,
      facts.currency,
      facts.total,
      facts.shippingTotal,
      facts.orderId,
    ],
  );
}

/** A payment of the order exists; it may be heard of before the order is. Answers the order's returns when it is the first. */
export async function keepPayment(em: EntityManager, orderId: string): Promise<string[]> {
  const returns = await em.execute<{ id: string }[]>(
    `with kept as (insert into returns.order_payment (order_id) values (?) on conflict do nothing returning 1)
     select id from returns.return where order_id = ? and exists (select from kept) order by id`,
    [orderId, orderId],
  );
  return returns.map(({ id }) => id);
}

/** Whether no payment of the order was ever opened, so that there is none to ask for money. */
export async function isUnpaid(em: EntityManager, orderId: string): Promise<boolean> {
  const [row] = await em.execute<{ unpaid: boolean }[]>(
    `select payments_followed and not exists (select from returns.order_payment p where p.order_id = o.id) as unpaid
       from returns.order_snapshot o where id = ?`,
    [orderId],
  );
  return row?.unpaid ?? false;
}

export interface Units {
  itemId: string;
  quantity: number;
}

/**
 * Units that were delivered with one parcel; the window of a line runs from its last parcel. With its first parcel the order gets
 * the policy that is in force, and keeps it. The update of the order's row is also its lock.
 */
export async function keepDelivery(
  em: EntityManager,
  orderId: string,
  items: readonly Units[],
  deliveredAt: string,
): Promise<void> {
  await em.execute(
    `update returns.order_snapshot set policy_version = coalesce(policy_version, ${IN_FORCE}) where id = ?`,
    [orderId],
  );
  await em.execute(
    `update returns.order_line_snapshot s
     set delivered = s.delivered + u.quantity, delivered_at = greatest(s.delivered_at, ?::timestamptz)
     from (select "itemId" as id, sum(quantity)::int as quantity
           from jsonb_to_recordset(?::jsonb) as i("itemId" text, quantity int) group by 1) u
     where s.id = u.id and s.order_id = ?`,
    [deliveredAt, JSON.stringify(items), orderId],
  );
}

/** Units that were cancelled before they shipped, and what the order comes to without them. */
export async function keepCancellation(
  em: EntityManager,
  orderId: string,
  items: readonly Units[],
  total: number,
): Promise<void> {
  await lockOrder(em, orderId);
  await em.execute(`update returns.order_snapshot set total = ? where id = ?`, [total, orderId]);
  await em.execute(
    `update returns.order_line_snapshot s set cancelled = s.cancelled + u.quantity
     from (select "itemId" as id, sum(quantity)::int as quantity
           from jsonb_to_recordset(?::jsonb) as i("itemId" text, quantity int) group by 1) u
     where s.id = u.id and s.order_id = ?`,
    [JSON.stringify(items), orderId],
  );
}

/** Locks what is known of an order until the end of the transaction: whoever claims units waits here. False: not known. */
export async function lockOrder(em: EntityManager, orderId: string): Promise<boolean> {
  const rows = await em.execute(`select id from returns.order_snapshot where id = ? for update`, [orderId]);
  return rows.length > 0;
}

/** An order and its lines in the order's own sequence; null while no event of it has arrived. */
export async function knownOrder(em: EntityManager, orderId: string): Promise<KnownOrder | null> {
  const order = await em.findOne(OrderSnapshot, { id: orderId }, { refresh: true });
  if (!order) return null;
  const lines = await em.find(
    OrderLineSnapshot,
    { orderId },
    { orderBy: { position: 'asc' }, refresh: true },
  );
  return { order, lines };
}

/** What a change of a return's lines does to the units of the order; the sums of the changes, line by line. */
export interface Claim {
  orderItemId: string;
  held: number;
  returned: number;
}

/** Adds claims, which may be negative, to the order's lines. The order must be locked. */
export async function claimUnits(
  em: EntityManager,
  orderId: string,
  claims: readonly Claim[],
): Promise<void> {
  const changed = claims.filter((claim) => claim.held !== 0 || claim.returned !== 0);
  if (changed.length === 0) return;
  await em.execute(
    `update returns.order_line_snapshot s set held = s.held + c.held, returned = s.returned + c.returned
     from (select "orderItemId" as id, sum(held)::int as held, sum(returned)::int as returned
           from jsonb_to_recordset(?::jsonb) as i("orderItemId" text, held int, returned int) group by 1) c
     where s.order_id = ? and s.id = c.id`,
    [JSON.stringify(changed), orderId],
  );
}

/** Counts what a return gives back, and the shipping in it. The order must be locked. */
export async function claimMoney(
  em: EntityManager,
  orderId: string,
  money: { shipping: number; total: number },
): Promise<void> {
  if (money.total === 0 && money.shipping === 0) return;
  await em.execute(
    `update returns.order_snapshot set shipping_refunded = shipping_refunded + ?, refunded = refunded + ? where id = ?`,
    [money.shipping, money.total, orderId],
  );
}
