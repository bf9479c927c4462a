import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { feedSaga, newId, type Ctx } from '@oms/chassis';
import type { EventEnvelope, ReturnView } from '@oms/contracts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { createReturn } from '../src/features/create-return.js';
import { followPayment, followRefund } from '../src/features/follow-payments.js';
import { getReturn } from '../src/features/read-returns.js';
import { transitionReturn } from '../src/features/transition-return.js';
import { keepDelivery, keepOrder } from '../src/persistence/order-snapshot.repository.js';
import { returnAggregate } from '../src/persistence/return.aggregate.js';
import { returnModule } from '../src/return.module.js';

let ground: ServiceGround;
beforeAll(async () => {
  ground = await startGround(returnModule);
}, 60_000);
afterAll(() => ground?.stop(), 60_000);

const hear = (handle: (ctx: Ctx) => Promise<unknown>): Promise<unknown> =>
  ground.uow.run((em, after) => handle(ground.runtime.context(em, after, newId('evt'))));

async function send(work: Parameters<ServiceGround['send']>[0], body: object): Promise<ReturnView> {
  const reply = await ground.send(work, body);
  if (!reply.ok) throw new Error(reply.failure.code);
  return reply.body as ReturnView;
}
const step = (returnId: string, transition: string, fields: object = {}) =>
  ground.send(transitionReturn, { returnId, transition, ...fields });
const view = (returnId: string) => send(getReturn, { returnId });

/** A return whose money was asked for, and of which the payments have said nothing until its deadline came. */
async function silent(): Promise<{ id: string; refundId: string }> {
  const orderId = newId('ord');
  const itemId = newId('itm');
  const line = { itemId, sku: 'A', quantity: 1, unitPrice: 500, discount: 0, discountShare: 0, tax: 0 };
  const order = { orderId, number: orderId.slice(-8), customerId: 'cus_42', currency: 'GBP', total: 500 };
  await ground.uow.run(async (em) => {
    await keepOrder(em, { ...order, shippingTotal: 0, lines: [line] });
    await keepDelivery(em, orderId, [{ itemId, quantity: 1 }], new Date().toISOString());
  });
  await hear((ctx) => followPayment(ctx, { orderId } as Parameters<typeof followPayment>[1]));
  const items = [{ orderItemId: itemId, quantity: 1, reason: 'defective' }];
  const { id } = await send(createReturn(ground.runtime), { orderId, items });
  for (const transition of ['approve', 'receive', 'process'])
    await send(transitionReturn, { returnId: id, transition });
  await feed(id, 'refund_deadline');
  return { id, refundId: String((await view(id)).paymentRefunds[0]?.['refundId']) };
}

/** A deadline that has come, or a move of staff. */
const feed = (id: string, on: string) =>
  hear(async (ctx) => {
    const state = await returnAggregate.find(ctx.em, id);
    if (!state) throw new Error(`no return ${id}`);
    return feedSaga(ctx, returnAggregate, state, on, { at: ctx.now, refundId: newId('ref') });
  });
const paymentSays = (id: string, refundId: string, type: string, more: object) =>
  hear((ctx) =>
    followRefund(ctx, { type, data: { returnId: id, returnRefundId: refundId, ...more } } as EventEnvelope),
  );
const saga = async (id: string) =>
  (
    await ground.sql<{ step: string; state: string; steps: { to: string; on: string; code?: string }[] }>(
      `select step, state, steps from returns.saga where aggregate_id = ?`,
      [id],
    )
  )[0];
const told = (id: string, type: string) =>
  ground.sql<{ payload: Record<string, unknown> }>(
    `select payload from returns.outbox where aggregate_id = ? and type = ?`,
    [id, type],
  );

describe('a case that is closed while its request has no answer', () => {
  it('withdraws the request, and is paid another way only when the payments have said that it is', async () => {
    const { id, refundId } = await silent();
    await feed(id, 'close');
    expect(await told(id, 'return.refund_withdrawn')).toMatchObject([{ payload: { refundId, amount: 500 } }]);
    const byHand = { refundMethod: 'manual', note: 'paid in cash' };
    expect(await step(id, 'refund', byHand)).toMatchObject({ failure: { code: 'refund_in_progress' } });

    await paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_withdrawn' });
    expect(await view(id)).toMatchObject({
      status: 'processed',
      paymentRefunds: [{ refundId, status: 'failed', code: 'refund_withdrawn' }],
    });
    const closed = await saga(id);
    expect(closed).toMatchObject({ step: 'closed', state: 'finished' });
    expect(closed?.steps.at(-1)).toMatchObject({ to: 'closed', code: 'refund_withdrawn' });
    expect(await step(id, 'refund', byHand)).toMatchObject({ body: { status: 'refunded' } });
    expect(await saga(id)).toMatchObject({ step: 'refunded' });
  });

  it('says so when a provider had it already and paid it', async () => {
    const { id, refundId } = await silent();
    await feed(id, 'close');
    await paymentSays(id, refundId, 'payment.refunded', { settled: true });
    expect(await view(id)).toMatchObject({ status: 'refunded', refundStatus: 'succeeded' });
    expect(await saga(id)).toMatchObject({ step: 'refunded' });
    await paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_withdrawn' });
    expect(await view(id)).toMatchObject({ status: 'refunded', refundStatus: 'succeeded' });
  });

  it('asked for anew by staff, hears no answer to the request of before', async () => {
    const { id, refundId } = await silent();
    await feed(id, 'close');
    await paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_withdrawn' });
    await step(id, 'refund');
    await paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_withdrawn' });
    expect(await view(id)).toMatchObject({ refundStatus: 'requested' });
    expect(await saga(id)).toMatchObject({ step: 'refunding' });
    expect(await told(id, 'return.refund_failed')).toHaveLength(1);
  });

  it('has nothing to withdraw when its request had failed before', async () => {
    const { id, refundId } = await silent();
    await paymentSays(id, refundId, 'payment.refund_failed', { code: 'refund_refused' });
    await feed(id, 'close');
    expect(await told(id, 'return.refund_withdrawn')).toEqual([]);
    expect(await saga(id)).toMatchObject({ step: 'closed' });
  });

  it('resumed instead, asks for nothing again', async () => {
    const { id } = await silent();
    expect(await feed(id, 'retry')).toBe('ignored');
    expect(await feed(id, 'resume')).toBe('moved');
    expect(await told(id, 'return.refund_requested')).toHaveLength(1);
    expect(await told(id, 'return.refund_withdrawn')).toEqual([]);
  });
});
