import { describe, expect, it } from '@jest/globals';
import { ReturnPolicyRules } from '@oms/contracts';
import fc from 'fast-check';
import { eligibility, standardPolicy, type LineFacts, type ReturnPolicy } from '../src/domain/policy.js';
import { refundOf, type PaidLine, type RefundInputs } from '../src/domain/refund-sums.js';
import {
  approvesItself,
  refundInputsUnder,
  restockingFeeUnder,
  type PricedReturnLine,
} from '../src/domain/refund-terms.js';

const policy = (rules: Partial<ReturnPolicy>): ReturnPolicy => ({ ...standardPolicy, ...rules });

const coming = (line: PaidLine, given: Partial<PricedReturnLine> = {}): PricedReturnLine => ({
  returnItemId: 'rit_1',
  orderItemId: 'itm_1',
  line,
  from: 0,
  count: line.quantity,
  reason: 'changed_mind',
  condition: 'opened',
  ...given,
});
const pence = { quantity: 1, unitPrice: 999, discount: 0, tax: 0 };

describe('a policy', () => {
  it('closes the window by the reason, and lets what was sold as final back for the reasons it names', () => {
    const deliveredAt = new Date('2026-03-01T10:00:00Z');
    const facts: LineFacts[] = ['a', 'b'].map((orderItemId) => ({
      orderItemId,
      sku: orderItemId,
      delivered: 1,
      held: 0,
      returned: 0,
      deliveredAt,
      finalSale: orderItemId === 'b',
    }));
    const rules = policy({
      windowDays: 10,
      windowDaysByReason: { defective: 20 },
      finalSaleReasons: ['defective'],
    });
    const judge = (orderItemId: string, reason: string, day: number) =>
      eligibility(
        rules,
        facts,
        [{ orderItemId, quantity: 1, reason }],
        new Date(deliveredAt.getTime() + day * 86_400_000),
      )[0];
    expect(judge('a', 'changed_mind', 10)).toEqual([]);
    expect(judge('a', 'changed_mind', 10.001)).toEqual(['return_window_closed']);
    expect(judge('a', 'defective', 15)).toEqual([]);
    expect(judge('b', 'defective', 15)).toEqual([]);
    expect(judge('b', 'changed_mind', 15)).toEqual(['return_window_closed', 'final_sale']);
  });

  it('keeps the fee of the first rule that fits, rounded down, and never more than the goods', () => {
    const rules = policy({
      restockingFees: [
        { reasons: ['defective'], basisPoints: 0, perUnit: 0 },
        { conditions: ['opened'], basisPoints: 1_500, perUnit: 0 },
        { basisPoints: 10_000, perUnit: 500 },
      ],
    });
    expect(restockingFeeUnder(rules, [coming(pence)])).toBe(149);
    expect(restockingFeeUnder(rules, [coming(pence, { reason: 'defective' })])).toBe(0);
    expect(restockingFeeUnder(rules, [coming(pence, { condition: 'used' })])).toBe(999);
  });

  it('approves by itself only for the reasons it names and up to the worth it names', () => {
    const rules = policy({ autoApprove: { reasons: ['defective'], upTo: 5_000 } });
    expect(approvesItself(rules, [{ reason: 'defective' }], 5_000)).toBe(true);
    expect(approvesItself(rules, [{ reason: 'defective' }], 5_001)).toBe(false);
    expect(approvesItself(rules, [{ reason: 'defective' }, { reason: 'other' }], 1)).toBe(false);
    expect(approvesItself(standardPolicy, [{ reason: 'defective' }], 1)).toBe(false);
  });

  it('is refused with a fee above the goods, a window in the past, or a rule that nobody knows', () => {
    for (const wrong of [
      { restockingFees: [{ basisPoints: 10_001 }] },
      { restockingFees: [{ perUnit: 1.5 }] },
      { windowDays: -1 },
      { windowDaysByReason: { bored: 3 } },
      { colour: 'red' },
    ])
      expect(ReturnPolicyRules.safeParse(wrong).success).toBe(false);
  });
});

