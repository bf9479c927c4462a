/**
 * What goods that come back give back. Money is an integer in the currency's minor unit; nothing here rounds twice.
 *
 * The units of a line stand in a row, and the worth of its first `k` units is `floor(total × k / n)`, of all `n` exactly the
 * total. A return takes the next units of the row, so whatever the split and the order of the returns, the parts
 * telescope to the line's total: the last unit takes the rest. Rounding each return by itself was rejected: three
 * thirds of 290.00 would then give 290.01.
 */

/** A line of an order as it was paid: `discount` is its own discount plus its share of the order's, both for the whole line. */
export interface PaidLine {
  quantity: number;
  unitPrice: number;
  discount: number;
  tax: number;
}

/** The worth of some units of a line; `amount` = price − discount + tax, all for the quantity. */
export interface Worth {
  price: number;
  discount: number;
  tax: number;
  amount: number;
}

export interface BreakdownItem extends Worth {
  returnItemId: string;
  quantity: number;
}

/** The calculation of a refund as it is stored and shown; `total` = Σ items + shipping − restockingFee + adjustment. */
export interface RefundBreakdown {
  items: BreakdownItem[];
  shipping: number;
  restockingFee: number;
  adjustment: number;
  total: number;
}

/** The first `count` of `of` equal parts of `total`. BigInt, because a large total times 2,000 units leaves the safe integers. */
function firstParts(total: number, count: number, of: number): number {
  return Number((BigInt(total) * BigInt(count)) / BigInt(of));
}

/** The worth of `count` units that follow the first `from` units of a line. Throws when the line has fewer: a guard was forgotten. */
export function worthOf(line: PaidLine, from: number, count: number): Worth {
  if (from < 0 || count < 0 || from + count > line.quantity) {
    throw new RangeError(`units ${from}..${from + count} of a line of ${line.quantity}`);
  }
  const between = (total: number) =>
    firstParts(total, from + count, line.quantity) - firstParts(total, from, line.quantity);
  const price = line.unitPrice * count;
  const discount = between(line.discount);
  const tax = between(line.tax);
  return { price, discount, tax, amount: price - discount + tax };
}

/** The units of one return line that give money back, and where in their order line they stand. */
export interface ReturnedUnits {
  returnItemId: string;
  orderItemId: string;
  line: PaidLine;
  /** Units of the order line that were cancelled or refunded before. */
  from: number;
  count: number;
}

export interface RefundTerms {
  restockingFee: number;
  /** Includes tax. */
  shippingRefundAmount: number;
  /** With a sign. */
  adjustment: number;
  /** What the order's shipping cost with tax, and what earlier returns gave back of it. */
  shippingPaid: number;
  shippingRefunded: number;
  /** What was paid for the order's goods and shipping: no return gives more. */
  paidForOrder: number;
  /** What earlier returns of the order give back: with them, too, no return gives more than was paid. */
  refundedBefore: number;
}

/** Everything a refund was calculated from; stored with it, so that it can be calculated again. */
export interface RefundInputs {
  units: ReturnedUnits[];
  terms: RefundTerms;
  /** Whose the fee and the shipping are: the policy's, or staff's who said so. */
  decidedBy: { restockingFee: 'policy' | 'staff'; shipping: 'policy' | 'staff' };
}

export type RefundRefusal = 'fee_exceeds_refund' | 'shipping_already_refunded' | 'adjustment_out_of_range';

/** A finished calculation, or the code of the rule it breaks. */
export type Calculation = { ok: true; breakdown: RefundBreakdown } | { ok: false; code: RefundRefusal };

/** What each line gives back. Two return lines of one order line take its units one after the other. */
export function worthsOf(units: readonly ReturnedUnits[]): BreakdownItem[] {
  const taken = new Map<string, number>();
  return units.map((unit): BreakdownItem => {
    const before = taken.get(unit.orderItemId) ?? 0;
    taken.set(unit.orderItemId, before + unit.count);
    return {
      returnItemId: unit.returnItemId,
      quantity: unit.count,
      ...worthOf(unit.line, unit.from + before, unit.count),
    };
  });
}

/**
 * The refund of a return.
 * Refuses `shipping_already_refunded` (more than is left of the shipping), `fee_exceeds_refund` (a fee above the goods) and
 * `adjustment_out_of_range` (a sum below zero or above what was paid).
 */
export function refundOf(units: readonly ReturnedUnits[], terms: RefundTerms): Calculation {
  const items = worthsOf(units);
  const goods = items.reduce((sum, item) => sum + item.amount, 0);
  if (terms.shippingRefundAmount > terms.shippingPaid - terms.shippingRefunded) {
    return { ok: false, code: 'shipping_already_refunded' };
  }
  if (terms.restockingFee > goods) return { ok: false, code: 'fee_exceeds_refund' };
  const total = goods + terms.shippingRefundAmount - terms.restockingFee + terms.adjustment;
  if (total < 0 || total > terms.paidForOrder - terms.refundedBefore)
    return { ok: false, code: 'adjustment_out_of_range' };
  return {
    ok: true,
    breakdown: {
      items,
      shipping: terms.shippingRefundAmount,
      restockingFee: terms.restockingFee,
      adjustment: terms.adjustment,
      total,
    },
  };
}
