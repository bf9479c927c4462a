import { historyOf, ownOnly, query, Refused } from '@oms/chassis';
import { ByOrderId, type Actor } from '@oms/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { OrderState } from '../domain/order.js';
import { lineFor } from '../domain/order.timeline.js';
import { transitionsOf, viewFor } from '../domain/order.view.js';
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
    return { body: viewFor(caller, order), version: order.version };
  },
});

export const orderTransitions = query({
  name: 'order.transitions',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => ({
    body: { data: transitionsOf(await needOrder(em, orderId, caller), caller) },
  }),
});

export const orderHistory = query({
  name: 'order.history',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => {
    await needOrder(em, orderId, caller);
    const { data } = await historyOf(em, 'orders', orderId);
    return { body: { data: data.flatMap((line) => lineFor(caller, line)) } };
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
