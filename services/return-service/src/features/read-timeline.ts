import type { EntityManager } from '@mikro-orm/postgresql';
import { moveEntry, movesOf, query, sagaStepsOf, timelinePart } from '@oms/chassis';
import { ByOrderId, ByReturnId, type Actor, type TimelineEntry } from '@oms/contracts';
import type { ReturnState } from '../domain/return.js';
import { lineFor, moveDetail, returnTitles, titleWithMoney, toldRefund } from '../domain/return.timeline.js';
import { Return } from '../persistence/entities.js';
import { toState } from '../persistence/return.repository.js';
import { needReturn } from './read-returns.js';

const MOST_RETURNS = 200;

/** What happened to some returns, with every step of their sagas. Two statements. */
async function told(em: EntityManager, returns: readonly ReturnState[], caller: Actor) {
  const byId = new Map(returns.map((state) => [state.id, state]));
  const ids = [...byId.keys()];
  const moves = await movesOf(em, 'returns', ids);
  const entries = moves.flatMap((move): TimelineEntry[] => {
    const state = byId.get(move.aggregateId);
    if (!state) return [];
    const detail = moveDetail(state, move, caller.type !== 'customer');
    const entry = moveEntry('return', returnTitles, lineFor(caller, move), detail);
    return [{ ...entry, title: titleWithMoney(state, move, entry.title) }];
  });
  const waiting = returns.filter((state) => state.status === 'initiated').map(awaitsApproval);
  return {
    body: timelinePart(entries, waiting, await sagaStepsOf(em, 'returns', 'return', toldRefund, ids)),
  };
}

/** Before a return is approved no saga follows it: what it waits for is said by its status. */
const awaitsApproval = (state: ReturnState): TimelineEntry => ({
  at: state.createdAt.toISOString(),
  source: 'return',
  kind: 'waiting',
  title: 'Waits for staff to approve or reject it',
  actor: null,
  eventId: null,
  traceId: null,
  detail: { returnId: state.id, number: state.number, status: state.status },
});

/** The return's own part of its timeline. */
export const returnTimeline = query({
  name: 'return.timeline',
  access: 'customer',
  schema: ByReturnId,
  run: async (em, { returnId }, caller) => told(em, [await needReturn(em, returnId, caller)], caller),
});

/** The returns' part of an order's timeline; a customer sees its own only. */
export const orderTimeline = query({
  name: 'order.timeline',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => {
    const own = caller.type === 'customer' ? { customerId: caller.id } : {};
    const rows = await em.find(
      Return,
      { orderId, ...own },
      { orderBy: { createdAt: 'desc' }, limit: MOST_RETURNS },
    );
    return told(
      em,
      rows.map((row) => toState(row, [])),
      caller,
    );
  },
});
