import { LARGEST_AMOUNT } from '@oms/contracts';

/** What a line is priced from. */
export interface PricedInput {
  quantity: number;
  unitPrice: number;
  discountAmount: number;
  taxAmount: number;
}

/** The money of an order, all in minor units (API.md, "Order money"). */
export interface OrderMoney {
  subtotal: number;
  discountAmount: number;
  taxAmount: number;
  total: number;
  lines: { orderDiscountShare: number; total: number }[];
}

/**
 * Splits `amount` over `weights` by largest remainder; of equal remainders the earlier line comes first. The parts add up
 * to `amount` exactly. BigInt inside, because amount × weight leaves the safe integers.
 */
export function spread(amount: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) return weights.map(() => 0);
  const parts = weights.map((weight) => {
    const product = BigInt(amount) * BigInt(weight);
    return { share: Number(product / BigInt(sum)), remainder: product % BigInt(sum) };
  });
  let left = amount - parts.reduce((total, part) => total + part.share, 0);
  const order = parts
    .map((_, index) => index)
    .sort((a, b) => {
      const difference = (parts[b]?.remainder ?? 0n) - (parts[a]?.remainder ?? 0n);
      return difference > 0n ? 1 : difference < 0n ? -1 : a - b;
    });
  for (const index of order) {
    const part = parts[index];
    if (left === 0 || !part) break;
    part.share += 1;
    left -= 1;
  }
  return parts.map((part) => part.share);
}

/** The sums of an order, or the code of the rule that it breaks. */
export function price(
  lines: readonly PricedInput[],
  order: { discountAmount: number; shippingAmount: number; shippingTaxAmount: number },
): OrderMoney | 'discount_exceeds_price' | 'amount_too_large' {
  const nets = lines.map((line) => line.unitPrice * line.quantity - line.discountAmount);
  if (nets.some((net) => net < 0)) return 'discount_exceeds_price';
  const goods = nets.reduce((sum, net) => sum + net, 0);
  if (order.discountAmount > goods) return 'discount_exceeds_price';
  const shares = spread(order.discountAmount, nets);
  const totals = lines.map((line, index) => (nets[index] ?? 0) - (shares[index] ?? 0) + line.taxAmount);
  const total =
    totals.reduce((sum, value) => sum + value, 0) + order.shippingAmount + order.shippingTaxAmount;
  const subtotal = lines.reduce((sum, line) => sum + line.unitPrice * line.quantity, 0);
  // A line is worth no more than all of them, but for its tax.
  if ([total, subtotal, ...totals].some((sum) => sum > LARGEST_AMOUNT)) return 'amount_too_large';
  return {
    subtotal,
    discountAmount: order.discountAmount,
    taxAmount: lines.reduce((sum, line) => sum + line.taxAmount, 0) + order.shippingTaxAmount,
    total,
    lines: lines.map((_, index) => ({ orderDiscountShare: shares[index] ?? 0, total: totals[index] ?? 0 })),
  };
}

/**
 * What `units` of a line cost when `before` units of it have gone the same way already: differences of one running sum,
 * so that any sequence of parts adds up to the line's total.
 */
export function unitsCost(lineTotal: number, quantity: number, before: number, units: number): number {
  const upTo = (count: number) => Number((BigInt(lineTotal) * BigInt(count)) / BigInt(quantity));
  return upTo(before + units) - upTo(before);
}
