import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@oms/chassis';
import type { PaymentView } from '@oms/contracts';
import { refundRequested, returnProcessed, returnRefunded } from '../src/features/follow-returns.js';
import { startAsking, type AskingPayments } from './asking-payments.js';

let { payments, asking, stop } = {} as AskingPayments;
beforeAll(async () => {
  ({ payments, asking, stop } = await startAsking());
}, 60_000);
afterAll(() => stop?.(), 60_000);

interface Owed {
  orderId: string;
  returnId: string;
  amount: number;
  ids: string[];
}

/** A return that is owed `amount`, of an order that was paid by these tokens, 10.00 each. */
async function owed(amount: number, ...tokens: string[]): Promise<Owed> {
  const orderId = await payments.order(tokens.length * 1_000);
  const ids: string[] = [];
  for (const token of tokens) {
    const { id } = await payments.add(orderId, { amount: 1_000, token });
    await payments.ground.send(asking.process, { paymentId: id });
    expect(await asking.runner.settle(id, 15_000)).toBe(true);
    ids.push(id);
  }
  const returnId = newId('ret');
  await payments.hear(returnProcessed, { returnId, orderId, refundAmount: amount });
  return { orderId, returnId, amount, ids };
}

const asks = async ({ orderId, returnId, amount }: Owed): Promise<void> => {
  await payments.hear(refundRequested, {
    orderId,
    returnId,
    amount,
    refundId: newId('ref'),
    method: 'original',
  });
  asking.runner.kick();
};
const give = (paymentId: string | undefined, body: object) =>
  payments.ground.send(asking.refund, { paymentId: paymentId ?? '', ...body }, newId('msg'));
/** What all payments gave back, when nothing is under way any more. */
async function given(ids: readonly string[]): Promise<number> {
  for (const id of ids) expect(await asking.runner.settle(id, 15_000)).toBe(true);
  const views: PaymentView[] = await Promise.all(ids.map((id) => payments.view(id)));
  return views.reduce((sum, one) => sum + one.refundedAmount, 0);
}

describe('what staff give in the name of a return', () => {
  it('is never more than it is owed beside its own part; goodwill is given without its name', async () => {
    const one = await owed(400, 'tok_visa');
    const { returnId, ids } = one;
    await asks(one);
    for (const body of [{ amount: 1, returnId }, { returnId }])
      expect(await give(ids[0], body)).toMatchObject({ failure: { code: 'refund_exceeds_owed' } });
    expect(await give(ids[0], { amount: 50, reason: 'goodwill' })).toMatchObject({ ok: true });
    expect(await given(ids)).toBe(450);
  });

  it('is what is still owed when no amount is said, and its own request gives nothing more', async () => {
    const one = await owed(400, 'tok_visa');
    const { returnId, ids } = one;
    await give(ids[0], { amount: 150, returnId });
    expect(await give(ids[0], { amount: 251, returnId })).toMatchObject({
      failure: { code: 'refund_exceeds_owed' },
    });
    await give(ids[0], { returnId });
    await asks(one);
    expect(await given(ids)).toBe(400);
  });

  it('adds up to what it is owed, however many payments and people and its own request give at once', async () => {
    const one = await owed(400, 'tok_visa', 'tok_visa', 'tok_visa');
    const { returnId, ids } = one;
    await Promise.all([
      ...[...ids, ...ids].map((id) => give(id, { amount: 150, returnId })),
      asks(one),
      ...ids.map((id) => give(id, { returnId })),
    ]);
    expect(await given(ids)).toBe(400);
  });

  it('is given once when several people give all of it by several payments at once', async () => {
    const { returnId, ids } = await owed(400, 'tok_visa', 'tok_visa', 'tok_visa');
    const replies = await Promise.all(ids.map((id) => give(id, { returnId })));
    expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await given(ids)).toBe(400);
  });

  it('may be what its own request could not get', async () => {
    const one = await owed(400, 'tok_refundFails');
    await asks(one);
    expect(await given(one.ids)).toBe(0);
    await payments.ground.sql(`update payments.order_snapshot set total = total + 1000 where id = ?`, [
      one.orderId,
    ]);
    const { id } = await payments.add(one.orderId);
    await payments.ground.send(asking.process, { paymentId: id });
    await give(id, { returnId: one.returnId });
    expect(await given([id])).toBe(400);
  });

  it.each(['store_credit', 'manual'])('is nothing once it was paid as %s', async (method) => {
    const { orderId, returnId, amount, ids } = await owed(400, 'tok_visa');
    await payments.hear(returnRefunded, { orderId, returnId, amount, method });
    await payments.hear(returnProcessed, { returnId, orderId, refundAmount: amount });
    expect(await give(ids[0], { returnId })).toMatchObject({ failure: { code: 'refund_exceeds_owed' } });
    expect(await given(ids)).toBe(0);
  });

  it('is nothing by the payments of another order, or for a return that is not there', async () => {
    const { returnId, ids } = await owed(400, 'tok_visa');
    const other = await owed(100, 'tok_visa');
    const unprocessed = payments.returnOf(other.orderId);
    for (const [paymentId, stranger] of [
      [other.ids[0], returnId],
      [ids[0], unprocessed],
      [ids[0], newId('ret')],
    ])
      expect(await give(paymentId, { amount: 1, returnId: stranger })).toMatchObject({
        failure: { code: 'unknown_return', extra: { errors: [{ path: 'returnId' }] } },
      });
    expect(await given([...ids, ...other.ids])).toBe(0);
  });

  it('before its amount is fixed is given, and subtracted when it asks', async () => {
    const fixed = await owed(400, 'tok_visa');
    const one = { ...fixed, returnId: payments.returnOf(fixed.orderId) };
    expect(await give(one.ids[0], { amount: 300, returnId: one.returnId })).toMatchObject({ ok: true });
    await payments.hear(returnProcessed, { ...one, refundAmount: 400 });
    await asks(one);
    expect(await given(one.ids)).toBe(400);
  });
});
