import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@oms/chassis';
import { eventually } from '@oms/chassis/testing';
import { applyResult } from '../src/features/apply-result.js';
import { itemsCancelled, shipmentCreated } from '../src/features/follow-orders.js';
import { refundRequested, refundWithdrawn, returnRefunded } from '../src/features/follow-returns.js';
import { returnTimeline } from '../src/features/read-timeline.js';
import { findOperation } from '../src/persistence/provider.repository.js';
import { startAsking, type AskingPayments } from './asking-payments.js';

/** What has to go back of money that is only being taken: a provider was away while the order went on. */
let { payments, sandbox, asking, stop } = {} as AskingPayments;
beforeAll(async () => {
  ({ payments, sandbox, asking, stop } = await startAsking());
});
afterAll(() => stop?.());

/** The provider has not answered what it was asked to do with a payment; nobody asks again until {@link answer}. */
async function unanswered(paymentId: string, on: string, input: object = {}): Promise<string> {
  await payments.intend(paymentId, on, input, 'infinity');
  return paymentId;
}
async function answer(...ids: string[]): Promise<void> {
  for (const id of ids)
    await payments.ground.sql(
      `update payments.operation set next_at = now() where payment_id = ? and closed_at is null`,
      [id],
    );
  for (const id of ids) expect(await asking.runner.settle(id, 60_000)).toBe(true);
}

/** A payment of a new order that is held, and whose capture the provider has not answered. */
async function beingTaken(total: number): Promise<{ orderId: string; id: string }> {
  const orderId = await payments.order(total);
  const { id } = await payments.add(orderId, { capture: 'manual' });
  await payments.ground.send(asking.process, { paymentId: id });
  await eventually('it is held', async () => (await payments.view(id)).status === 'authorized');
  await unanswered(id, 'capture', { amount: total, last: true });
  return { orderId, id };
}

const asReturn = (orderId: string, amount: number) => ({
  orderId,
  returnId: newId('ret'),
  refundId: newId('ref'),
  amount,
  method: 'original',
});
const failures = (paymentId: string) =>
  payments.ground.sql<{ code: string }>(
    `select payload ->> 'code' as code from payments.outbox where type = 'payment.refund_failed' and aggregate_id = ?`,
    [paymentId],
  );
const waiting = (orderId: string) =>
  payments.ground.sql(`select wanted_for from payments.awaits_capture where order_id = ?`, [orderId]);

