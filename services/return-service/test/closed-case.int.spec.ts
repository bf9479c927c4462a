import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Returns } from './returns.js';

let returns: Returns;
beforeAll(async () => {
  returns = await Returns.start();
}, 60_000);
afterAll(() => returns?.ground.stop(), 60_000);

/** A return whose money was asked for, and of which the payments have said nothing until its deadline came. */
async function silent(): Promise<{ id: string; refundId: string }> {
  const order = await returns.delivered();
  await returns.paymentOpened(order.orderId);
  const { id } = await returns.open(order);
  await returns.processed(id);
  await returns.feed(id, 'refund_deadline');
  return { id, refundId: String((await returns.view(id)).paymentRefunds[0]?.['refundId']) };
}

describe('a case that is closed while its request has no answer', () => {
  it('withdraws the request, and is paid another way only when the payments have said that it is', async () => {
    const { id, refundId } = await silent();
    await returns.feed(id, 'close');
    expect(await returns.told(id, 'return.refund_withdrawn')).toMatchObject([
      { payload: { refundId, amount: 500 } },
    ]);
    const byHand = { refundMethod: 'manual', note: 'paid in cash' };
    expect(await returns.tryStep(id, 'refund', byHand)).toMatchObject({
      failure: { code: 'refund_in_progress' },
    });

    await returns.paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_withdrawn' });
    expect(await returns.view(id)).toMatchObject({
      status: 'processed',
      paymentRefunds: [{ refundId, status: 'failed', code: 'refund_withdrawn' }],
    });
    const closed = await returns.saga(id);
    expect(closed).toMatchObject({ step: 'closed', state: 'finished' });
    expect(closed?.steps.at(-1)).toMatchObject({ to: 'closed', code: 'refund_withdrawn' });
    expect(await returns.tryStep(id, 'refund', byHand)).toMatchObject({ body: { status: 'refunded' } });
    expect(await returns.saga(id)).toMatchObject({ step: 'refunded' });
  });

  it('says so when a provider had it already and paid it', async () => {
    const { id, refundId } = await silent();
    await returns.feed(id, 'close');
    await returns.paymentSays(id, refundId, 'payment.refunded', { settled: true });
    expect(await returns.view(id)).toMatchObject({ status: 'refunded', refundStatus: 'succeeded' });
    expect(await returns.saga(id)).toMatchObject({ step: 'refunded' });
    await returns.paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_withdrawn' });
    expect(await returns.view(id)).toMatchObject({ status: 'refunded', refundStatus: 'succeeded' });
  });

  it('asked for anew by staff, hears no answer to the request of before', async () => {
    const { id, refundId } = await silent();
    await returns.feed(id, 'close');
    await returns.paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_withdrawn' });
    await returns.tryStep(id, 'refund');
    await returns.paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_withdrawn' });
    expect(await returns.view(id)).toMatchObject({ refundStatus: 'requested' });
    expect(await returns.saga(id)).toMatchObject({ step: 'refunding' });
    expect(await returns.told(id, 'return.refund_failed')).toHaveLength(1);
  });

  it('has nothing to withdraw when its request had failed before', async () => {
    const { id, refundId } = await silent();
    await returns.paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_refused' });
    await returns.feed(id, 'close');
    expect(await returns.told(id, 'return.refund_withdrawn')).toEqual([]);
    expect(await returns.saga(id)).toMatchObject({ step: 'closed' });
  });

  it('resumed instead, asks for nothing again', async () => {
    const { id } = await silent();
    expect(await returns.feed(id, 'retry')).toBe('ignored');
    expect(await returns.feed(id, 'resume')).toBe('moved');
    expect(await returns.told(id, 'return.refund_requested')).toHaveLength(1);
    expect(await returns.told(id, 'return.refund_withdrawn')).toEqual([]);
  });
});
