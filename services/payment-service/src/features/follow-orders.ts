import { at, transit, type Ctx } from '@oms/chassis';
import type { EventPayload } from '@oms/contracts';
import { capturable, due, isOutside, refundable, type PaymentState } from '../domain/payment.js';
import { paymentAggregate, placingPayment } from '../persistence/payment.aggregate.js';
import {
  keepParcel,
  knowOrder,
  lockOrder,
  lockPaymentsOf,
  takeParcels,
} from '../persistence/payment.repository.js';
import { giveBack, giveBackForCancelled } from './give-back.js';
import { newPayment } from './payment-commands.js';

/**
 * An order was placed: it is remembered, and the payment that it wants is opened and processed. Money that staff record
 * is waited for.
 */
export async function orderPlaced(ctx: Ctx, order: EventPayload<'order.placed'>): Promise<void> {
  await knowOrder(ctx.em, {
    id: order.orderId,
    customerId: order.customerId,
    currency: order.currency,
    total: order.total,
  });
  if (!order.payment || order.total === 0) return;
  const { method, capture } = order.payment;
  const payment = newPayment(ctx, {
    orderId: order.orderId,
    customerId: order.customerId,
    method,
    capture,
    currency: order.currency,
    amount: order.total,
    token: null,
  });
  await transit(ctx, placingPayment, payment, 'open', at(ctx, 'open') as never, { isNew: true });
  if (method === 'manual') return;
  await transit(ctx, placingPayment, payment, 'process', at(ctx, 'process') as never);
}

export async function orderUpdated(ctx: Ctx, order: EventPayload<'order.updated'>): Promise<void> {
  await knowOrder(ctx.em, {
    id: order.orderId,
    customerId: order.customerId,
    currency: order.currency,
    total: order.total,
  });
}

/** The order ends: what is held is let go, what was taken goes back, and what is under way follows when it is known. */
export async function orderCancelled(ctx: Ctx, order: EventPayload<'order.cancelled'>): Promise<void> {
  await lockOrder(ctx.em, order.orderId);
  await ctx.em.execute(`update payments.order_snapshot set cancelled = true where id = ?`, [order.orderId]);
  for (const payment of await lockPaymentsOf(ctx.em, order.orderId)) {
    if (payment.status === 'pending' || payment.status === 'authorized') {
      await transit(
        ctx,
        paymentAggregate,
        payment,
        'abandon',
        at(ctx, `abandon:${ctx.causationId}`) as never,
      );
    }
    if (payment.status !== 'authorized' && refundable(payment) > 0)
      await giveBack(ctx, payment, refundable(payment), 'order_cancelled');
  }
}

/** A part was cancelled before it shipped: what was captured for it goes back; of what is only held, less is captured later. */
export async function itemsCancelled(ctx: Ctx, order: EventPayload<'order.items_cancelled'>): Promise<void> {
  await ctx.em.execute(`update payments.order_snapshot set total = ? where id = ?`, [
    order.total,
    order.orderId,
  ]);
  const payments = await lockPaymentsOf(ctx.em, order.orderId);
  await giveBackForCancelled(ctx, payments, order);
  if (order.status === 'shipped' || order.status === 'delivered')
    await capture(ctx, payments, due(order.total, payments), { last: true });
  if (order.status === 'delivered')
    await receiveAtTheDoor(ctx, payments, due(order.total, payments), { last: true });
}

/** A parcel left: with manual capture its goods are paid now; the last parcel takes the rest that the order still costs. */
export async function shipmentCreated(
  ctx: Ctx,
  shipment: EventPayload<'order.shipment_created'>,
): Promise<void> {
  const order = await lockOrder(ctx.em, shipment.orderId);
  const payments = await lockPaymentsOf(ctx.em, shipment.orderId);
  if (payments.some((payment) => payment.method === 'cash_on_delivery'))
    await keepParcel(ctx.em, {
      id: shipment.shipmentId,
      orderId: shipment.orderId,
      amount: shipment.amount,
    });
  const last = shipment.complete && order !== null;
  await capture(ctx, payments, last ? due(order.total, payments) : shipment.amount, { last });
}

/**
 * Parcels arrived: what they cost was paid at the door. With the last of them, all that the order still costs was, and
 * nothing more will be asked for.
 */
export async function shipmentDelivered(
  ctx: Ctx,
  delivery: EventPayload<'order.shipment_delivered'>,
): Promise<void> {
  const order = await lockOrder(ctx.em, delivery.orderId);
  const payments = await lockPaymentsOf(ctx.em, delivery.orderId);
  const cost = await takeParcels(ctx.em, delivery.shipmentIds);
  const last = delivery.status === 'delivered' && order !== null;
  await receiveAtTheDoor(ctx, payments, last ? due(order.total, payments) : cost, { last });
}

/** The last time, nothing more will be asked for at the door. */
async function receiveAtTheDoor(
  ctx: Ctx,
  payments: readonly PaymentState[],
  amountDue: number,
  { last }: { last: boolean },
): Promise<void> {
  let left = amountDue;
  for (const payment of payments) {
    if (payment.method !== 'cash_on_delivery' || payment.status !== 'authorized') continue;
    const amount = Math.max(0, Math.min(left, capturable(payment)));
    left -= amount;
    const input = { ...at(ctx, `delivered:${ctx.causationId}`), amount, last };
    if (amount > 0) await transit(ctx, paymentAggregate, payment, 'capture', input as never);
    if (last && payment.status === 'authorized')
      await transit(ctx, paymentAggregate, payment, 'void', input as never);
  }
}

/**
 * Takes `amountDue` of what manual payments hold, oldest first. The last time, each lets go of what it holds beyond that: the
 * customer's money is not kept for units that will never ship.
 */
async function capture(
  ctx: Ctx,
  payments: readonly PaymentState[],
  amountDue: number,
  { last }: { last: boolean },
): Promise<void> {
  let left = amountDue;
  for (const payment of payments) {
    if (payment.status !== 'authorized' || payment.capture !== 'manual' || isOutside(payment.method))
      continue;
    const amount = Math.min(left, capturable(payment));
    const key = `${last ? 'last ' : ''}capture:${ctx.causationId}`;
    if (amount <= 0 && !last) continue;
    const decision =
      amount > 0
        ? await transit(ctx, paymentAggregate, payment, 'capture', { ...at(ctx, key), amount, last })
        : await transit(ctx, paymentAggregate, payment, 'release_rest', at(ctx, key) as never);
    // A capture of the parcel before is still at the provider: the event is tried again until it is done.
    if (decision.outcome === 'refused')
      throw new Error(`payment ${payment.id} can not be captured yet: ${decision.code}`);
    left -= Math.max(0, amount);
  }
}
