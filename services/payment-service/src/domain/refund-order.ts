import { refundable, type PaymentState } from './payment.js';

/** A part of a refund, and the payment that gives it. */
export interface RefundPart {
  payment: PaymentState;
  amount: number;
}

/**
 * Spreads `amount` over an order's payments (ADR 17): the one with the least left that can give all of it gives all of it;
 * when none can, those with the most left give first. Among equals the newer gives first, since a provider takes a refund
 * for a limited time. Never more than is left on each; what they do not have together is missing from the sum.
 */
export function spreadRefund(payments: readonly PaymentState[], amount: number): RefundPart[] {
  const giving = payments
    .filter((payment) => payment.status === 'captured' || payment.status === 'partially_refunded')
    .filter((payment) => refundable(payment) > 0)
    .sort((a, b) => refundable(b) - refundable(a) || (a.id < b.id ? 1 : -1));
  const whole = giving.filter((payment) => refundable(payment) >= amount);
  const least = Math.min(...whole.map(refundable));
  const alone = whole.find((payment) => refundable(payment) === least);
  const order = alone ? [alone] : giving;
  let owed = amount;
  return order.flatMap((payment) => {
    const part = Math.min(owed, refundable(payment));
    owed -= part;
    return part > 0 ? [{ payment, amount: part }] : [];
  });
}
