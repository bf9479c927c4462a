import type { ReturnPolicy } from './policy.js';
import { worthsOf, type RefundInputs, type ReturnedUnits } from './refund-sums.js';

/** A return line that gives back units, and what the policy looks at. */
export interface PricedReturnLine extends ReturnedUnits {
  reason: string;
  /** As it arrived; a quote takes the goods to be new. */
  condition: string;
}

/** What is known of the money and the units of the order. */
export interface OrderMoney {
  shippingPaid: number;
  shippingRefunded: number;
  paidForOrder: number;
  refundedBefore: number;
  /** Units of the order that the customer still has, this return's included. */
  unitsOut: number;
}

/** What staff say themselves; what is left out is the policy's. */
export interface StaffTerms {
  restockingFee?: number | undefined;
  shippingRefundAmount?: number | undefined;
  adjustment?: number | undefined;
}

/**
 * The fee that the policy keeps: for each line the first rule that fits its reason and condition, a share of what the line
 * gives back (rounded down, for the customer) and an amount a unit, at most what the line gives back.
 */
export function restockingFeeUnder(policy: ReturnPolicy, lines: readonly PricedReturnLine[]): number {
  const worths = worthsOf(lines);
  return lines.reduce((sum, line, index) => {
    const amount = worths[index]?.amount ?? 0;
    const rule = policy.restockingFees.find(
      ({ reasons, conditions }) =>
        (!reasons || reasons.some((reason) => reason === line.reason)) &&
        (!conditions || conditions.some((condition) => condition === line.condition)),
    );
    if (!rule) return sum;
    const share = Number((BigInt(amount) * BigInt(rule.basisPoints)) / 10_000n);
    return sum + Math.min(amount, share + rule.perUnit * line.count);
  }, 0);
}

/** The shipping that the policy gives back: all that is left of it, or nothing. */
export function shippingRefundUnder(
  policy: ReturnPolicy,
  lines: readonly PricedReturnLine[],
  order: OrderMoney,
): number {
  const rule = policy.shippingRefund;
  const coming = lines.filter((line) => line.count > 0);
  if (!rule || coming.length === 0) return 0;
  const forReason = coming.every((line) => rule.reasons.some((reason) => reason === line.reason));
  const units = coming.reduce((sum, line) => sum + line.count, 0);
  if (!forReason || (rule.wholeOrderOnly && units < order.unitsOut)) return 0;
  return order.shippingPaid - order.shippingRefunded;
}

/** Everything a refund is calculated from: the same for a quote and for what is paid, so that they can't differ. */
export function refundInputsUnder(
  policy: ReturnPolicy,
  lines: readonly PricedReturnLine[],
  order: OrderMoney,
  staff: StaffTerms = {},
): RefundInputs {
  const { shippingPaid, shippingRefunded, paidForOrder, refundedBefore } = order;
  return {
    units: lines.map(({ returnItemId, orderItemId, line, from, count }) => ({
      returnItemId,
      orderItemId,
      line: { quantity: line.quantity, unitPrice: line.unitPrice, discount: line.discount, tax: line.tax },
      from,
      count,
    })),
    terms: {
      restockingFee: staff.restockingFee ?? restockingFeeUnder(policy, lines),
      shippingRefundAmount: staff.shippingRefundAmount ?? shippingRefundUnder(policy, lines, order),
      adjustment: staff.adjustment ?? 0,
      shippingPaid,
      shippingRefunded,
      paidForOrder,
      refundedBefore,
    },
    decidedBy: {
      restockingFee: staff.restockingFee === undefined ? 'policy' : 'staff',
      shipping: staff.shippingRefundAmount === undefined ? 'policy' : 'staff',
    },
  };
}

/** Whether a return for these reasons, whose goods are worth `goods`, needs nobody's approval. */
export function approvesItself(
  policy: ReturnPolicy,
  lines: readonly { reason: string }[],
  goods: number,
): boolean {
  const rule = policy.autoApprove;
  return (
    rule !== null &&
    (rule.upTo === null || goods <= rule.upTo) &&
    lines.every((line) => rule.reasons.some((reason) => reason === line.reason))
  );
}
