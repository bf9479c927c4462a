import { at, transit, type Ctx } from '@oms/chassis';
import type { EventEnvelope, EventPayload } from '@oms/contracts';
import { orderAggregate } from '../persistence/order.aggregate.js';

const INPUTS = {
  'return.initiated': 'return_opened',
  'return.cancelled': 'return_closed',
  'return.rejected': 'return_closed',
  'return.refunded': 'return_refunded',
} as const;

/** A return began, ended without goods, or was paid: the order's lines show it. */
export async function followReturn(ctx: Ctx, event: EventEnvelope): Promise<void> {
  const { orderId, returnId, items } = event.data as EventPayload<'return.refunded'>;
  const order = await orderAggregate.find(ctx.em, orderId);
  if (!order) return;
  const on = INPUTS[event.type as keyof typeof INPUTS];
  const lines = items.map(({ itemId, quantity }) => ({ itemId, quantity }));
  const decision = await transit(ctx, orderAggregate, order, on, {
    ...at(ctx, event.id),
    returnId,
    items: lines,
  });
  if (decision.outcome === 'refused')
    throw new Error(`order ${orderId} in ${decision.from} refused ${on}: ${decision.code}`);
}
