import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HistoryView, PaymentView, TransitionsView } from '@oms/contracts';
import { createPayment, updatePayment } from '../src/features/payment-commands.js';
import {
  getPayment,
  listPayments,
  paymentHistory,
  paymentTransitions,
} from '../src/features/read-payments.js';
import { orderTimeline } from '../src/features/read-timeline.js';
import { startAsking, type AskingPayments } from './asking-payments.js';

const jane = { type: 'customer', id: 'cus_42' } as const;
const anna = { type: 'staff', id: 'anna' } as const;

let { payments, asking, ask, stop } = {} as AskingPayments;
beforeAll(async () => {
  ({ payments, asking, ask, stop } = await startAsking());
});
afterAll(() => stop?.());

async function seenBy<T = PaymentView>(
  who: typeof jane | typeof anna,
  work: Parameters<typeof payments.ground.send>[0],
  body: object,
): Promise<T> {
  const reply = await payments.ground.sendAs(who, work, body);
  if (!reply.ok) throw new Error(reply.failure.code);
  return reply.body as T;
}

describe('what staff write on a payment', () => {
  it('is in no answer to its customer, and in those to staff', async () => {
    const orderId = await payments.order(1_000);
    const { id: paymentId } = await payments.add(orderId, { capture: 'manual' });
    await payments.ground.send(updatePayment, { paymentId, note: 'looks odd' });
    await payments.ground.send(updatePayment, { paymentId, note: 'very odd', metadata: { a: 'b' } });
    await ask('process', paymentId);
    await ask('capture', paymentId, { amount: 600 });
    await ask('void', paymentId, { reason: 'odd customer' });
    await ask('refund', paymentId, { amount: 100, reason: 'odd goodwill' });
    const told = async (who: typeof jane | typeof anna) =>
      JSON.stringify([
        await seenBy(who, getPayment, { paymentId }),
        await seenBy(who, listPayments, { orderId }),
        await seenBy(who, paymentHistory, { paymentId }),
        await seenBy(who, orderTimeline, { orderId }),
      ]);
    expect(await told(jane)).not.toContain('odd');
    for (const words of ['very odd', 'odd goodwill', 'odd customer'])
      expect(await told(anna)).toContain(words);
    const { data } = await seenBy<HistoryView>(jane, paymentHistory, { paymentId });
    expect(data.flatMap(({ changed }) => changed ?? [])).toEqual(['metadata']);
  });

  it('is not in what a customer is answered who has it processed', async () => {
    const { id: paymentId } = await payments.add(await payments.order(1_000));
    await payments.ground.send(updatePayment, { paymentId, note: 'looks odd' });
    expect(await seenBy(jane, asking.process, { paymentId })).toMatchObject({
      status: 'captured',
      note: null,
    });
    expect(await payments.view(paymentId)).toMatchObject({ note: 'looks odd' });
  });

  it('is not for a customer to write', async () => {
    const body = { orderId: await payments.order(1_000), method: 'card', token: 'tok_visa', note: 'x' };
    const open = createPayment(payments.ground.runtime);
    expect(await payments.ground.sendAs(jane, open, body)).toMatchObject({ failure: { code: 'forbidden' } });
    expect(await seenBy(anna, open, body)).toMatchObject({ note: 'x' });
  });
});

it('why money of an order goes back by itself is told to its customer', async () => {
  const { id: paymentId } = await payments.add(await payments.order(1_000));
  await ask('process', paymentId);
  await ask('refund', paymentId, { amount: 100, reason: 'order_cancelled' });
  expect(await seenBy(jane, getPayment, { paymentId })).toMatchObject({
    refunds: [{ reason: 'order_cancelled' }],
  });
});

it('a customer is offered to have a payment processed, and nothing else', async () => {
  const { id: paymentId } = await payments.add(await payments.order(1_000), { capture: 'manual' });
  const offered = async () => {
    const { data } = await seenBy<TransitionsView>(jane, paymentTransitions, { paymentId });
    const { availableTransitions } = await seenBy(jane, getPayment, { paymentId });
    return [availableTransitions, data.map(({ allowed, reasons }) => (allowed ? 'allowed' : reasons.join()))];
  };
  const forStaff = ['forbidden', 'forbidden', 'forbidden'];
  expect(await offered()).toEqual([['process'], ['allowed', ...forStaff]]);
  await ask('process', paymentId);
  expect(await offered()).toEqual([[], ['transition_not_allowed', ...forStaff]]);
});
