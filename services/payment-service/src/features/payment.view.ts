import type { EntityManager } from '@mikro-orm/postgresql';
import { allowedFrom, type Who } from '@oms/chassis/machine';
import { ownRefundReasons, type PaymentSummary, type PaymentView } from '@oms/contracts';
import { Refused } from '@oms/chassis';
import { chargedBack, type PaymentState } from '../domain/payment.js';
import { paymentMachine } from '../domain/payment.machine.js';
import { readWithAttempts, type AttemptRow } from '../persistence/payment.repository.js';

/** A payment as a list shows it, with what was asked of its provider. */
export const summaryOf = (payment: PaymentState, attempts: readonly AttemptRow[]): PaymentSummary => ({
  id: payment.id,
  orderId: payment.orderId,
  customerId: payment.customerId,
  status: payment.status,
  previousStatus: payment.previousStatus as PaymentSummary['previousStatus'],
  method: payment.method as PaymentSummary['method'],
  provider: payment.provider,
  capture: payment.capture,
  currency: payment.currency,
  amount: payment.amount,
  authorizedAmount: payment.authorizedAmount,
  capturedAmount: payment.capturedAmount,
  refundedAmount: payment.refundedAmount,
  chargedBackAmount: chargedBack(payment),
  failureCode: payment.failureCode,
  metadata: payment.metadata,
  note: payment.note,
  version: payment.version,
  createdAt: payment.createdAt.toISOString(),
  updatedAt: payment.updatedAt.toISOString(),
  refunds: payment.refunds.map(({ returnRefundId: _, requestedAmount: __, ...refund }) => refund),
  chargebacks: payment.chargebacks,
  attempts: attempts.map(({ at, ...attempt }) => ({ ...attempt, at: new Date(at).toISOString() })),
});

/** Notes are for staff, and so are their reasons. */
export const shownTo = <V extends Pick<PaymentSummary, 'note' | 'refunds'>>(viewer: Who, view: V): V =>
  viewer.type === 'customer'
    ? {
        ...view,
        note: null,
        refunds: view.refunds.map((refund) =>
          ownRefundReasons.has(refund.reason) ? refund : { ...refund, reason: null },
        ),
      }
    : view;

/** A payment, whole, as `viewer` may see it. */
export function viewFor(viewer: Who, payment: PaymentState, attempts: readonly AttemptRow[]): PaymentView {
  const time = (status: string) => payment.statusTimes[status] ?? null;
  return {
    ...shownTo(viewer, summaryOf(payment, attempts)),
    availableTransitions:
      payment.underWay && payment.status === 'pending'
        ? []
        : allowedFrom(paymentMachine, payment.status, viewer),
    authorizedAt: time('authorized'),
    capturedAt: time('captured'),
    refundedAt: time('refunded'),
    failedAt: time('failed'),
    voidedAt: time('voided'),
  };
}

/** Reads a payment with its attempts; refuses `not_found`. */
export async function readPayment(
  em: EntityManager,
  id: string,
): Promise<{ payment: PaymentState; attempts: AttemptRow[] }> {
  const read = await readWithAttempts(em, id);
  if (!read) throw new Refused('not_found');
  return read;
}
