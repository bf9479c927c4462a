import { moveEntry, movesOf, query, sagaStepsOf, timelinePart } from '@oms/chassis';
import { silentIn } from '@oms/chassis/machine';
import { ByOrderId } from '@oms/contracts';
import { lineFor, orderTitles, toldPlacing } from '../domain/order.timeline.js';
import { needOrder } from './read-orders.js';

/** The order's own part of its timeline: its moves, and the steps of the saga that places it. */
export const orderTimeline = query({
  name: 'order.timeline',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => {
    await needOrder(em, orderId, caller);
    const moves = await movesOf(em, 'orders', [orderId], silentIn(orderTitles));
    const steps = await sagaStepsOf(em, 'orders', 'order', toldPlacing, [orderId]);
    const told = moves
      .flatMap((move) => lineFor(caller, move))
      .map((move) => moveEntry('order', orderTitles, move, { orderId }));
    return { body: timelinePart(told, steps) };
  },
});
