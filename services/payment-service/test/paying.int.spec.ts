import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { feedSaga, newId } from '@oms/chassis';
import { orderPlaced } from '../src/features/follow-orders.js';
import { openPayingCases } from '../src/persistence/migrations.js';
import { paymentAggregate } from '../src/persistence/payment.aggregate.js';
import { startAsking, type AskingPayments } from './asking-payments.js';

let { payments, sandbox, asking, ask, stop } = {} as AskingPayments;
beforeAll(async () => {
  ({ payments, sandbox, asking, ask, stop } = await startAsking());
});
afterAll(() => stop?.());

const saga = async (paymentId: string) =>
  (
    await payments.ground.sql(`select state, step, deadline_name from payments.saga where aggregate_id = ?`, [
      paymentId,
    ])
  )[0];

/** What the timers do when a deadline has come, and the moves of staff. */
const tell = (paymentId: string, on: string): Promise<string> =>
  payments.ground.uow.run(async (em, after) => {
    const payment = await paymentAggregate.find(em, paymentId);
    if (!payment) throw new Error(`no payment ${paymentId}`);
    const ctx = payments.ground.runtime.context(em, after, `timer:${on}`);
    return feedSaga(ctx, paymentAggregate, payment, on, { at: ctx.now });
  });

describe('a payment that was opened for itself', () => {
  it('that nobody goes on with is let go at its deadline, and the order may be paid by another', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId);
    expect(await saga(id)).toEqual({ state: 'running', step: 'open', deadline_name: 'pay_deadline' });
    expect(await payments.tryAdd(orderId)).toMatchObject({ ok: false, failure: { code: 'nothing_to_pay' } });
    await tell(id, 'pay_deadline');
    expect(await payments.view(id)).toMatchObject({ status: 'voided', availableTransitions: [] });
    expect(await saga(id)).toEqual({ state: 'finished', step: 'decided', deadline_name: null });
    expect(await payments.add(orderId)).toMatchObject({ status: 'pending', amount: 1_000 });
    expect(await payments.ground.send(asking.process, { paymentId: id })).toMatchObject({
      ok: false,
      failure: { code: 'transition_not_allowed' },
    });
    expect(await sandbox.ledger(id)).toEqual([]);
  });

  it('of which the provider was asked keeps its part, and waits for a person: it may hold the money', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId);
    await payments.intend(id, 'process');
    await tell(id, 'pay_deadline');
    expect(await saga(id)).toMatchObject({ state: 'needs_attention', deadline_name: null });
    expect(await payments.tryAdd(orderId)).toMatchObject({ ok: false, failure: { code: 'nothing_to_pay' } });
    await tell(id, 'resume');
    expect(await saga(id)).toEqual({ state: 'running', step: 'open', deadline_name: 'pay_deadline' });
    await tell(id, 'pay_deadline');
    asking.runner.kick();
    expect(await asking.runner.settle(id, 60_000)).toBe(true);
    expect(await payments.view(id)).toMatchObject({ status: 'captured' });
    expect(await saga(id)).toMatchObject({ state: 'finished', step: 'decided' });
    expect(await tell(id, 'pay_deadline')).toBe('ignored');
  });

  it.each([
    ['tok_visa', 'payment.authorized', undefined],
    ['tok_insufficientFunds', 'payment.failed', 'insufficient_funds'],
  ])('with %s ends its case by %s, with a code only where it was declined', async (token, on, code) => {
    const { id } = await payments.add(await payments.order(1_000), { token });
    await ask('process', id);
    const [{ last }] = (await payments.ground.sql(
      `select steps -> -1 as last from payments.saga where aggregate_id = ?`,
      [id],
    )) as [{ last: { on: string; code?: string } }];
    expect([last.on, last.code]).toEqual([on, code]);
  });

  it('gets its case with the release that brings them, when it was pending before', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId);
    await payments.ground.sql(`delete from payments.saga where aggregate_id = ?`, [id]);
    await payments.ground.sql(openPayingCases);
    expect(await saga(id)).toEqual({ state: 'running', step: 'open', deadline_name: 'pay_deadline' });
    await tell(id, 'pay_deadline');
    expect(await payments.view(id)).toMatchObject({ status: 'voided' });
  });

  it('that staff record has a deadline of its own', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId, { method: 'manual', token: undefined });
    expect(await saga(id)).toMatchObject({ deadline_name: 'pay_by_hand_deadline' });
    await payments.ground.send(asking.process, { paymentId: id });
    expect(await payments.view(id)).toMatchObject({ status: 'captured' });
    expect(await saga(id)).toMatchObject({ state: 'finished', deadline_name: null });
  });
});

it('the payment that an order is placed with has no case of its own: the saga of the order waits for it', async () => {
  const orderId = newId('ord');
  const placed = { orderId, customerId: null, currency: 'GBP', total: 500 };
  await payments.hear(orderPlaced, { ...placed, payment: { method: 'card', capture: 'automatic' } });
  const [row] = await payments.ground.sql<{ id: string }>(
    `select id from payments.payment where order_id = ?`,
    [orderId],
  );
  expect(await saga(row?.id ?? '')).toBeUndefined();
});