describe('a return that wants its money', () => {
  it('while it is being taken waits, and has it once when the provider answers', async () => {
    const { orderId, id } = await beingTaken(1_000);
    await payments.hear(refundRequested, asReturn(orderId, 400));
    expect(await payments.view(id)).toMatchObject({ status: 'authorized', refunds: [] });
    expect(await failures(id)).toEqual([]);
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ status: 'partially_refunded', refundedAmount: 400 });
    expect(await waiting(orderId)).toEqual([]);
    expect((await sandbox.ledger(id)).map(({ operation, amount }) => [operation, amount])).toEqual([
      ['authorize', 1_000],
      ['capture', 1_000],
      ['refund', 400],
    ]);
  });

  it('before the provider even holds it waits through both answers', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId);
    await unanswered(id, 'process');
    await payments.hear(refundRequested, asReturn(orderId, 1_000));
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ status: 'refunded', refundedAmount: 1_000 });
  });

  it('of money that is held until its parcel leaves waits for the parcel', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId, { capture: 'manual' });
    await payments.ground.send(asking.process, { paymentId: id });
    await payments.hear(refundRequested, asReturn(orderId, 250));
    expect(await failures(id)).toEqual([]);
    await payments.hear(shipmentCreated, {
      orderId,
      shipmentId: newId('shp'),
      amount: 1_000,
      complete: true,
    });
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ status: 'partially_refunded', refundedAmount: 250 });
  });

  it('of which nothing comes, because the provider says no, hears why', async () => {
    const { orderId, id } = await beingTaken(1_000);
    await payments.hear(refundRequested, asReturn(orderId, 400));
    await payments.ground.uow.run(async (em, after) => {
      const operation = await findOperation(em, `${id}:capture:1`);
      if (!operation) throw new Error('nothing was asked');
      const ctx = payments.ground.runtime.context(em, after, operation.key);
      await applyResult(ctx, operation, { outcome: 'declined', code: 'card_expired' });
    });
    expect(await failures(id)).toEqual([{ code: 'refund_exceeds_captured' }]);
    expect(await waiting(orderId)).toEqual([]);
  });

  it('more than will ever be there does not wait', async () => {
    const { orderId, id } = await beingTaken(1_000);
    await payments.hear(refundRequested, asReturn(orderId, 1_001));
    expect(await failures(id)).toEqual([{ code: 'refund_exceeds_captured' }]);
  });

  it('and was paid another way meanwhile gets nothing when the money is there', async () => {
    const { orderId, id } = await beingTaken(1_000);
    const request = asReturn(orderId, 400);
    await payments.hear(refundRequested, request);
    await payments.hear(returnRefunded, { ...request, method: 'store_credit' });
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ status: 'captured', refundedAmount: 0 });
  });

  it('and is withdrawn while it waits gets nothing when the money is there, and hears so', async () => {
    const { orderId, id } = await beingTaken(1_000);
    const request = asReturn(orderId, 400);
    await payments.hear(refundRequested, request);
    await payments.hear(refundWithdrawn, request);
    expect(await failures(id)).toEqual([{ code: 'refund_withdrawn' }]);
    await answer(id);
    expect(await payments.view(id)).toMatchObject({
      status: 'captured',
      refundedAmount: 0,
      refunds: [{ amount: 400, status: 'failed', code: 'refund_withdrawn', returnId: request.returnId }],
    });
    expect((await sandbox.ledger(id)).map(({ operation }) => operation)).toEqual(['authorize', 'capture']);
    const reply = await payments.ground.send(returnTimeline, { returnId: request.returnId });
    expect(reply).toMatchObject({
      body: {
        data: [{ title: '4.00 GBP was withdrawn before a provider was asked: nothing was given back' }],
      },
    });
  });

  it('and is withdrawn gets nothing however often and in whatever sequence that is heard', async () => {
    const { orderId, id } = await beingTaken(1_000);
    const request = asReturn(orderId, 400);
    for (const handle of [refundWithdrawn, refundRequested, refundWithdrawn, refundRequested])
      await payments.hear(handle, request);
    await answer(id);
    await payments.hear(refundRequested, request);
    expect(await payments.view(id)).toMatchObject({ refundedAmount: 0 });
    expect(await failures(id)).toEqual([{ code: 'refund_withdrawn' }]);
  });

  it('withdrawn and asked for anew has it once', async () => {
    const { orderId, id } = await beingTaken(1_000);
    const request = asReturn(orderId, 400);
    await payments.hear(refundRequested, request);
    await payments.hear(refundWithdrawn, request);
    const anew = { ...request, refundId: newId('ref') };
    await payments.hear(refundRequested, anew);
    await payments.hear(refundWithdrawn, request);
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ refundedAmount: 400 });
  });

  it('can not be withdrawn once a payment has passed it on to its provider', async () => {
    const { orderId, id } = await beingTaken(1_000);
    await answer(id);
    const request = asReturn(orderId, 400);
    await payments.hear(refundRequested, request);
    await payments.hear(refundWithdrawn, request);
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ refundedAmount: 400 });
    expect(await failures(id)).toEqual([]);
  });

  it('is withdrawn or has it, never both, when that meets the answer', async () => {
    for (let time = 0; time < 8; time += 1) {
      const { orderId, id } = await beingTaken(1_000);
      const request = asReturn(orderId, 400);
      await payments.hear(refundRequested, request);
      await Promise.all([answer(id), payments.hear(refundWithdrawn, request)]);
      await answer(id);
      const { refundedAmount } = await payments.view(id);
      expect([refundedAmount, (await failures(id)).length]).toEqual(refundedAmount ? [400, 0] : [0, 1]);
      expect(await waiting(orderId)).toEqual([]);
    }
  }, 60_000);

  it('is given by whichever payment of the order has it, however the answers and requests meet', async () => {
    const orderId = await payments.order(1_000);
    const ids: string[] = [];
    for (const amount of [400, 300, 300])
      ids.push((await payments.add(orderId, { amount, capture: 'automatic' })).id);
    for (const id of ids) await unanswered(id, 'process');
    const requests = [310, 120, 250, 70, 200].map((amount) => asReturn(orderId, amount));
    await Promise.all([
      ...requests.map((request) => payments.hear(refundRequested, request)),
      answer(...ids),
      ...ids.map((id) => answer(id)),
    ]);
    const given = async () =>
      (await Promise.all(ids.map((id) => payments.view(id)))).reduce(
        (sum, one) => sum + one.refundedAmount,
        0,
      );
    await eventually('all of it is back', async () => (await given()) === 950);
    expect(await waiting(orderId)).toEqual([]);
    for (const id of ids) expect(await failures(id)).toEqual([]);
  });
});

