import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type RpcReply } from '@oms/chassis';
import type { ReturnPolicyRules, ReturnQuoteView, ReturnView } from '@oms/contracts';
import fc from 'fast-check';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { createReturn } from '../src/features/create-return.js';
import { followPayment } from '../src/features/follow-payments.js';
import { createPolicy, listPolicies } from '../src/features/policies.js';
import { quoteReturn } from '../src/features/quote-return.js';
import { getReturn, returnCalculation, returnHistory } from '../src/features/read-returns.js';
import { transitionReturn } from '../src/features/transition-return.js';
import { keepDelivery, keepOrder } from '../src/persistence/order-snapshot.repository.js';
import { returnModule } from '../src/return.module.js';

let ground: ServiceGround;
beforeAll(async () => {
  ground = await startGround(returnModule);
});
afterAll(() => ground?.stop());

const body = <T>(reply: RpcReply): T => {
  if (!reply.ok) throw new Error(reply.failure.code);
  return reply.body as T;
};
const codeOf = (reply: RpcReply) => (reply.ok ? 'ok' : reply.failure.code);

interface Line {
  quantity: number;
  unitPrice: number;
  discount: number;
  tax: number;
  finalSale?: boolean;
}
interface Delivered {
  orderId: string;
  itemIds: string[];
}

/** An order as its events tell it, all of it delivered so long ago. */
async function delivered(lines: readonly Line[], shippingTotal = 0, daysAgo = 0): Promise<Delivered> {
  const orderId = newId('ord');
  const told = lines.map((line, index) => ({
    itemId: newId('itm'),
    sku: `S${index}`,
    discountShare: 0,
    ...line,
  }));
  const total = lines.reduce(
    (sum, one) => sum + one.quantity * one.unitPrice - one.discount + one.tax,
    shippingTotal,
  );
  await ground.uow.run(async (em) => {
    await keepOrder(em, {
      orderId,
      number: orderId.slice(-8),
      customerId: 'cus_42',
      currency: 'GBP',
      total,
      shippingTotal,
      lines: told,
    });
    const at = new Date(Date.now() - daysAgo * 86_400_000).toISOString();
    await keepDelivery(em, orderId, told, at);
  });
  return { orderId, itemIds: told.map((line) => line.itemId) };
}

const ask = (
  { orderId, itemIds }: Delivered,
  quantities: readonly number[],
  reason = 'changed_mind',
  more = {},
) => ({
  orderId,
  items: itemIds.flatMap((orderItemId, index) =>
    quantities[index] ? [{ orderItemId, quantity: quantities[index], reason }] : [],
  ),
  ...more,
});
const quote = (asked: object) => ground.send(quoteReturn(ground.runtime), asked);
const create = (asked: object) => ground.send(createReturn(ground.runtime), asked);
const move = (returnId: string, transition: string, fields: object = {}) =>
  ground.send(transitionReturn, { returnId, transition, ...fields });

let versions = 0;
async function inForce(rules: Partial<ReturnPolicyRules> | object): Promise<string> {
  const version = `test-${++versions}`;
  body(await ground.send(createPolicy, { version, rules }));
  return version;
}

/** Asked for, sent, received and accepted as asked. */
async function paidFor(asked: object): Promise<ReturnView> {
  const { id, status } = body<ReturnView>(await create(asked));
  for (const transition of [...(status === 'initiated' ? ['approve'] : []), 'receive', 'process'])
    body(await move(id, transition));
  return body(await ground.send(getReturn, { returnId: id }));
}

