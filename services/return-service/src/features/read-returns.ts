import type { EntityManager } from '@mikro-orm/postgresql';
import { decodeCursor, encodeCursor, fingerprint, historyOf, ownOnly, query, Refused } from '@oms/chassis';
import { transitionsFrom } from '@oms/chassis/machine';
import { ByReturnId, listReturnsQuery, type Actor } from '@oms/contracts';
import { returnMachine } from '../domain/return.machine.js';
import { refundOf } from '../domain/refund-sums.js';
import type { ReturnState } from '../domain/return.js';
import { summaryOf, viewOf } from '../domain/return.view.js';
import { Return } from '../persistence/entities.js';
import { readReturn, toState } from '../persistence/return.repository.js';

/** A return for one who may see it; refuses `not_found`. */
export async function needReturn(em: EntityManager, id: string, caller: Actor): Promise<ReturnState> {
  const state = await readReturn(em, id);
  if (!state) throw new Refused('not_found');
  ownOnly(caller, state.customerId);
  return state;
}

export const getReturn = query({
  name: 'return.get',
  access: 'customer',
  schema: ByReturnId,
  run: async (em, { returnId }, caller) => {
    const state = await needReturn(em, returnId, caller);
    return { body: viewOf(state), version: state.version };
  },
});

export const returnTransitions = query({
  name: 'return.transitions',
  access: 'customer',
  schema: ByReturnId,
  run: async (em, { returnId }, caller) => {
    const state = await needReturn(em, returnId, caller);
    return { body: { data: transitionsFrom(returnMachine, state.status, state) } };
  },
});

export const returnHistory = query({
  name: 'return.history',
  access: 'customer',
  schema: ByReturnId,
  run: async (em, { returnId }, caller) => {
    await needReturn(em, returnId, caller);
    return { body: await historyOf(em, 'returns', returnId) };
  },
});

/** Staff see how a refund came about, and that it comes out the same when it is calculated again. Refuses `not_found` before the amount is fixed. */
export const returnCalculation = query({
  name: 'return.calculation',
  schema: ByReturnId,
  run: async (em, { returnId }) => {
    const state = await readReturn(em, returnId);
    if (!state?.refundBreakdown) throw new Refused('not_found', 'no refund was calculated');
    const { refundInputs: inputs, refundBreakdown: stored } = state;
    const again = inputs && refundOf(inputs.units, inputs.terms);
    const replayed = again?.ok ? again.breakdown : null;
    return {
      body: {
        policyVersion: state.policyVersion,
        inputs,
        stored,
        replayed,
        same: fingerprint(replayed) === fingerprint(stored),
      },
    };
  },
});

/** One page in two statements: the rows, and how many lines each has. */
export const listReturns = query({
  name: 'return.list',
  access: 'customer',
  schema: listReturnsQuery,
  run: async (em, { limit, cursor, sort, ...filters }, caller) => {
    const bound = fingerprint([sort, filters]).slice(0, 16);
    const descending = sort.startsWith('-');
    const column = sort.endsWith('total') ? 'refundAmount' : 'createdAt';
    const compare = descending ? '$lt' : '$gt';
    const where: Record<string, unknown>[] = [];
    if (caller.type === 'customer') where.push({ customerId: caller.id });
    if (filters.status) where.push({ status: { $in: filters.status } });
    for (const name of ['orderId', 'customerId', 'externalRef'] as const)
      if (filters[name] !== undefined) where.push({ [name]: filters[name] });
    if (filters.createdAfter) where.push({ createdAt: { $gte: new Date(filters.createdAfter) } });
    if (filters.createdBefore) where.push({ createdAt: { $lt: new Date(filters.createdBefore) } });
    if (filters.reason) {
      const rows = await em.execute<{ return_id: string }[]>(
        `select distinct return_id from returns.return_item where reason = ?`,
        [filters.reason],
      );
      where.push({ id: { $in: rows.map((row) => row.return_id) } });
    }
    if (cursor) {
      const last = decodeCursor(cursor, bound);
      const key = column === 'createdAt' ? new Date(last.key) : last.key;
      where.push({ $or: [{ [column]: { [compare]: key } }, { [column]: key, id: { [compare]: last.id } }] });
    }
    const direction = descending ? 'desc' : 'asc';
    const rows = await em.find(
      Return,
      { $and: where },
      {
        orderBy: { [column]: direction, id: direction },
        limit: limit + 1,
      },
    );
    const page = rows.slice(0, limit);
    const counts = new Map<string, number>();
    if (page.length > 0) {
      const counted = await em.execute<{ return_id: string; n: string }[]>(
        `select return_id, count(*) as n from returns.return_item where return_id in (?) group by 1`,
        [page.map((row) => row.id)],
      );
      for (const row of counted) counts.set(row.return_id, Number(row.n));
    }
    const last = page.at(-1);
    const key = last && (column === 'createdAt' ? last.createdAt.toISOString() : (last.refundAmount ?? 0));
    return {
      body: {
        data: page.map((row) => summaryOf(toState(row, []), counts.get(row.id) ?? 0)),
        nextCursor:
          rows.length > limit && last && key !== undefined ? encodeCursor({ key, id: last.id }, bound) : null,
      },
    };
  },
});
