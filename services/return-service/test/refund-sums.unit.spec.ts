import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refundOf, worthOf } from '../src/domain/refund-sums.js';
import type { PaidLine, RefundTerms } from '../src/domain/refund-sums.js';

const noTerms: RefundTerms = {
  restockingFee: 0,
  shippingRefundAmount: 0,
  adjustment: 0,
  shippingPaid: 0,
  shippingRefunded: 0,
  paidForOrder: 1_000_000,
  refundedBefore: 0,
};

/** A line as orders have them: a discount is at most the goods. */
const paidLine = fc
  .record({
    quantity: fc.integer({ min: 1, max: 2_000 }),
    unitPrice: fc.integer({ min: 0, max: 100_000_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    tax: fc.integer({ min: 0, max: 1_000_000_000 }),
  })
  .map(({ quantity, unitPrice, share, tax }): PaidLine => {
    return { quantity, unitPrice, tax, discount: Math.floor(unitPrice * quantity * share) };
  });

describe('what units of a line give back', () => {
  it('gives 290.00 for three of 100.00 with 10.00 off the order, returned one by one', () => {
    const line = { quantity: 3, unitPrice: 10_000, discount: 1_000, tax: 0 };
    const parts = [0, 1, 2].map((from) => worthOf(line, from, 1).amount);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(29_000);
    expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
  });

  it('gives 44.00 for one of two of 50.00 less 20.00 at ten percent tax', () => {
    const line = { quantity: 2, unitPrice: 5_000, discount: 2_000, tax: 800 };
    expect(worthOf(line, 0, 1)).toEqual({ price: 5_000, discount: 1_000, tax: 400, amount: 4_400 });
  });

  it('adds up to the line to the last penny, in any split and from any of its returns first', () => {
    fc.assert(
      fc.property(paidLine, fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 40 }), (line, wishes) => {
        let from = 0;
        let sum = 0;
        for (const wish of [...wishes, line.quantity]) {
          const count = Math.min(wish, line.quantity - from);
          const worth = worthOf(line, from, count);
          expect(worth.amount).toBeGreaterThanOrEqual(0);
          expect(worth.amount).toBe(worth.price - worth.discount + worth.tax);
          sum += worth.amount;
          from += count;
        }
        expect(from).toBe(line.quantity);
        expect(sum).toBe(line.unitPrice * line.quantity - line.discount + line.tax);
      }),
    );
  });

  it('never lets a unit be worth more than two pennies more or less than another', () => {
    fc.assert(
      fc.property(paidLine, (line) => {
        const first = worthOf(line, 0, 1).amount;
        const last = worthOf(line, line.quantity - 1, 1).amount;
        expect(Math.abs(first - last)).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('does not price units that the line does not have', () => {
    expect(() => worthOf({ quantity: 2, unitPrice: 1, discount: 0, tax: 0 }, 1, 2)).toThrow(RangeError);
  });
});

describe('the refund of a return', () => {
  const line = { quantity: 2, unitPrice: 5_000, discount: 2_000, tax: 800 };
  const one = { returnItemId: 'rit_1', orderItemId: 'itm_1', line, from: 0, count: 1 };

  it('is the goods and the shipping, less the fee, and the adjustment with its sign', () => {
    const terms = {
      ...noTerms,
      restockingFee: 400,
      shippingRefundAmount: 594,
      shippingPaid: 594,
      adjustment: -94,
    };
    const result = refundOf([one], terms);
    expect(result).toEqual({
      ok: true,
      breakdown: {
        items: [
          { returnItemId: 'rit_1', quantity: 1, price: 5_000, discount: 1_000, tax: 400, amount: 4_400 },
        ],
        shipping: 594,
        restockingFee: 400,
        adjustment: -94,
        total: 4_500,
      },
    });
  });

  it('takes the units of one order line one after the other when two return lines share it', () => {
    const odd = { quantity: 3, unitPrice: 10_000, discount: 1_000, tax: 0 };
    const units = ['a', 'b', 'c'].map((id) => ({
      returnItemId: id,
      orderItemId: 'itm_1',
      line: odd,
      from: 0,
      count: 1,
    }));
    const result = refundOf(units, noTerms);
    expect(result.ok && result.breakdown.total).toBe(29_000);
  });

  it('refuses a fee above the goods, shipping given back twice, and a sum out of range', () => {
    const code = (terms: Partial<RefundTerms>) => {
      const result = refundOf([one], { ...noTerms, ...terms });
      return result.ok ? 'ok' : result.code;
    };
    expect(code({ restockingFee: 4_401 })).toBe('fee_exceeds_refund');
    expect(code({ restockingFee: 4_400 })).toBe('ok');
    expect(code({ shippingRefundAmount: 100, shippingPaid: 594, shippingRefunded: 500 })).toBe(
      'shipping_already_refunded',
    );
    expect(code({ adjustment: -4_401 })).toBe('adjustment_out_of_range');
    expect(code({ adjustment: 1, paidForOrder: 4_400 })).toBe('adjustment_out_of_range');
  });
});
