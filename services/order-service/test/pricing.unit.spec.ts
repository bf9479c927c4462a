import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { price, spread, unitsCost } from '../src/domain/pricing.js';

describe('a discount on the order', () => {
  it('is spread to the last penny, by weight, and the earlier line takes a tie', () => {
    expect(spread(1000, [10000, 10000, 10000])).toEqual([334, 333, 333]);
  });

  it('always adds up, and no line gets more than one unit beyond its exact share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000_000_000), { minLength: 1, maxLength: 200 }),
        fc.nat(1_000_000),
        (weights, amount) => {
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          fc.pre(total >= amount);
          const parts = spread(amount, weights);
          if (total > 0) expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
          parts.forEach((part, index) =>
            expect(Math.abs(part - (amount * weights[index]!) / Math.max(total, 1))).toBeLessThanOrEqual(1),
          );
        },
      ),
    );
  });

  it('larger than the goods is refused, and so is one larger than its line', () => {
    const line = { quantity: 2, unitPrice: 100, discountAmount: 0, taxAmount: 0 };
    const none = { discountAmount: 0, shippingAmount: 0, shippingTaxAmount: 0 };
    expect(price([line], { ...none, discountAmount: 201 })).toBe('discount_exceeds_price');
    expect(price([{ ...line, discountAmount: 201 }], none)).toBe('discount_exceeds_price');
  });
});

it('the totals of an order are the sums that the contract states', () => {
  const money = price(
    [
      { quantity: 6, unitPrice: 339, discountAmount: 0, taxAmount: 407 },
      { quantity: 2, unitPrice: 795, discountAmount: 90, taxAmount: 318 },
    ],
    { discountAmount: 500, shippingAmount: 495, shippingTaxAmount: 99 },
  );
  expect(money).toMatchObject({
    subtotal: 3624,
    discountAmount: 500,
    taxAmount: 407 + 318 + 99,
    total: 3624 - 90 - 500 + 725 + 495 + 99,
  });
});

it('any split of a line into parts, in any order, costs the line', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.nat(10_000_000),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 50 }),
      (quantity, total, cuts) => {
        let before = 0;
        let sum = 0;
        for (const cut of [...cuts, quantity]) {
          const units = Math.min(cut, quantity - before);
          sum += unitsCost(total, quantity, before, units);
          before += units;
        }
        expect(sum).toBe(total);
      },
    ),
  );
});

it('an order whose sum is larger than any amount may be is refused, not announced', () => {
  const line = { quantity: 2, unitPrice: 999_999_999_999, discountAmount: 0, taxAmount: 0 };
  const order = { discountAmount: 0, shippingAmount: 0, shippingTaxAmount: 0 };
  expect(price([line], order)).toBe('amount_too_large');
});
