import { at, newId, transit, type Ctx } from '@oms/chassis';
import { isOutside, keeps, taking, type PaymentState } from '../domain/payment.js';
import { spreadRefund } from '../domain/refund-order.js';
import { awaitCapture } from '../persistence/awaits-capture.repository.js';
import { paymentAggregate } from '../persistence/payment.aggregate.js';

/**
 * Units that cost `amount` were cancelled, and the order costs `total` without them: what was taken beyond that goes back, up
 * to the amount. What a provider is still taking, or gives back only when it has taken the rest, is waited for.
 */
export async function giveBackForCancelled(
  ctx: Ctx,
  payments: readonly PaymentState[],
  { orderId, amount, total }: { orderId: string; amount: number; total: number },
): Promise<void> {
  const kept = payments.reduce((sum, payment) => sum + keeps(payment), 0);
  const later = payments.reduce((sum, payment) => sum + taking(payment), 0);
  const owed = (paid: number) => Math.min(amount, Math.max(0, paid - total));
  const parts = spreadRefund(payments, owed(kept));
  for (const part of parts) await giveBack(ctx, part.payment, part.amount, 'items_cancelled');
  const missing = parts.reduce((sum, part) => sum - part.amount, owed(kept + later));
  if (missing > 0 && payments.some(isBeingTaken))
    await awaitCapture(ctx.em, { wantedFor: 'items_cancelled', request: { orderId, amount: missing } });
}

const isBeingTaken = (payment: PaymentState): boolean =>
  taking(payment) > 0 || (payment.status === 'authorized' && !isOutside(payment.method));

/** What came outside a provider is not given back by itself: the refund fails in plain sight, and staff pay it. */
export async function giveBack(
  ctx: Ctx,
  payment: PaymentState,
  amount: number,
  reason: string,
): Promise<void> {
  const input = {
    ...at(ctx, `${reason}:${ctx.causationId}`),
    refundId: newId('ref'),
    amount,
    reason,
    returnId: null,
    returnRefundId: null,
    code: 'refund_paid_outside',
  };
  const on = isOutside(payment.method) ? 'refund_refused' : 'refund';
  const decision = await transit(ctx, paymentAggregate, payment, on, input as never);
  if (decision.outcome === 'refused')
    throw new Error(`payment ${payment.id} refused to give back ${amount}: ${decision.code}`);
}
