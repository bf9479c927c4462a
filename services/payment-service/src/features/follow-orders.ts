import { at, newId, transit, type Ctx } from '@oms/chassis';
import type { EventPayload } from '@oms/contracts';
import { capturable, refundable, type PaymentState } from '../domain/payment.js';
import { paymentAggregate, placingPayment } from '../persistence/payment.aggregate.js';
import { knowOrder, lockOrder, lockPaymentsOf } from '../persistence/payment.repository.js';
import { newPayment } from './payment-commands.js';

/** An order was placed: it is remembered, and the payment that it wants is opened and processed. */
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
    } else if (refundable(payment) > 0) {
      await refund(ctx, payment, refundable(payment), 'order_cancelled');
    }
  }
}

/** A part was cancelled before it shipped: what was captured for it goes back; of what is only held, less is captured later. */
export async function itemsCancelled(ctx: Ctx, order: EventPayload<'order.items_cancelled'>): Promise<void> {
  await ctx.em.execute(`update payments.order_snapshot set total = ? where id = ?`, [
    order.total,
    order.orderId,
  ]);
  const payments = await lockPaymentsOf(ctx.em, order.orderId);
  const kept = payments.reduce((sum, payment) => sum + refundable(payment), 0);
  let owed = Math.min(order.amount, Math.max(0, kept - order.total));
  for (const payment of payments) {
    const part = Math.min(owed, refundable(payment));
    if (part <= 0 || payment.status === 'authorized') continue;
    await refund(ctx, payment, part, 'items_cancelled');
    owed -= part;
  }
  if (order.status === 'shipped' || order.status === 'delivered')
    await capture(ctx, payments, dueOf(order.total, payments), { last: true });
}

/** A parcel left: with manual capture its goods are paid now; the last parcel takes the rest that the order still costs. */
export async function shipmentCreated(
  ctx: Ctx,
  shipment: EventPayload<'order.shipment_created'>,
): Promise<void> {
  const order = await lockOrder(ctx.em, shipment.orderId);
  const payments = await lockPaymentsOf(ctx.em, shipment.orderId);
  const last = shipment.complete && order !== null;
  await capture(ctx, payments, last ? dueOf(order.total, payments) : shipment.amount, { last });
}

/** What the order costs and no payment has taken or is taking. */
const dueOf = (total: number, payments: readonly PaymentState[]): number =>
  total - payments.reduce((sum, payment) => sum + payment.capturedAmount + payment.capturingAmount, 0);

/**
 * Takes `due` of what manual payments hold, oldest first. The last time, each lets go of what it holds beyond that: the
 * customer's money is not kept for units that will never ship.
 */
async function capture(
  ctx: Ctx,
  payments: readonly PaymentState[],
  due: number,
  { last }: { last: boolean },
): Promise<void> {
  let left = due;
  for (const payment of payments) {
    if (payment.status !== 'authorized' || payment.capture !== 'manual') continue;
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

async function refund(ctx: Ctx, payment: PaymentState, amount: number, reason: string): Promise<void> {
  const input = {
    ...at(ctx, `${reason}:${ctx.causationId}`),
    refundId: newId('ref'),
    amount,
    reason,
    returnId: null,
    returnRefundId: null,
  };
  const decision = await transit(ctx, paymentAggregate, payment, 'refund', input as never);
  if (decision.outcome === 'refused')
    throw new Error(`payment ${payment.id} refused to give back ${amount}: ${decision.code}`);
}
