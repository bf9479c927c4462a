import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getReturn } from '../src/features/read-returns.js';
import { cancelReturn, transitionReturn } from '../src/features/transition-return.js';
import { jane, Returns } from './returns.js';

let returns: Returns;
beforeAll(async () => {
  returns = await Returns.start();
}, 60_000);
afterAll(() => returns?.ground.stop(), 60_000);

async function received(receive: object = {}) {
  const order = await returns.delivered();
  const { id } = await returns.open(order);
  await returns.tryStep(id, 'approve');
  await returns.tryStep(id, 'receive', receive);
  return { id, orderId: order.orderId };
}

describe('the steps that are offered of a return', () => {
  it('lead where they would lead: what is owed has to be paid first', async () => {
    const { id } = await received();
    expect((await returns.offered(id))['process']).toMatchObject({ to: 'processed', allowed: true });
    expect(await returns.tryStep(id, 'process')).toMatchObject({ body: { status: 'processed' } });
  });

  it('lead to the end where nothing came, since nothing is owed', async () => {
    const order = await returns.delivered();
    const { id, items: lines } = await returns.open(order);
    await returns.tryStep(id, 'approve');
    const missing = lines.map((line) => ({ returnItemId: line.id, quantity: 0, condition: 'missing' }));
    await returns.tryStep(id, 'receive', { items: missing });
    expect((await returns.offered(id))['process']).toMatchObject({ to: 'refunded', allowed: true });
  });

  it('are none while its refund is under way, and say why', async () => {
    const { id, orderId } = await received();
    await returns.paymentOpened(orderId);
    await returns.tryStep(id, 'process');
    expect((await returns.offered(id))['refund']).toMatchObject({
      allowed: false,
      reasons: ['refund_in_progress'],
    });
    expect(await returns.view(id)).toMatchObject({ availableTransitions: [] });
    const { paymentRefunds } = await returns.view(id);
    const refused = { code: 'refund_refused' };
    await returns.paymentSays(id, String(paymentRefunds[0]?.['refundId']), 'payment.refund_failed', refused);
    expect((await returns.offered(id))['refund']).toMatchObject({ to: 'processed', allowed: true });
    expect(await returns.view(id)).toMatchObject({ availableTransitions: ['refund'] });
  });

  it('pay outside what no payment can give back', async () => {
    const { id } = await received();
    await returns.tryStep(id, 'process');
    expect((await returns.offered(id))['refund']).toMatchObject({ to: 'refunded', allowed: true });
  });

  it('are to its customer those that a customer may ask for', async () => {
    const { id: returnId } = await returns.open(await returns.delivered());
    const offered = await returns.offered(returnId, jane);
    expect(offered['cancel']).toMatchObject({ allowed: true, reasons: [] });
    expect(offered['approve']).toMatchObject({ to: 'approved', allowed: false, reasons: ['forbidden'] });
    expect(await returns.ground.sendAs(jane, getReturn, { returnId })).toMatchObject({
      body: { availableTransitions: ['cancel'] },
    });
    const approve = { returnId, transition: 'approve' };
    expect(await returns.ground.sendAs(jane, transitionReturn, approve)).toMatchObject({
      failure: { code: 'forbidden' },
    });
    for (const transition of ['approve', 'receive'])
      await returns.ground.send(transitionReturn, { returnId, transition });
    expect(await returns.ground.sendAs(jane, cancelReturn, { returnId })).toMatchObject({
      failure: { code: 'transition_not_allowed', extra: { from: 'received', allowedTransitions: [] } },
    });
  });
});
