import { moveEntry, movesOf, query, sagaStepsOf, timelinePart } from '@oms/chassis';
import { silentIn, type Move } from '@oms/chassis/machine';
import { ByOrderId, type Actor } from '@oms/contracts';
import { orderTitles, reasonsForStaff, toldPlacing } from '../domain/order.timeline.js';
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
    const told = moves.map((move) => moveEntry('order', orderTitles, shownTo(caller, move), { orderId }));
    return { body: timelinePart(told, steps) };
  },
});

const shownTo = (caller: Actor, move: Move): Move =>
  caller.type === 'customer' && reasonsForStaff.has(move.transition) ? { ...move, reason: null } : move;