const line = fc
  .record({
    quantity: fc.integer({ min: 1, max: 20 }),
    unitPrice: fc.integer({ min: 0, max: 100_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    tax: fc.integer({ min: 0, max: 5_000 }),
  })
  .map(({ share, ...own }): PaidLine => {
    return { ...own, discount: Math.floor(own.quantity * own.unitPrice * share) };
  });
type Reasons = ReturnPolicy['finalSaleReasons'];
const reason = fc.constantFrom('defective', 'changed_mind');
const rules: fc.Arbitrary<Pick<ReturnPolicy, 'restockingFees' | 'shippingRefund'>> = fc.record({
  restockingFees: fc.array(
    fc.record({
      basisPoints: fc.nat(10_000),
      perUnit: fc.nat(300),
      reasons: fc.constant<Reasons>(['changed_mind']),
    }),
    { maxLength: 2 },
  ),
  shippingRefund: fc.option(
    fc.record({ reasons: fc.constant<Reasons>(['defective']), wholeOrderOnly: fc.boolean() }),
  ),
});
const wish = fc.record({
  shares: fc.array(fc.nat(100), { minLength: 5, maxLength: 5 }),
  reason,
  adjustment: fc.integer({ min: -2_000, max: 2_000 }),
  shipping: fc.option(fc.nat(800)),
});
type Wish = typeof wish extends fc.Arbitrary<infer W> ? W : never;

/** Takes parts of an order back one after the other, the last wish the rest; answers what each refund was made from and came to. */
function takeBack(
  lines: readonly PaidLine[],
  shippingPaid: number,
  rulesOf: Partial<ReturnPolicy>,
  wishes: readonly Wish[],
): { inputs: RefundInputs; total: number; goods: number }[] {
  const paid = lines.reduce((sum, one) => sum + one.quantity * one.unitPrice - one.discount + one.tax, 0);
  const returned = lines.map(() => 0);
  let shippingRefunded = 0;
  let refundedBefore = 0;
  return wishes.flatMap((one) => {
    const left = lines.map((own, index) => own.quantity - (returned[index] ?? 0));
    const counts = left.map((units, index) => Math.floor((units * (one.shares[index] ?? 100)) / 100));
    const priced = lines.map((own, index) =>
      coming(own, {
        returnItemId: `rit_${index}`,
        orderItemId: `itm_${index}`,
        from: returned[index] ?? 0,
        count: counts[index] ?? 0,
        reason: one.reason,
      }),
    );
    const order = {
      shippingPaid,
      shippingRefunded,
      paidForOrder: paid + shippingPaid,
      refundedBefore,
      unitsOut: left.reduce((sum, units) => sum + units, 0),
    };
    const inputs = refundInputsUnder(policy(rulesOf), priced, order, {
      adjustment: one.adjustment,
      ...(one.shipping === null ? {} : { shippingRefundAmount: one.shipping }),
    });
    const result = refundOf(inputs.units, inputs.terms);
    if (!result.ok) return [];
    counts.forEach((count, index) => (returned[index] = (returned[index] ?? 0) + count));
    shippingRefunded += result.breakdown.shipping;
    refundedBefore += result.breakdown.total;
    const goods = result.breakdown.items.reduce((sum, item) => sum + item.amount, 0);
    return [{ inputs, total: result.breakdown.total, goods }];
  });
}

describe('returns of one order, one after the other', () => {
  const orders = fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 5 }), shipping: fc.nat(900) });
  const paidFor = ({ lines, shipping }: { lines: PaidLine[]; shipping: number }) =>
    lines.reduce((sum, one) => sum + one.quantity * one.unitPrice - one.discount + one.tax, 0) + shipping;

  it('never give more than was paid, whatever the policy, the fees, the shipping and the adjustments', () => {
    fc.assert(
      fc.property(orders, rules, fc.array(wish, { maxLength: 12 }), (order, own, wishes) => {
        const given = takeBack(order.lines, order.shipping, own, wishes);
        expect(given.every(({ total }) => total >= 0)).toBe(true);
        expect(given.reduce((sum, { total }) => sum + total, 0)).toBeLessThanOrEqual(paidFor(order));
      }),
      { numRuns: 1_000 },
    );
  });

  it('give what was paid to the penny, less the fees and more or less the adjustments, once everything is back', () => {
    fc.assert(
      fc.property(orders, rules, fc.array(wish, { maxLength: 8 }), (order, own, wishes) => {
        const plain = wishes.map((one) => ({ ...one, adjustment: 0, shipping: 0 }));
        const rest = { shares: [], reason: 'defective' as const, adjustment: 0, shipping: order.shipping };
        const given = takeBack(order.lines, order.shipping, own, [...plain, rest]);
        expect(given).toHaveLength(plain.length + 1);
        const fees = given.reduce((sum, { inputs }) => sum + inputs.terms.restockingFee, 0);
        const total = given.reduce((sum, one) => sum + one.total, 0);
        expect(total + fees).toBe(paidFor(order));
      }),
      { numRuns: 1_000 },
    );
  });

  it('are calculated again from what was stored, to the same penny', () => {
    fc.assert(
      fc.property(orders, rules, fc.array(wish, { minLength: 1, maxLength: 4 }), (order, own, wishes) => {
        for (const { inputs, total } of takeBack(order.lines, order.shipping, own, wishes)) {
          const stored = JSON.parse(JSON.stringify(inputs)) as RefundInputs;
          expect(refundOf(stored.units, stored.terms)).toMatchObject({ ok: true, breakdown: { total } });
        }
      }),
    );
  });
});
