import { decodeCursor, encodeCursor, fingerprint, historyOf, ownOnly, query } from '@oms/chassis';
import { transitionsFrom } from '@oms/chassis/machine';
import { ByPaymentId, listPaymentsQuery, type Actor } from '@oms/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PaymentState } from '../domain/payment.js';
import { paymentMachine } from '../domain/payment.machine.js';
import { PaymentRow } from '../persistence/entities.js';
import { attemptsOf } from '../persistence/payment.repository.js';
import { readPayment, summaryOf, viewOf } from './payment.view.js';

async function ownPayment(em: EntityManager, id: string, caller: Actor): Promise<PaymentState> {
  const payment = await readPayment(em, id);
  ownOnly(caller, payment.customerId);
  return payment;
}

export const getPayment = query({
  name: 'payment.get',
  access: 'customer',
  schema: ByPaymentId,
  run: async (em, { paymentId }, caller) => {
    const payment = await ownPayment(em, paymentId, caller);
    return { body: await viewOf(em, payment), version: payment.version };
  },
});

export const paymentTransitions = query({
  name: 'payment.transitions',
  access: 'customer',
  schema: ByPaymentId,
  run: async (em, { paymentId }, caller) => {
    const payment = await ownPayment(em, paymentId, caller);
    return {
      body: {
        data: transitionsFrom(paymentMachine, payment.status, payment, () => ({ amount: 1, actor: caller })),
      },
    };
  },
});

export const paymentHistory = query({
  name: 'payment.history',
  access: 'customer',
  schema: ByPaymentId,
  run: async (em, { paymentId }, caller) => {
    await ownPayment(em, paymentId, caller);
    return { body: await historyOf(em, 'payments', paymentId) };
  },
});

/** One page in two statements. */
export const listPayments = query({
  name: 'payment.list',
  access: 'customer',
  schema: listPaymentsQuery,
  run: async (em, { limit, cursor, sort, ...filters }, caller) => {
    const bound = fingerprint([sort, filters]).slice(0, 16);
    const descending = sort.startsWith('-');
    const column = sort.endsWith('total') ? 'amount' : 'createdAt';
    const compare = descending ? '$lt' : '$gt';
    const where: Record<string, unknown>[] = [];
    if (caller.type === 'customer') where.push({ customerId: caller.id });
    if (filters.status) where.push({ status: { $in: filters.status } });
    for (const name of ['orderId', 'customerId', 'provider'] as const)
      if (filters[name] !== undefined) where.push({ [name]: filters[name] });
    if (filters.createdAfter) where.push({ createdAt: { $gte: new Date(filters.createdAfter) } });
    if (filters.createdBefore) where.push({ createdAt: { $lt: new Date(filters.createdBefore) } });
    if (cursor) {
      const last = decodeCursor(cursor, bound);
      const key = column === 'createdAt' ? new Date(last.key) : last.key;
      where.push({ $or: [{ [column]: { [compare]: key } }, { [column]: key, id: { [compare]: last.id } }] });
    }
    const direction = descending ? 'desc' : 'asc';
    const rows = await em.find(
      PaymentRow,
      { $and: where },
      {
        orderBy: { [column]: direction, id: direction },
        limit: limit + 1,
      },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const attempts = await attemptsOf(
      em,
      page.map((row) => row.id),
    );
    const key = last && (column === 'createdAt' ? last.createdAt.toISOString() : last.amount);
    return {
      body: {
        data: page.map((row) => summaryOf(row as unknown as PaymentState, attempts.get(row.id) ?? [])),
        nextCursor:
          rows.length > limit && last && key !== undefined ? encodeCursor({ key, id: last.id }, bound) : null,
      },
    };
  },
});
