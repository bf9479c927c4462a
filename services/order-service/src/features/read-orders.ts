import { decodeCursor, encodeCursor, fingerprint, historyOf, ownOnly, query, Refused } from '@oms/chassis';
import { ByOrderId, listOrdersQuery, type Actor } from '@oms/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { OrderState } from '../domain/order.js';
import { shownTo, summaryOf, transitionsOf, viewOf, type SummaryState } from '../domain/order.view.js';
import { OrderRow } from '../persistence/entities.js';
import { loadOrder } from '../persistence/order.repository.js';

/** An order for one who may see it; refuses `not_found`. */
export async function needOrder(em: EntityManager, id: string, caller: Actor): Promise<OrderState> {
  const order = await loadOrder(em, id, false);
  if (!order) throw new Refused('not_found');
  ownOnly(caller, order.customerId);
  return order;
}

export const getOrder = query({
  name: 'order.get',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => {
    const order = await needOrder(em, orderId, caller);
    return { body: shownTo(caller, viewOf(order)), version: order.version };
  },
});

export const orderTransitions = query({
  name: 'order.transitions',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => ({
    body: { data: transitionsOf(await needOrder(em, orderId, caller)) },
  }),
});

export const orderHistory = query({
  name: 'order.history',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => {
    await needOrder(em, orderId, caller);
    return { body: await historyOf(em, 'orders', orderId) };
  },
});

/** Internal (ADR 3): the token, for payment-service just before it calls the provider. */
export const paymentToken = query({
  name: 'order.payment_token',
  access: 'internal',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => ({
    body: { token: (await needOrder(em, orderId, caller)).paymentToken },
  }),
});

/** One page in one statement: keyset on the sort key and the id, one row more than asked to know whether there is a next. */
export const listOrders = query({
  name: 'order.list',
  access: 'customer',
  schema: listOrdersQuery,
  run: async (em, { limit, cursor, sort, ...filters }, caller) => {
    const bound = fingerprint([sort, filters]).slice(0, 16);
    const descending = sort.startsWith('-');
    const column = sort.endsWith('total') ? 'total' : 'createdAt';
    const compare = descending ? '$lt' : '$gt';
    const where: Record<string, unknown>[] = [];
    if (caller.type === 'customer') where.push({ customerId: caller.id });
    if (filters.status) where.push({ status: { $in: filters.status } });
    for (const name of ['customerId', 'email', 'number', 'externalRef'] as const)
      if (filters[name] !== undefined) where.push({ [name]: filters[name] });
    if (filters.createdAfter) where.push({ createdAt: { $gte: new Date(filters.createdAfter) } });
    if (filters.createdBefore) where.push({ createdAt: { $lt: new Date(filters.createdBefore) } });
    if (filters.sku !== undefined) {
      const rows = await em.execute<{ order_id: string }[]>(
        `select distinct order_id from orders.order_item where sku = ?`,
        [filters.sku],
      );
      where.push({ id: { $in: rows.map((row) => row.order_id) } });
    }
    if (cursor) {
      const last = decodeCursor(cursor, bound);
      const key = column === 'createdAt' ? new Date(last.key) : Number(last.key);
      if (Number.isNaN(Number(key))) throw new Refused('malformed_cursor');
      where.push({ $or: [{ [column]: { [compare]: key } }, { [column]: key, id: { [compare]: last.id } }] });
    }
    const direction = descending ? 'desc' : 'asc';
    const rows = await em.find(
      OrderRow,
      { $and: where },
      {
        orderBy: { [column]: direction, id: direction },
        limit: limit + 1,
      },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const key = last && (column === 'createdAt' ? last.createdAt.toISOString() : last.total);
    return {
      body: {
        data: page.map((row) => shownTo(caller, summaryOf(row as unknown as SummaryState, row.itemCount))),
        nextCursor:
          rows.length > limit && last && key !== undefined ? encodeCursor({ key, id: last.id }, bound) : null,
      },
    };
  },
});
