import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { returnTimeline } from '../src/features/read-timeline.js';
import { returnAggregate } from '../src/persistence/return.aggregate.js';
import { readReturn } from '../src/persistence/return.repository.js';
import { Returns } from './returns.js';

let returns: Returns;
beforeAll(async () => {
  returns = await Returns.start();
}, 60_000);
afterAll(() => returns?.ground.stop(), 60_000);

/** A return that was asked to be paid by hand, of goods that were paid for and are inspected. */
async function byHand(): Promise<{ id: string; orderId: string }> {
  const order = await returns.delivered();
  await returns.paymentOpened(order.orderId);
  const { id } = await returns.open(order, { refundMethod: 'manual' });
  await returns.processed(id);
  return { id, orderId: order.orderId };
}
const sentences = async (returnId: string): Promise<string[]> => {
  const reply = await returns.ground.send(returnTimeline, { returnId });
  return reply.ok ? (reply.body as { data: { title: string }[] }).data.map(({ title }) => title) : [];
};

describe('a return that is to be paid by hand', () => {
  it('waits for a person as soon as its goods are inspected, and says that no payment was asked', async () => {
    const { id } = await byHand();
    expect(await returns.saga(id)).toMatchObject({ state: 'needs_attention', deadline_name: null });
    expect((await sentences(id)).slice(-2)).toEqual([
      'It is to be paid outside: staff do so and record it, no payment is asked',
      'Waits for a person: the refund is not paid by itself',
    ]);
    expect((await sentences(id)).join()).not.toContain('The payments were asked');
  });

  it('goes on waiting when another payment of its order is opened', async () => {
    const { id, orderId } = await byHand();
    await returns.paymentOpened(orderId);
    expect(await returns.saga(id)).toMatchObject({ state: 'needs_attention' });
    expect(await returns.told(id, 'return.refund_requested')).toEqual([]);
  });

  it.each([[{}], [{ note: null }], [{ note: '' }], [{ note: ' ' }]])(
    'is not recorded as paid with %j: the note is all that tells how it was',
    async (note) => {
      const { id } = await byHand();
      expect(await returns.tryStep(id, 'refund', { refundMethod: 'manual', ...note })).toMatchObject({
        failure: { code: 'validation_failed', extra: { errors: [{ path: 'note' }] } },
      });
      expect(await returns.view(id)).toMatchObject({ status: 'processed', paymentRefunds: [] });
    },
  );

  it('is recorded by the call its case links to, once staff wrote the note that it leaves empty', async () => {
    const { id } = await byHand();
    const state = await returns.ground.uow.run((em) => readReturn(em, id));
    const link = state && returnAggregate.saga?.links?.(state).find(({ name }) => name === 'refund_manual');
    expect(link?.body).toEqual({ transition: 'refund', refundMethod: 'manual', note: '' });
    expect(await returns.tryStep(id, 'refund', { ...link?.body, note: 'bank transfer 17' })).toMatchObject({
      body: { status: 'refunded', paymentRefunds: [{ method: 'manual', note: 'bank transfer 17' }] },
    });
    expect(await returns.saga(id)).toMatchObject({ state: 'finished', step: 'refunded' });
  });

  it('is asked of the payments after all when staff want it', async () => {
    const { id } = await byHand();
    await returns.tryStep(id, 'refund', { refundMethod: 'original' });
    expect(await returns.told(id, 'return.refund_requested')).toHaveLength(1);
    expect(await returns.saga(id)).toMatchObject({ state: 'running', step: 'refunding' });
  });
});
