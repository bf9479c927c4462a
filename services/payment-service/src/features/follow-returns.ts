import { at, newId, transit, type Ctx } from '@oms/chassis';
import type { EventPayload } from '@oms/contracts';
import { refundable } from '../domain/payment.js';
import { paymentAggregate } from '../persistence/payment.aggregate.js';
import { lockPaymentsOf } from '../persistence/payment.repository.js';

/**
 * A return wants its money: taken from the order's payments, oldest first, at most what is left on each. When all of them
 * together do not have it, nothing is paid and the return hears of it. A request that was seen before is not paid again.
 */
export async function refundRequested(
  ctx: Ctx,
  request: EventPayload<'return.refund_requested'>,
): Promise<void> {
  if (request.method !== 'original') return;
  const payments = await lockPaymentsOf(ctx.em, request.orderId);
  if (payments.some((payment) => payment.refunds.some((one) => one.returnRefundId === request.refundId)))
    return;
  const paid = payments.filter((payment) => ['captured', 'partially_refunded'].includes(payment.status));
  const about = { reason: 'return', returnId: request.returnId, returnRefundId: request.refundId };
  const left = paid.reduce((sum, payment) => sum + refundable(payment), 0);
  if (left < request.amount) {
    const first = payments[0];
    if (!first) return;
    const input = {
      ...at(ctx, request.refundId),
      ...about,
      refundId: newId('ref'),
      amount: request.amount,
      code: 'refund_exceeds_captured',
    };
    await transit(ctx, paymentAggregate, first, 'refund_refused', input as never);
    return;
  }
  let owed = request.amount;
  for (const payment of paid) {
    const part = Math.min(owed, refundable(payment));
    if (part === 0) continue;
    const input = { ...at(ctx, request.refundId), ...about, refundId: newId('ref'), amount: part };
    const decision = await transit(ctx, paymentAggregate, payment, 'refund', input as never);
    if (decision.outcome === 'refused')
      throw new Error(`payment ${payment.id} refused to give back ${part}: ${decision.code}`);
    owed -= part;
  }
}
