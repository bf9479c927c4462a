import { feedSaga, type Ctx } from '@oms/chassis';
import type { EventEnvelope, EventPayload } from '@oms/contracts';
import { keepPayment } from '../persistence/order-snapshot.repository.js';
import { returnAggregate } from '../persistence/return.aggregate.js';

/**
 * A payment of an order was opened: from now on there is somebody to ask for its money, also for a return that was processed
 * before this was heard. Returns are locked one by one, so that none decides beside us that there is nobody.
 */
export async function followPayment(ctx: Ctx, payment: EventPayload<'payment.created'>): Promise<void> {
  for (const id of await keepPayment(ctx.em, payment.orderId)) {
    const state = await returnAggregate.find(ctx.em, id);
    if (state) await feedSaga(ctx, returnAggregate, state, 'payment.created', {});
  }
}

/**
 * A payment gave money back, or could not. Only refunds that a return asked for concern us; a request that was spread over
 * several payments is answered when its last part has settled.
 */
export async function followRefund(ctx: Ctx, event: EventEnvelope): Promise<void> {
  const payment = event.data as EventPayload<'payment.refunded'> & { code?: string };
  if (!payment.returnId || !payment.returnRefundId) return;
  if (event.type === 'payment.refunded' && !payment.settled) return;
  const state = await returnAggregate.find(ctx.em, payment.returnId);
  if (!state) return;
  await feedSaga(ctx, returnAggregate, state, event.type, {
    refundId: payment.returnRefundId,
    code: payment.code,
  });
}