const line = fc
  .record({
    quantity: fc.integer({ min: 1, max: 6 }),
    unitPrice: fc.integer({ min: 0, max: 20_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    tax: fc.nat(900),
  })
  .map(({ share, ...own }): Line => ({ ...own, discount: Math.floor(own.quantity * own.unitPrice * share) }));

describe('a quote', () => {
  it('is what the return then pays, line by line, whatever the policy; and every calculation comes out the same again', async () => {
    const cases = fc.record({
      lines: fc.array(line, { minLength: 1, maxLength: 4 }),
      shipping: fc.nat(900),
      reason: fc.constantFrom('defective', 'changed_mind'),
      take: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 4, maxLength: 4 }),
      basisPoints: fc.nat(10_000),
      perUnit: fc.nat(400),
      wholeOrderOnly: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        cases,
        async ({ lines, shipping, reason, take, basisPoints, perUnit, wholeOrderOnly }) => {
          const version = await inForce({
            restockingFees: [{ reasons: ['changed_mind'], conditions: ['new'], basisPoints, perUnit }],
            shippingRefund: { reasons: ['defective'], wholeOrderOnly },
          });
          const order = await delivered(lines, shipping);
          const parts = [lines.map((one, index) => Math.min(one.quantity, take[index] ?? 1))];
          parts.push(lines.map((one, index) => one.quantity - (parts[0]?.[index] ?? 0)));
          for (const quantities of parts.filter((part) => part.some((count) => count > 0))) {
            const asked = ask(order, quantities, reason);
            const quoted = body<ReturnQuoteView>(await quote(asked));
            const paid = await paidFor(asked);
            expect(quoted).toMatchObject({ eligible: true, policyVersion: version });
            expect(quoted.refundAmount).toBe(paid.refundAmount);
            expect(quoted.restockingFee).toBe(paid.refundBreakdown?.restockingFee);
            expect(quoted.shippingRefundAmount).toBe(paid.refundBreakdown?.shipping);
            expect(quoted.items.map((item) => item.refundAmount)).toEqual(
              paid.refundBreakdown?.items.map((item) => item.amount),
            );
            const again = body<{ same: boolean }>(
              await ground.send(returnCalculation, { returnId: paid.id }),
            );
            expect(again.same).toBe(true);
          }
        },
      ),
      { numRuns: 10 },
    );
  }, 300_000);

  it('says of each item whether it may come back and why not, keeps nothing, and gives staff what they override', async () => {
    await inForce({
      windowDays: 10,
      windowDaysByReason: { defective: 100 },
      finalSaleReasons: ['defective'],
    });
    const thing = { quantity: 2, unitPrice: 1_000, discount: 0, tax: 0 };
    const order = await delivered([thing, { ...thing, finalSale: true }], 0, 20);
    const asked = ask(order, [1, 3]);
    expect(body(await quote(asked))).toMatchObject({
      eligible: false,
      items: [
        { quantity: 1, eligible: false, reasons: ['return_window_closed'], refundAmount: 0 },
        { reasons: ['quantity_not_returnable', 'return_window_closed', 'final_sale'] },
      ],
      refundAmount: 0,
    });
    expect(body(await quote(ask(order, [1, 1], 'defective')))).toMatchObject({
      eligible: true,
      refundAmount: 2_000,
    });
    const past = ask(order, [1, 1], 'changed_mind', { override: { reason: 'a good customer' } });
    expect(body(await quote(past))).toMatchObject({ eligible: true, refundAmount: 2_000 });
    expect(codeOf(await create(ask(order, [1, 0])))).toBe('return_window_closed');
    const opened = body<ReturnView>(await create(past));
    const { data } = body<{ data: { reason: string }[] }>(
      await ground.send(returnHistory, { returnId: opened.id }),
    );
    expect(data[0]?.reason).toBe('a good customer');
    const [kept] = await ground.sql<{ n: string }>(
      `select count(*) as n from returns.return where order_id = ?`,
      [order.orderId],
    );
    expect(Number(kept?.n)).toBe(1);
  });
});

describe('a policy', () => {
  it('is shown as it can be posted: every version, changed or not, makes the next one', async () => {
    const { data } = body<{ data: { version: string; rules: object }[] }>(
      await ground.send(listPolicies, {}),
    );
    for (const [index, { version, rules }] of data.entries())
      expect([
        version,
        codeOf(await ground.send(createPolicy, { version: `again-${index}-${newId('msg')}`, rules })),
      ]).toEqual([version, 'ok']);
  });

  it('holds for orders delivered from then on; what was delivered before keeps its own', async () => {
    const thing = { quantity: 1, unitPrice: 1_000, discount: 0, tax: 0 };
    const before = await inForce({ windowDays: 30 });
    const old = await delivered([thing], 0, 5);
    const after = await inForce({ windowDays: 1 });
    const recent = await delivered([thing], 0, 5);
    expect(body(await quote(ask(old, [1])))).toMatchObject({ eligible: true, policyVersion: before });
    expect(body(await quote(ask(recent, [1])))).toMatchObject({
      eligible: false,
      items: [{ reasons: ['return_window_closed'] }],
      policyVersion: after,
    });
    const { data } = body<{ data: { version: string; inForce: boolean }[] }>(
      await ground.send(listPolicies, {}),
    );
    expect(data.filter((one) => one.inForce).map((one) => one.version)).toEqual([after]);
    expect(codeOf(await ground.send(createPolicy, { version: before, rules: {} }))).toBe(
      'policy_version_taken',
    );
  });

  it('approves by itself what it says it does, in its own name', async () => {
    const version = await inForce({ autoApprove: { reasons: ['defective'], upTo: 1_500 } });
    const order = await delivered([{ quantity: 3, unitPrice: 1_000, discount: 0, tax: 0 }]);
    const one = body<ReturnView>(await create(ask(order, [1], 'defective')));
    expect(one.status).toBe('approved');
    const { data } = body<{ data: { transition: string; actor: { id: string } }[] }>(
      await ground.send(returnHistory, { returnId: one.id }),
    );
    expect(data.map((row) => row.transition)).toEqual(['initiate', 'approve']);
    expect(data[1]?.actor.id).toBe(`policy:${version}`);
    expect(body<ReturnView>(await create(ask(order, [2], 'defective'))).status).toBe('initiated');
  });
});

