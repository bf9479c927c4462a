import { unitsCost } from './pricing.js';
import type { KnownPayment, LineQuantity, OrderLine, OrderState } from './order.js';
import type { OrderPaymentStatus } from '@oms/contracts';

/** Units that may still be shipped or cancelled. */
export const open = (line: OrderLine): number => line.quantity - line.cancelled - line.shipped;

export const lineOf = (order: OrderState, itemId: string): OrderLine | undefined =>
  order.items.find((line) => line.id === itemId);

/** All that is left, as a parcel would take it. */
export const allOpen = (order: OrderState): LineQuantity[] =>
  order.items.filter((line) => open(line) > 0).map((line) => ({ itemId: line.id, quantity: open(line) }));

/** Whether `items` take everything that is open. */
export function takesAllOpen(order: OrderState, items: readonly LineQuantity[]): boolean {
  const asked = new Map(items.map((item) => [item.itemId, item.quantity]));
  return order.items.every((line) => open(line) === (asked.get(line.id) ?? 0));
}

/** What the goods of `items` cost; units that were shipped or cancelled before came first in each line's running sum. */
export function costOf(order: OrderState, items: readonly LineQuantity[]): number {
  return items.reduce((sum, item) => {
    const line = lineOf(order, item.itemId);
    return line
      ? sum + unitsCost(line.total, line.quantity, line.shipped + line.cancelled, item.quantity)
      : sum;
  }, 0);
}

/** What the order still costs: its total less the units that were cancelled. */
export function stillCosts(order: OrderState): number {
  return (
    order.total -
    order.items.reduce((sum, line) => sum + unitsCost(line.total, line.quantity, 0, line.cancelled), 0)
  );
}

/** How the order's money stands, from what its payments said last. */
export function paymentStatusOf(
  payments: Readonly<Record<string, KnownPayment>>,
  due: number,
): OrderPaymentStatus {
  const all = Object.values(payments);
  if (all.length === 0) return 'none';
  const sum = (amount: (payment: KnownPayment) => number) =>
    all.reduce((total, payment) => total + amount(payment), 0);
  const captured = sum((payment) => payment.capturedAmount);
  const refunded = sum((payment) => payment.refundedAmount);
  if (refunded > 0) return refunded >= captured ? 'refunded' : 'partially_refunded';
  if (captured > 0) return captured >= due ? 'captured' : 'partially_captured';
  for (const status of ['authorized', 'pending', 'voided'] as const)
    if (all.some((payment) => payment.status === status)) return status;
  return 'failed';
}
