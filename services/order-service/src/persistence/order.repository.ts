import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Refused } from '@oms/chassis';
import type { OrderLine, OrderState } from '../domain/order.js';
import { wordsOf } from '../domain/search.js';
import { OrderRow } from './entities.js';

interface ItemRow {
  id: string;
  position: number;
  sku: string;
  name: string;
  quantity: number;
  unit_price: string;
  discount_amount: string;
  order_discount_share: string;
  tax_amount: string;
  total: string;
  final_sale: boolean | null;
  shipped: number;
  delivered: number;
  cancelled: number;
  return_requested: number;
  returned: number;
}

const toLine = (row: ItemRow): OrderLine => ({
  id: row.id,
  position: row.position,
  sku: row.sku,
  name: row.name,
  quantity: row.quantity,
  unitPrice: Number(row.unit_price),
  discountAmount: Number(row.discount_amount),
  orderDiscountShare: Number(row.order_discount_share),
  taxAmount: Number(row.tax_amount),
  total: Number(row.total),
  finalSale: row.final_sale ?? false,
  shipped: row.shipped,
  delivered: row.delivered,
  cancelled: row.cancelled,
  returnRequested: row.return_requested,
  returned: row.returned,
});

const QUANTITIES = ['shipped', 'delivered', 'cancelled', 'returnRequested', 'returned'] as const;

/** The lines as they were loaded, so that a save writes only those whose quantities changed. */
const loaded = new WeakMap<OrderState, Map<string, string>>();
const quantitiesOf = (line: OrderLine): string => QUANTITIES.map((name) => line[name]).join(' ');

/** Loads an order with its lines in two statements; `lock` keeps others out until the transaction ends. */
export async function loadOrder(em: EntityManager, id: string, lock: boolean): Promise<OrderState | null> {
  const row = await em.findOne(
    OrderRow,
    { id },
    lock ? { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } : {},
  );
  if (!row) return null;
  const items = await em.execute<ItemRow[]>(
    `select * from orders.order_item where order_id = ? order by position`,
    [id],
  );
  const { itemCount: _, ...own } = row;
  const state: OrderState = {
    ...(structuredClone(own) as Omit<OrderState, 'items'>),
    items: items.map(toLine),
  };
  loaded.set(state, new Map(state.items.map((line) => [line.id, quantitiesOf(line)])));
  return state;
}

/** The next human number. A rolled back creation leaves a gap. */
export async function nextNumber(em: EntityManager): Promise<string> {
  const [row] = await em.execute<{ n: string }[]>(`select nextval('orders.order_number')::text as n`);
  return `ORD-${row?.n}`;
}

const rowOf = ({ items, ...own }: OrderState): Omit<OrderState, 'items'> & { itemCount: number } => ({
  ...own,
  itemCount: items.length,
});

export async function insertOrder(em: EntityManager, state: OrderState): Promise<void> {
  em.create(OrderRow, structuredClone(rowOf(state)) as never);
  // Asked of the index itself: a look-up before the insert would be one statement more, and no answer to a twin.
  await em.flush().catch((error: unknown) => {
    const taken =
      error instanceof UniqueConstraintViolationException && error.message.includes('orders_external_ref');
    throw taken ? new Refused('external_ref_taken') : error;
  });
  await insertLines(em, state);
}

const WORDS = `insert into orders.order_search (order_id, words)
  values (?, array_to_tsvector(array(select json_array_elements_text(?::json))))
  on conflict (order_id) do update set words = excluded.words`;

/** Makes an order found by what it says now. */
export async function rememberWords(em: EntityManager, state: OrderState): Promise<void> {
  await em.execute(WORDS, [state.id, JSON.stringify(wordsOf(state))]);
}

/** All lines, and the words by which the order is found, in one statement, whatever their number. */
async function insertLines(em: EntityManager, state: OrderState): Promise<void> {
  const rows = state.items.map((line) => ({
    id: line.id,
    order_id: state.id,
    position: line.position,
    sku: line.sku,
    name: line.name,
    quantity: line.quantity,
    unit_price: line.unitPrice,
    discount_amount: line.discountAmount,
    order_discount_share: line.orderDiscountShare,
    tax_amount: line.taxAmount,
    total: line.total,
    final_sale: line.finalSale,
    shipped: 0,
    delivered: 0,
    cancelled: 0,
    return_requested: 0,
    returned: 0,
  }));
  await em.execute(
    `with lines as (insert into orders.order_item select * from json_populate_recordset(null::orders.order_item, ?::json))
     ${WORDS}`,
    [JSON.stringify(rows), state.id, JSON.stringify(wordsOf(state))],
  );
  loaded.set(state, new Map(state.items.map((line) => [line.id, quantitiesOf(line)])));
}

/** New lines in the place of the old ones; only a pending order has none that anybody else knows the units of. */
export async function replaceLines(em: EntityManager, state: OrderState): Promise<void> {
  await em.execute(`delete from orders.order_item where order_id = ?`, [state.id]);
  await insertLines(em, state);
}

/** Writes what changed: the columns by the unit of work, the lines' quantities in one statement. */
export async function saveOrder(em: EntityManager, state: OrderState): Promise<void> {
  const row = await em.findOneOrFail(OrderRow, { id: state.id });
  Object.assign(row, structuredClone(rowOf(state)));
  await em.flush();
  const before = loaded.get(state);
  const changed = state.items.filter((line) => before?.get(line.id) !== quantitiesOf(line));
  if (changed.length === 0) return;
  await em.execute(
    `update orders.order_item i set shipped = v.s, delivered = v.d, cancelled = v.c, return_requested = v.q, returned = v.r
       from json_to_recordset(?::json) v(id text, s int, d int, c int, q int, r int) where i.order_id = ? and i.id = v.id`,
    [
      JSON.stringify(
        changed.map((line) => ({
          id: line.id,
          s: line.shipped,
          d: line.delivered,
          c: line.cancelled,
          q: line.returnRequested,
          r: line.returned,
        })),
      ),
      state.id,
    ],
  );
  loaded.set(state, new Map(state.items.map((line) => [line.id, quantitiesOf(line)])));
}
