import { at, newId, transit, type Ctx } from '@oms/chassis';
import type { ProviderResult } from '../adapters/provider.js';
import type { OperationKind, PaymentState } from '../domain/payment.js';
import { paymentAggregate } from '../persistence/payment.aggregate.js';
import { lockOrder } from '../persistence/payment.repository.js';
import type { OpenOperation } from '../persistence/provider.repository.js';

const INPUTS: Readonly<Record<OperationKind, { succeeded: string; declined: string }>> = {
  authorize: { succeeded: 'authorized', declined: 'declined' },
  capture: { succeeded: 'captured', declined: 'capture_declined' },
  void: { succeeded: 'voided', declined: 'void_declined' },
  refund: { succeeded: 'refund_succeeded', declined: 'refund_failed' },
};

/** Whether the return's request is paid in full with this refund, whichever payments of the order gave the other parts. */
async function settlesRequest(ctx: Ctx, payment: PaymentState, refundId: string): Promise<boolean> {
  const refund = payment.refunds.find((one) => one.id === refundId);
  if (!refund?.returnRefundId) return true;
  const [row] = await ctx.em.execute<{ given: string }[]>(
    `select coalesce(sum((r->>'amount')::bigint), 0) as given from payments.payment p, jsonb_array_elements(p.refunds) r
      where p.order_id = ? and r->>'returnId' = ? and r->>'id' <> ? and r->>'status' = 'succeeded'`,
    [payment.orderId, refund.returnId, refundId],
  );
  return Number(row?.given ?? 0) + refund.amount >= (refund.requestedAmount ?? 0);
}

/**
 * The provider's final word becomes the payment's next state; in one transaction with the operation that asked. False when
 * the operation was closed before, by whoever heard of it first.
 */
export async function applyResult(
  ctx: Ctx,
  operation: OpenOperation,
  result: ProviderResult & { outcome: 'succeeded' | 'declined' },
): Promise<boolean> {
  // Two parts of one request that succeed at the same moment would each see the other as open, and neither settle it.
  if (operation.kind === 'refund') await lockOrder(ctx.em, operation.order_id);
  const payment = await paymentAggregate.find(ctx.em, operation.payment_id);
  if (!payment) throw new Error(`operation ${operation.key} has no payment`);
  const closed = await ctx.em.execute<object[]>(
    `update payments.operation set state = ?, code = ?, closed_at = now() where id = ? and state in ('intended', 'pending', 'unknown') returning id`,
    [result.outcome, result.code, operation.id],
  );
  if (closed.length === 0) return false;
  const input = {
    ...at(ctx, operation.key),
    amount: Number(operation.amount),
    code: result.code ?? 'declined',
    refundId: operation.refund_id ?? newId('ref'),
    settled: operation.refund_id ? await settlesRequest(ctx, payment, operation.refund_id) : false,
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
  return true;
}
