import { at, newId, transit, type Ctx } from '@oms/chassis';
import type { EventPayload } from '@oms/contracts';
import {
  chargedBack,
  coming,
  givenFor,
  isOutside,
  refundable,
  type PaymentState,
  type Refund,
} from '../domain/payment.js';
import { spreadRefund } from '../domain/refund-order.js';
import { awaitCapture, dropAwaiting } from '../persistence/awaits-capture.repository.js';
import { paymentAggregate } from '../persistence/payment.aggregate.js';
import { lockPaymentsOf } from '../persistence/payment.repository.js';
import { knowReturn, settleReturn } from '../persistence/return-snapshot.repository.js';

type Request = EventPayload<'return.refund_requested'>;

const left = (payments: readonly PaymentState[]): number =>
  payments
    .filter((payment) => payment.status === 'captured' || payment.status === 'partially_refunded')
    .reduce((sum, payment) => sum + refundable(payment), 0);

/** The amount of a return is fixed: from now on no more than that is given in its name. */
export const returnProcessed = (ctx: Ctx, event: EventPayload<'return.processed'>): Promise<void> =>
  knowReturn(ctx.em, { id: event.returnId, orderId: event.orderId, amount: event.refundAmount });

/**
 * A return wants its money. What went back for it before, or is on its way (a part of an earlier request, or staff's own
 * refund in its name), is not given a second time. The rest is spread over the payments of the order that a provider can
 * give back. What they do not have together yet, because it is still being taken, is waited for; when they never will,
 * nothing is paid and the return hears why. Seen: an import under faults left 3 of 288 returns to a person, whose orders had
 * been delivered while the provider was away.
 */
export async function refundRequested(ctx: Ctx, request: Request): Promise<void> {
  if (request.method !== 'original') return;
  const payments = await lockPaymentsOf(ctx.em, request.orderId);
  const before = payments.flatMap(({ refunds }) =>
    refunds.filter((one) => one.returnId === request.returnId && one.status !== 'failed'),
  );
  if (isAnswered(payments, request)) return;
  const owed = request.amount - before.reduce((sum, refund) => sum + refund.amount, 0);
  if (owed <= 0) return covered(ctx, request, payments, before);

  const given = payments.filter((payment) => !isOutside(payment.method));
  if (left(given) < owed) {
    const later = given.reduce((sum, payment) => sum + coming(payment), 0);
    return left(given) + later >= owed
      ? awaitCapture(ctx.em, { wantedFor: 'return', request })
      : notGiven(ctx, 'refund_refused', request, payments, whyNot(payments, owed));
  }
  for (const { payment, amount } of spreadRefund(given, owed)) {
    const input = { ...at(ctx, request.refundId), ...about(request), refundId: newId('ref'), amount };
    const decision = await transit(ctx, paymentAggregate, payment, 'refund', input as never);
    if (decision.outcome === 'refused')
      throw new Error(`payment ${payment.id} refused to give back ${amount}: ${decision.code}`);
  }
}

/**
 * The case of a return was closed while its request had no answer. What waits here is withdrawn, and the return hears so; what a
 * payment has passed on to its provider can not be, and is told when the provider answers. Kept among the refunds, it also ends
 * a request that is heard of after it.
 */
export async function refundWithdrawn(
  ctx: Ctx,
  withdrawn: EventPayload<'return.refund_withdrawn'>,
): Promise<void> {
  const payments = await lockPaymentsOf(ctx.em, withdrawn.orderId);
  if (isAnswered(payments, withdrawn)) return;
  await dropAwaiting(ctx.em, withdrawn.orderId, { refundId: withdrawn.refundId });
  await notGiven(ctx, 'refund_withdrawn', withdrawn, payments, 'refund_withdrawn');
}

/** A part of it was given, is on its way, or was refused. */
const isAnswered = (payments: readonly PaymentState[], { refundId }: Pick<Request, 'refundId'>): boolean =>
  payments.some(({ refunds }) => refunds.some((one) => one.returnRefundId === refundId));

const about = (request: Pick<Request, 'returnId' | 'refundId' | 'amount'>) => ({
  reason: 'return',
  returnId: request.returnId,
  returnRefundId: request.refundId,
  requestedAmount: request.amount,
});

/** All of it went back before it was asked for; what is only on its way says so itself when it has arrived. */
async function covered(
  ctx: Ctx,
  request: Request,
  payments: readonly PaymentState[],
  before: readonly Refund[],
): Promise<void> {
  if (before.some((refund) => refund.status === 'pending')) return;
  const last = before.at(-1);
  const payment = payments.find((one) => one.refunds.some((refund) => refund.id === last?.id));
  if (!last || !payment) return;
  const input = { ...at(ctx, request.refundId), refundId: last.id, returnRefundId: request.refundId };
  await transit(ctx, paymentAggregate, payment, 'refund_covered', input as never);
}

function whyNot(payments: readonly PaymentState[], owed: number): string {
  const gone = payments.reduce((sum, payment) => sum + chargedBack(payment), 0);
  const inAll = left(payments);
  if (inAll >= owed) return 'refund_paid_outside';
  return inAll + gone >= owed ? 'payment_charged_back' : 'refund_exceeds_captured';
}

/** A return hears that nothing is given for its request, and why, by the oldest payment of its order. */
async function notGiven(
  ctx: Ctx,
  on: 'refund_refused' | 'refund_withdrawn',
  request: Pick<Request, 'returnId' | 'refundId' | 'amount'>,
  payments: readonly PaymentState[],
  code: string,
): Promise<void> {
  const [first] = payments;
  if (!first) return;
  const input = {
    ...at(ctx, request.refundId),
    ...about(request),
    refundId: newId('ref'),
    amount: request.amount,
    code,
  };
  await transit(ctx, paymentAggregate, first, on, input as never);
}

/**
 * The customer has the money of a return: nothing more is owed in its name. What staff paid outside is booked as gone back where
 * it had come outside, so that nobody gives it back again.
 */
export async function returnRefunded(ctx: Ctx, event: EventPayload<'return.refunded'>): Promise<void> {
  const payments = await lockPaymentsOf(ctx.em, event.orderId);
  await dropAwaiting(ctx.em, event.orderId, { returnId: event.returnId });
  await settleReturn(ctx.em, { id: event.returnId, orderId: event.orderId });
  if (event.method !== 'manual') return;
  const owed = event.amount - givenFor(payments, event.returnId);
  const outside = payments.filter((payment) => isOutside(payment.method));
  for (const { payment, amount } of spreadRefund(outside, Math.max(0, owed))) {
    const input = {
      ...at(ctx, `paid outside:${ctx.causationId}`),
      refundId: newId('ref'),
      amount,
      reason: 'return',
      returnId: event.returnId,
      returnRefundId: null,
    };
    await transit(ctx, paymentAggregate, payment, 'refund', input as never);
  }
}
