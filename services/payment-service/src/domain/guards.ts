import type { At } from '@oms/chassis/machine';
import { capturable, chargedBack, isOutside, refundable, type PaymentState } from './payment.js';

type Verdict = true | string;

export const idle = (payment: PaymentState): Verdict => payment.underWay === null || 'operation_in_progress';
export const nothingUnderWay = (payment: PaymentState): boolean => payment.underWay === null;

/** Asked for without an amount, a capture takes what the order still costs: nothing, when all of that is taken. */
export const somethingDue = (_: PaymentState, input: { amount: number }): Verdict =>
  input.amount > 0 || 'nothing_to_pay';
export const withinAuthorized = (payment: PaymentState, input: { amount: number }): Verdict =>
  input.amount <= capturable(payment) || 'amount_exceeds_authorized';
export const completes = (payment: PaymentState, input: { amount: number }): Verdict =>
  payment.capturedAmount + input.amount >= payment.authorizedAmount || 'more_to_capture';
export const partWasCaptured = (payment: PaymentState): Verdict =>
  payment.capturedAmount > 0 || 'nothing_captured';

/** What a chargeback took counts as gone: a refund of it would give the same money back twice. */
export const withinCaptured = (payment: PaymentState, input: { amount: number }): Verdict => {
  const left = refundable(payment);
  if (input.amount <= left) return true;
  return input.amount <= left + chargedBack(payment) ? 'payment_charged_back' : 'refund_exceeds_captured';
};
/** In a return's name goes what it is owed; what staff give beyond that is goodwill, and not the return's. */
export const withinOwed = (_: PaymentState, input: { amount: number; owed?: number | null }): Verdict =>
  (input.owed ?? null) === null || input.amount <= (input.owed ?? 0) || 'refund_exceeds_owed';
export const knownRefund = (payment: PaymentState, input: { refundId: string }): Verdict =>
  payment.refunds.some((one) => one.id === input.refundId && one.status === 'pending') || 'unknown_refund';
/** `amount` where the refund is only now made, its stored amount where the provider answers for it. */
export const givesAllBack = (
  payment: PaymentState,
  input: { refundId: string; amount?: number },
): Verdict => {
  const known = payment.refunds.find((one) => one.id === input.refundId);
  const amount = known?.amount ?? input.amount ?? 0;
  return payment.refundedAmount + amount >= payment.capturedAmount || 'more_is_kept';
};
export const settledBefore =
  (status: 'succeeded' | 'failed') => (payment: PaymentState, input: { refundId: string }) =>
    payment.refunds.some((one) => one.id === input.refundId && one.status === status);

/** Its money moves outside any provider. */
export const outside = (payment: PaymentState): Verdict => isOutside(payment.method) || 'through_provider';
export const onDelivery = (payment: PaymentState): Verdict =>
  payment.method === 'cash_on_delivery' || 'not_on_delivery';
export const byHand = (payment: PaymentState): Verdict => payment.method === 'manual' || 'not_by_hand';
/** Nobody is believed to have paid because they say so themselves. */
export const saidByStaff = (_: PaymentState, input: At): Verdict =>
  input.actor.type !== 'customer' || 'recorded_by_staff';
/** Stands behind the rows of money that moves outside: who still comes here with such a payment was refused there. */
export const throughProvider = (payment: PaymentState): Verdict =>
  !isOutside(payment.method) || 'recorded_by_staff';

/** The same caller's question, asked again with the same content. */
export const justAsked = (payment: PaymentState, input: At): boolean =>
  payment.lastAsked?.fingerprint === input.fingerprint;

export const knownChargeback = (payment: PaymentState, input: { chargebackId: string }): boolean =>
  payment.chargebacks.some((one) => one.id === input.chargebackId);
export const openChargeback = (payment: PaymentState, input: { chargebackId: string }): Verdict =>
  payment.chargebacks.some((one) => one.id === input.chargebackId && one.status === 'open') ||
  'unknown_chargeback';
export const closedChargeback = (payment: PaymentState, input: { chargebackId: string }): boolean =>
  payment.chargebacks.some((one) => one.id === input.chargebackId && one.status !== 'open');