describe('units that are cancelled', () => {
  const cancelled = (orderId: string, amount: number, total: number, status = 'confirmed') =>
    payments.hear(itemsCancelled, { orderId, amount, total, status });

  it('while their money is being taken are paid back when it was', async () => {
    const { orderId, id } = await beingTaken(1_000);
    await cancelled(orderId, 300, 700);
    await cancelled(orderId, 50, 650);
    expect(await payments.view(id)).toMatchObject({ refundedAmount: 0 });
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ capturedAmount: 1_000, refundedAmount: 350 });
    expect(await waiting(orderId)).toEqual([]);
  });

  it('are paid back in full when another part of the order came back before', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId);
    await payments.ground.send(asking.process, { paymentId: id });
    await answer(id);
    await payments.hear(refundRequested, asReturn(orderId, 300));
    await answer(id);
    await cancelled(orderId, 700, 300);
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ status: 'refunded', refundedAmount: 1_000 });
  });

  it('are paid back in full, and goodwill is not taken for it', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId);
    await payments.ground.send(asking.process, { paymentId: id });
    await payments.ground.send(asking.refund, { paymentId: id, amount: 100, reason: 'goodwill' });
    await cancelled(orderId, 500, 500);
    await answer(id);
    expect(await payments.view(id)).toMatchObject({ refundedAmount: 600 });
  });
});

describe('a capture without an amount', () => {
  const held = async (orderId: string, amount?: number): Promise<string> => {
    const { id } = await payments.add(orderId, { capture: 'manual', ...(amount ? { amount } : {}) });
    await payments.ground.send(asking.process, { paymentId: id });
    await eventually('it is held', async () => (await payments.view(id)).status === 'authorized');
    return id;
  };
  const capture = (paymentId: string, more: object = {}) =>
    payments.ground.send(asking.capture, { paymentId, ...more });
  const cancelled = (orderId: string, amount: number, total: number) =>
    payments.hear(itemsCancelled, { orderId, amount, total, status: 'confirmed' });

  it('takes all that is held when nothing was cancelled', async () => {
    const id = await held(await payments.order(1_000));
    await capture(id, { amount: 400 });
    expect(await capture(id)).toMatchObject({ body: { status: 'captured', capturedAmount: 1_000 } });
  });

  it('takes what the order still costs when a part of it was cancelled since, and then nothing more', async () => {
    const orderId = await payments.order(1_000);
    const id = await held(orderId);
    await cancelled(orderId, 300, 700);
    expect(await capture(id)).toMatchObject({ body: { status: 'authorized', capturedAmount: 700 } });
    expect(await capture(id)).toMatchObject({ ok: false, failure: { code: 'nothing_to_pay' } });
    expect(await capture(id, { amount: 1 })).toMatchObject({ body: { capturedAmount: 701 } });
    expect((await sandbox.ledger(id)).map(({ operation, amount }) => [operation, amount])).toEqual([
      ['authorize', 1_000],
      ['capture', 700],
      ['capture', 1],
    ]);
  });

  it('of several payments at once takes what the order still costs, once', async () => {
    const orderId = await payments.order(1_000);
    const ids = [await held(orderId, 400), await held(orderId, 300), await held(orderId)];
    await cancelled(orderId, 500, 500);
    await Promise.all(ids.map((id) => capture(id)));
    await answer(...ids);
    const taken = await Promise.all(ids.map(async (id) => (await payments.view(id)).capturedAmount));
    expect(taken.reduce((sum, one) => sum + one, 0)).toBe(500);
  });
});
