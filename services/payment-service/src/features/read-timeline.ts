import type { EntityManager } from '@mikro-orm/postgresql';
import { moveEntry, movesOf, query, timelinePart, traceIdOf } from '@oms/chassis';
import { ByOrderId, ByReturnId, TIMELINE_PART, type Actor, type TimelineEntry } from '@oms/contracts';
import type { OperationKind, Refund } from '../domain/payment.js';
import { attemptTitle, lineFor, paymentTitles, refundTitle } from '../domain/payment.timeline.js';
import { PaymentRow } from '../persistence/entities.js';

interface Attempt {
  payment_id: string;
  operation: OperationKind;
  key: string;
  amount: string;
  outcome: string;
  code: string | null;
  at: Date;
  traceparent: string | null;
}

const SYSTEM: Actor = { type: 'system', id: 'payment-service' };
const MOST_PAYMENTS = 200;

/** What the provider was asked for some payments, oldest first; only under `keys` when given. One statement. */
async function attemptsOf(
  em: EntityManager,
  payments: readonly PaymentRow[],
  keys: readonly string[] | null = null,
): Promise<TimelineEntry[]> {
  if (payments.length === 0) return [];
  const currencies = new Map(payments.map((payment) => [payment.id, payment.currency]));
  const rows = await em.execute<Attempt[]>(
    `select c.payment_id, c.operation, c.key, c.amount, c.outcome, c.code, c.at, o.traceparent
       from payments.provider_call c left join payments.operation o on o.key = c.key
      where c.payment_id = any(?::text[]) ${keys === null ? '' : 'and c.key = any(?::text[])'}
      order by c.id desc limit ${TIMELINE_PART}`,
    [idArray(payments.map((payment) => payment.id)), ...(keys === null ? [] : [idArray(keys)])],
  );
  return rows.reverse().map((row) => ({
    at: new Date(row.at).toISOString(),
    source: 'payment',
    kind: 'attempt',
    title: attemptTitle({ ...row, amount: Number(row.amount) }, currencies.get(row.payment_id) ?? ''),
    actor: SYSTEM,
    eventId: null,
    traceId: traceIdOf(row.traceparent),
    detail: {
      paymentId: row.payment_id,
      operation: row.operation,
      amount: Number(row.amount),
      outcome: row.outcome,
      code: row.code,
    },
  }));
}

/** Our own ids hold neither quotes nor backslashes. */
const idArray = (ids: readonly string[]): string => `{${ids.map((id) => `"${id}"`).join(',')}}`;

/** A customer sees what is told of its own payments only. */
const ownTo = (caller: Actor): object => (caller.type === 'customer' ? { customerId: caller.id } : {});

/** The payments' part of an order's timeline: their moves, and every question to the provider. Three statements. */
export const orderTimeline = query({
  name: 'order.timeline',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => {
    const payments = await em.find(
      PaymentRow,
      { orderId, ...ownTo(caller) },
      { orderBy: { id: 'desc' }, limit: MOST_PAYMENTS },
    );
    const moves = await movesOf(
      em,
      'payments',
      payments.map((payment) => payment.id),
    );
    const told = moves
      .flatMap((move) => lineFor(caller, move))
      .map((move) => moveEntry('payment', paymentTitles, move, { paymentId: move.aggregateId }));
    return { body: timelinePart(told, await attemptsOf(em, payments)) };
  },
});

/** The payments' part of a return's timeline: the refunds that pay it, and every question to the provider for them. Two statements. */
export const returnTimeline = query({
  name: 'return.timeline',
  access: 'customer',
  schema: ByReturnId,
  run: async (em, { returnId }, caller) => {
    const payments = await em.find(
      PaymentRow,
      { refunds: { $contains: [{ returnId }] } as never, ...ownTo(caller) },
      { orderBy: { id: 'desc' }, limit: MOST_PAYMENTS },
    );
    const refunds = payments.flatMap((payment) =>
      payment.refunds.filter((refund) => refund.returnId === returnId).map((refund) => ({ payment, refund })),
    );
    const told = refunds.map(({ payment, refund }) => refundEntry(payment, refund));
    const keys = refunds.map(({ refund }) => refund.id);
    return { body: timelinePart(told, await attemptsOf(em, payments, keys)) };
  },
});

const refundEntry = (payment: PaymentRow, refund: Refund): TimelineEntry => ({
  at: refund.createdAt,
  source: 'payment',
  kind: 'transition',
  title: refundTitle(refund, payment.currency),
  actor: SYSTEM,
  eventId: null,
  traceId: null,
  detail: {
    paymentId: payment.id,
    refundId: refund.id,
    amount: refund.amount,
    status: refund.status,
    code: refund.code,
  },
});
