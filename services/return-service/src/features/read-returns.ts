import type { EntityManager } from '@mikro-orm/postgresql';
import {
  equals,
  fingerprint,
  historyOf,
  list,
  oneOf,
  ownOnly,
  query,
  Refused,
  where,
  type ListSpec,
} from '@oms/chassis';
import { transitionsFrom } from '@oms/chassis/machine';
import { ByReturnId, listReturnsQuery, type Actor, type ListReturns } from '@oms/contracts';
import { returnMachine } from '../domain/return.machine.js';
import { refundOf } from '../domain/refund-sums.js';
import type { ReturnState } from '../domain/return.js';
import { lineFor } from '../domain/return.timeline.js';
import { summaryOf, viewFor } from '../domain/return.view.js';
import { Return } from '../persistence/entities.js';
import { isUnpaid } from '../persistence/order-snapshot.repository.js';
import { readReturn, toState } from '../persistence/return.repository.js';
import { processInput } from './process-return.js';

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
    return { body: viewFor(caller, state), version: state.version };
  },
});

export const returnTransitions = query({
  name: 'return.transitions',
  access: 'customer',
  schema: ByReturnId,
  run: async (em, { returnId }, caller) => {
    const state = await needReturn(em, returnId, caller);
    const probes: Record<string, object> = { receive: { items: null }, ...(await moneyProbes(em, state)) };
    const data = transitionsFrom(returnMachine, state.status, state, caller, (on) => probes[on] ?? {});
    return { body: { data } };
  },
});

/** The steps that money decides about, as they would be asked without saying more: all is accepted as it came, and paid as was wished. */
async function moneyProbes(em: EntityManager, state: ReturnState): Promise<Record<string, object>> {
  if (state.status === 'received') return { process: await processInput(em, state, {}) };
  if (state.status !== 'processed') return {};
  const unpaid = await isUnpaid(em, state.orderId);
  const method = unpaid && state.refundMethod === 'original' ? 'manual' : state.refundMethod;
  return { refund: { method, unpaid } };
}

export const returnHistory = query({
  name: 'return.history',
  access: 'customer',
  schema: ByReturnId,
  run: async (em, { returnId }, caller) => {
    await needReturn(em, returnId, caller);
    const { data } = await historyOf(em, 'returns', returnId);
    return { body: { data: data.map((line) => lineFor(caller, line)) } };
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
const returnList: ListSpec<ListReturns> = {
  name: 'return.list',
  access: 'customer',
  schema: listReturnsQuery,
  ids: 'ret',
  from: 'returns.return',
  columns: '*',
  sorts: { total: 'coalesce(refund_amount, 0)' },
  own: (customerId) => where('customer_id = ?', customerId),
  filters: {
    status: oneOf('status'),
    orderId: equals('order_id'),
    customerId: equals('customer_id'),
    externalRef: equals('external_ref'),
    reason: (reason) => where('id in (select return_id from returns.return_item where reason = ?)', reason),
  },
  show: async (em, rows) => {
    if (rows.length === 0) return [];
    const counted = await em.execute<{ return_id: string; n: string }[]>(
      `select return_id, count(*) as n from returns.return_item where return_id in (?) group by 1`,
      [rows.map((row) => row.id)],
    );
    const counts = new Map(counted.map((row) => [row.return_id, Number(row.n)]));
    return rows.map((row) => summaryOf(toState(em.map(Return, row), []), counts.get(row.id) ?? 0));
  },
};

/** One page in two statements: the rows, and how many lines each has. */
export const listReturns = list(returnList);

/** The same for the stream of all, which is for staff. */
export const exportReturns = list({ ...returnList, name: 'return.export', access: 'staff' });
