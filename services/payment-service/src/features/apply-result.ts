import { at, newId, transit, type Ctx } from '@oms/chassis';
import type { ProviderResult } from '../adapters/provider.js';
import type { OperationKind, PaymentState, Refund } from '../domain/payment.js';
import { paymentAggregate } from '../persistence/payment.aggregate.js';
import { lockOrder, lockPaymentsOf, returnMoneyOf } from '../persistence/payment.repository.js';
import type { OpenOperation } from '../persistence/provider.repository.js';
import { afterCapture } from './after-capture.js';

const INPUTS: Readonly<Record<OperationKind, { succeeded: string; declined: string }>> = {
  authorize: { succeeded: 'authorized', declined: 'declined' },
  capture: { succeeded: 'captured', declined: 'capture_declined' },
  void: { succeeded: 'voided', declined: 'void_declined' },
  refund: { succeeded: 'refund_succeeded', declined: 'refund_failed' },
};

/**
 * What a refund that succeeds says to its return: a part of a request, whether it completes it; one that staff made in the
 * return's name, the request that it completes, if any. Whichever payments of the order gave the other parts. The order, or all its
 * payments, must be locked.
 */
export async function answerOf(
  ctx: Ctx,
  orderId: string,
  refund: Pick<Refund, 'id' | 'amount' | 'returnId' | 'returnRefundId' | 'requestedAmount'>,
): Promise<{ settled: boolean; answers: string | null }> {
  const { returnId, returnRefundId } = refund;
  if (!returnId) return { settled: true, answers: null };
  const { given, request } = await returnMoneyOf(ctx.em, orderId, returnId, refund.id);
  const inAll = given + refund.amount;
  if (returnRefundId) return { settled: inAll >= (refund.requestedAmount ?? 0), answers: returnRefundId };
  return { settled: true, answers: request && inAll >= request.amount ? request.returnRefundId : null };
}

/**
 * The provider's final word becomes the payment's next state; in one transaction with the operation that asked. False when
 * that moved nothing: the operation was closed before, by whoever heard of it first.
 */
export async function applyResult(
  ctx: Ctx,
  operation: OpenOperation,
  result: ProviderResult & { outcome: 'succeeded' | 'declined' },
): Promise<boolean> {
  // Two parts of one request that succeed at the same moment would each see the other as open, and neither settle it.
  if (operation.kind === 'refund') await lockOrder(ctx.em, operation.order_id);
  const payment = await locked(ctx, operation);
  if (!payment) throw new Error(`operation ${operation.key} has no payment`);
  const closed = await ctx.em.execute<object[]>(
    `update payments.operation set state = ?, code = ?, closed_at = now() where id = ? and state in ('intended', 'pending', 'unknown') returning id`,
    [result.outcome, result.code, operation.id],
  );
  if (closed.length === 0) return false;
  const refund = payment.refunds.find((one) => one.id === operation.refund_id);
  const input = {
    ...at(ctx, operation.key),
    amount: Number(operation.amount),
    ...(result.outcome === 'declined' ? { code: result.code ?? 'declined' } : {}),
    refundId: operation.refund_id ?? newId('ref'),
    ...(refund ? await answerOf(ctx, payment.orderId, refund) : {}),
  };
  const decision = await transit(
    ctx,
    paymentAggregate,
    payment,
    INPUTS[operation.kind][result.outcome],
    input,
  );
  if (decision.outcome === 'refused')
    throw new Error(`payment ${payment.id} in ${decision.from} refused ${decision.on}: ${decision.code}`);
  if (operation.kind !== 'refund') await afterCapture(ctx, operation.order_id);
  return decision.outcome === 'moved';
}

/**
 * What waits for a capture may be given back by any payment of the order: all are locked in their one sequence, as whoever
 * waits locked them.
 */
async function locked(ctx: Ctx, operation: OpenOperation): Promise<PaymentState | null | undefined> {
  if (operation.kind === 'refund') return paymentAggregate.find(ctx.em, operation.payment_id);
  const payments = await lockPaymentsOf(ctx.em, operation.order_id);
  return payments.find(({ id }) => id === operation.payment_id);
}
