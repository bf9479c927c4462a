import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { price, type PricedInput } from '../../services/order-service/src/domain/pricing.js';
import { refundOf, type PaidLine } from '../../services/return-service/src/domain/refund-sums.js';

/** An order as order-service prices it, its lines as its events tell return-service. */
interface Paid {
  lines: PaidLine[];
  /** Goods with their tax, less every discount. */
  goods: number;
  shipping: number;
}

/** Units of some lines that come back together, and what of the shipping goes back with them. */
interface Parcel {
  counts: number[];
  shipping: number;
}

function pay(lines: readonly PricedInput[], order: { discountAmount: number; shippingAmount: number }): Paid {
  const money = price(lines, { ...order, shippingTaxAmount: 0 });
  if (typeof money === 'string') throw new Error(money);
  return {
    lines: lines.map((line, index) => ({
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      discount: line.discountAmount + (money.lines[index]?.orderDiscountShare ?? 0),
      tax: line.taxAmount,
    })),
    goods: money.total - order.shippingAmount,
    shipping: order.shippingAmount,
  };
}

/** Takes the parcels back one after the other, and answers what each gave. Throws the code of a refusal. */
function takeBack(paid: Paid, parcels: readonly Parcel[]): number[] {
  const returned = paid.lines.map(() => 0);
  let shippingRefunded = 0;
  let refundedBefore = 0;
  return parcels.map(({ counts, shipping }) => {
    const result = refundOf(
      paid.lines.map((line, index) => ({
        returnItemId: `rit_${index}`,
        orderItemId: `itm_${index}`,
        line,
        from: returned[index] ?? 0,
        count: counts[index] ?? 0,
      })),
      {
        restockingFee: 0,
        shippingRefundAmount: shipping,
        adjustment: 0,
        shippingPaid: paid.shipping,
        shippingRefunded,
        paidForOrder: paid.goods + paid.shipping,
        refundedBefore,
      },
    );
    if (!result.ok) throw new Error(result.code);
    counts.forEach((count, index) => (returned[index] = (returned[index] ?? 0) + count));
    shippingRefunded += shipping;
    refundedBefore += result.breakdown.total;
    return result.breakdown.total;
  });
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

const line = fc
  .record({
    quantity: fc.integer({ min: 1, max: 60 }),
    unitPrice: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 100_000_000 })),
    discounted: fc.double({ min: 0, max: 1, noNaN: true }),
    taxAmount: fc.integer({ min: 0, max: 1_000_000 }),
  })
  .map(({ discounted, ...own }): PricedInput => {
    return { ...own, discountAmount: Math.floor(own.unitPrice * own.quantity * discounted) };
  });

const order = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 8 }),
    discounted: fc.double({ min: 0, max: 1, noNaN: true }),
    shippingAmount: fc.integer({ min: 0, max: 5_000 }),
  })
  .map(({ lines, discounted, shippingAmount }) => {
    const goods = sum(lines.map((one) => one.unitPrice * one.quantity - one.discountAmount));
    return pay(lines, { discountAmount: Math.floor(goods * discounted), shippingAmount });
  });

/** What a customer takes to the post each time: a share of what is left of each line. The last parcel takes the rest. */
const shares = fc.array(
  fc.record({ ofLines: fc.array(fc.nat(100), { minLength: 8, maxLength: 8 }), ofShipping: fc.nat(100) }),
  { maxLength: 12 },
);

function split(paid: Paid, wishes: readonly { ofLines: number[]; ofShipping: number }[]): Parcel[] {
  const left = paid.lines.map((one) => one.quantity);
  let shippingLeft = paid.shipping;
  const all = { ofLines: left.map(() => 100), ofShipping: 100 };
  return [...wishes, all].map(({ ofLines, ofShipping }) => {
    const counts = left.map((units, index) => Math.floor((units * (ofLines[index] ?? 0)) / 100));
    counts.forEach((count, index) => (left[index] = (left[index] ?? 0) - count));
    const shipping = Math.floor((shippingLeft * ofShipping) / 100);
    shippingLeft -= shipping;
    return { counts, shipping };
  });
}

describe('a whole order that comes back in parts', () => {
  it('gives 290.00 in all for three of 100.00 with 10.00 off the order, taken back one by one', () => {
    const paid = pay([{ quantity: 3, unitPrice: 10_000, discountAmount: 0, taxAmount: 0 }], {
      discountAmount: 1_000,
      shippingAmount: 0,
    });
    const given = takeBack(
      paid,
      [1, 1, 1].map((count) => ({ counts: [count], shipping: 0 })),
    );
    expect(sum(given)).toBe(29_000);
    expect(Math.max(...given) - Math.min(...given)).toBeLessThanOrEqual(1);
  });

  it('gives 290.00 in all when the three are lines of their own', () => {
    const one = { quantity: 1, unitPrice: 10_000, discountAmount: 0, taxAmount: 0 };
    const paid = pay([one, one, one], { discountAmount: 1_000, shippingAmount: 0 });
    const given = takeBack(
      paid,
      [0, 1, 2].map((at) => ({ counts: [0, 1, 2].map((index) => Number(index === at)), shipping: 0 })),
    );
    expect(sum(given)).toBe(29_000);
  });

  it('gives 44.00 for one of two of 50.00 less 20.00 at ten percent tax', () => {
    const discounts = [
      { onLine: 2_000, onOrder: 0 },
      { onLine: 0, onOrder: 2_000 },
    ];
    for (const { onLine, onOrder } of discounts) {
      const paid = pay([{ quantity: 2, unitPrice: 5_000, discountAmount: onLine, taxAmount: 800 }], {
        discountAmount: onOrder,
        shippingAmount: 0,
      });
      expect(takeBack(paid, [{ counts: [1], shipping: 0 }])).toEqual([4_400]);
    }
  });

  it('adds up to what was paid, to the penny, whatever the discounts, the taxes, the split and its order', () => {
    fc.assert(
      fc.property(order, shares, (paid, wishes) => {
        const given = takeBack(paid, split(paid, wishes));
        expect(given.every((amount) => amount >= 0)).toBe(true);
        expect(sum(given)).toBe(paid.goods + paid.shipping);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never gives more shipping back than was paid', () => {
    fc.assert(
      fc.property(order, fc.nat(5_000), (paid, more) => {
        const all = paid.lines.map((one) => one.quantity);
        const parcels = [
          { counts: all, shipping: paid.shipping },
          { counts: all.map(() => 0), shipping: more + 1 },
        ];
        expect(() => takeBack(paid, parcels)).toThrow('shipping_already_refunded');
      }),
    );
  });
});