describe('a reception', () => {
  it('that differs from what was asked pays for what came and was accepted; what did not come may be returned again', async () => {
    await inForce({ restockingFees: [{ conditions: ['damaged'], basisPoints: 5_000 }] });
    const thing = { quantity: 3, unitPrice: 1_000, discount: 0, tax: 0 };
    const order = await delivered([thing, thing, thing]);
    const opened = body<ReturnView>(await create(ask(order, [3, 3, 2])));
    body(await move(opened.id, 'approve'));
    const [less, none, more] = opened.items.map((item) => item.id);
    const items = [
      { returnItemId: less, quantity: 2, condition: 'damaged' },
      { returnItemId: none, quantity: 0, condition: 'missing' },
      { returnItemId: more, quantity: 5, condition: 'opened' },
    ];
    body(await move(opened.id, 'receive', { items }));
    const tooMany = { items: [{ returnItemId: less, disposition: 'dispose', acceptedQuantity: 3 }] };
    expect(codeOf(await move(opened.id, 'process', tooMany))).toBe('quantity_not_received');
    const settled = [
      { returnItemId: less, disposition: 'dispose' },
      { returnItemId: more, disposition: 'restock', acceptedQuantity: 1 },
    ];
    const paid = body<ReturnView>(await move(opened.id, 'process', { items: settled }));
    expect(paid.refundBreakdown).toMatchObject({ restockingFee: 1_000, total: 2_000 });
    expect(
      paid.items.map((item) => [item.receivedQuantity, item.acceptedQuantity, item.disposition]),
    ).toEqual([
      [2, 2, 'dispose'],
      [0, 0, null],
      [5, 1, 'restock'],
    ]);
    expect(body(await quote(ask(order, [1, 3, 2])))).toMatchObject({ eligible: true, refundAmount: 6_000 });
    expect(body(await quote(ask(order, [2, 0, 0])))).toMatchObject({ eligible: false });
  });
});

describe('of an order that came in parcels', () => {
  const line = { quantity: 6, unitPrice: 100, discount: 0, tax: 0 };
  /** Three of six are known here to have come, long ago; the order itself says that `units` did. */
  const halfway = async (units: number) => {
    const order = await delivered([line], 0, 0);
    await ground.sql(
      `update returns.order_line_snapshot set delivered = 3, delivered_at = now() - interval '300 days' where order_id = ?`,
      [order.orderId],
    );
    const items = order.itemIds.map((id) => ({ id, quantities: { delivered: units } }));
    const ask = () => Promise.resolve({ json: () => ({ items }) });
    return { order, runtime: { ...ground.runtime, ask } as unknown as typeof ground.runtime };
  };

  it('a parcel that we have not heard of is waited for, and its lines come back', async () => {
    const { order, runtime } = await halfway(6);
    const asked = ground.send(createReturn(runtime), ask(order, [5]));
    await ground.uow.run((em) =>
      keepDelivery(
        em,
        order.orderId,
        [{ itemId: order.itemIds[0] ?? '', quantity: 3 }],
        new Date().toISOString(),
      ),
    );
    expect(body<ReturnView>(await asked).status).toBe('initiated');
  });

  it('while we do not hear of it, the answer is to try again, never that the time is over', async () => {
    const { order, runtime } = await halfway(6);
    expect(codeOf(await ground.send(createReturn(runtime), ask(order, [1])))).toBe('service_unavailable');
  });

  it('where there is none, what has come is judged', async () => {
    const { order, runtime } = await halfway(3);
    expect(codeOf(await ground.send(createReturn(runtime), ask(order, [1])))).toBe('return_window_closed');
    expect(codeOf(await ground.send(createReturn(runtime), ask(order, [4], 'defective')))).not.toBe('ok');
  });
});

describe('of an order whose payment is heard of late', () => {
  it('a processed return waits for a person, and asks the payment as soon as there is one, once', async () => {
    const order = await delivered([{ quantity: 2, unitPrice: 500, discount: 0, tax: 0 }]);
    const { id } = body<ReturnView>(await create(ask(order, [1], 'defective')));
    for (const transition of ['approve', 'receive', 'process'])
      body(await ground.send(transitionReturn, { returnId: id, transition }));
    const saga = async () =>
      (await ground.sql<{ step: string }>('select step from returns.saga where aggregate_id = ?', [id]))[0]
        ?.step;
    const requested = async () =>
      (
        await ground.sql(
          `select 1 from returns.outbox where aggregate_id = ? and type = 'return.refund_requested'`,
          [id],
        )
      ).length;
    expect([await saga(), await requested()]).toEqual(['needs_attention', 0]);
    for (let time = 0; time < 2; time += 1)
      await ground.uow.run((em, after) =>
        followPayment(ground.runtime.context(em, after, newId('evt')), {
          orderId: order.orderId,
        } as Parameters<typeof followPayment>[1]),
      );
    expect([await saga(), await requested()]).toEqual(['refunding', 1]);
  });
});
