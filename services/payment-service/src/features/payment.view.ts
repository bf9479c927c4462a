import type { EntityManager } from '@mikro-orm/postgresql';
import { allowedFrom } from '@oms/chassis/machine';
import type { PaymentSummary, PaymentView } from '@oms/contracts';
import { Refused } from '@oms/chassis';
import type { PaymentState } from '../domain/payment.js';
import { paymentMachine } from '../domain/payment.machine.js';
import { attemptsOf, loadPayment } from '../persistence/payment.repository.js';

/** A payment as a list shows it. */
export const summaryOf = (payment: PaymentState): PaymentSummary => ({
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
  failureCode: payment.failureCode,
  metadata: payment.metadata,
  note: payment.note,
  version: payment.version,
  createdAt: payment.createdAt.toISOString(),
  updatedAt: payment.updatedAt.toISOString(),
});

/** A payment, whole, with the ledger of what was asked of its provider. */
export async function viewOf(em: EntityManager, payment: PaymentState): Promise<PaymentView> {
  const time = (status: string) => payment.statusTimes[status] ?? null;
  const attempts = await attemptsOf(em, payment.id);
  return {
    ...summaryOf(payment),
    refunds: payment.refunds.map(({ returnRefundId: _, ...refund }) => refund),
    attempts: attempts.map(({ at, ...attempt }) => ({ ...attempt, at: new Date(at).toISOString() })),
    availableTransitions:
      payment.underWay && payment.status === 'pending' ? [] : allowedFrom(paymentMachine, payment.status),
    authorizedAt: time('authorized'),
    capturedAt: time('captured'),
    refundedAt: time('refunded'),
    failedAt: time('failed'),
    voidedAt: time('voided'),
  };
}

/** Reads a payment for its view; refuses `not_found`. */
export async function readPayment(em: EntityManager, id: string): Promise<PaymentState> {
  const payment = await loadPayment(em, id, false);
  if (!payment) throw new Refused('not_found');
  return payment;
}
