import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { currentTrace, traceparent } from '@oms/chassis';
import type { PaymentState } from '../domain/payment.js';
import { PaymentRow } from './entities.js';

const toState = ({ origin: _, ...own }: PaymentRow): PaymentState => ({
  ...(structuredClone({ ...own }) as unknown as PaymentState),
  intents: [],
});

/** A payment, locked for a change. */
export async function loadPayment(em: EntityManager, id: string): Promise<PaymentState | null> {
  const row = await em.findOne(PaymentRow, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  return row ? toState(row) : null;
}

/** The payments of an order, oldest first, locked in that order. */
export async function lockPaymentsOf(em: EntityManager, orderId: string): Promise<PaymentState[]> {
  const rows = await em.find(
    PaymentRow,
    { orderId },
    { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
  );
  return rows.map(toState);
}

/** A payment for a change that depends on the others of its order: all are locked, in their one sequence. */
export async function loadAmongItsOrders(em: EntityManager, id: string): Promise<PaymentState | null> {
  const [row] = await em.execute<{ order_id: string }[]>(
    `select order_id from payments.payment where id = ?`,
    [id],
  );
  if (!row) return null;
  return (await lockPaymentsOf(em, row.order_id)).find((payment) => payment.id === id) ?? null;
}

export async function insertPayment(
  em: EntityManager,
  { intents, ...own }: PaymentState,
  origin: string | null = null,
): Promise<void> {
  em.create(PaymentRow, { ...structuredClone(own), origin } as never);
  await em.flush();
  await storeIntents(em, own.id, intents);
}

/** Writes what changed, and with it what is now to be asked of the provider: one commit, so that neither is without the other. */
export async function savePayment(em: EntityManager, state: PaymentState): Promise<void> {
  const { intents, ...own } = state;
  const row = await em.findOneOrFail(PaymentRow, { id: own.id });
  Object.assign(row, structuredClone(own));
  await em.flush();
  await storeIntents(em, own.id, intents);
  state.intents = [];
}

async function storeIntents(
  em: EntityManager,
  paymentId: string,
  intents: PaymentState['intents'],
): Promise<void> {
  for (const intent of intents) {
    await em.execute(
      `insert into payments.operation (payment_id, kind, key, amount, refund_id, traceparent, correlation_id) values (?, ?, ?, ?, ?, ?, ?)`,
      [
        paymentId,
        intent.kind,
        intent.key,
        intent.amount,
        intent.refundId,
        traceparent(),
        currentTrace()?.correlationId ?? null,
      ],
    );
  }
}

export interface KnownOrder {
  id: string;
  customerId: string | null;
  currency: string;
  total: number;
  cancelled: boolean;
}

/** What is known of an order, its row locked so that two payments of it can't both take the whole balance. */
export async function lockOrder(em: EntityManager, id: string): Promise<KnownOrder | null> {
  const [row] = await em.execute<
    { id: string; customer_id: string | null; currency: string; total: string; cancelled: boolean }[]
  >(`select * from payments.order_snapshot where id = ? for update`, [id]);
  return row
    ? {
        id: row.id,
        customerId: row.customer_id,
        currency: row.currency,
        total: Number(row.total),
        cancelled: row.cancelled,
      }
    : null;
}

/** What an order costs as far as is known, without its lock: whoever holds its payments' must not wait for it. */
export async function costOf(em: EntityManager, id: string): Promise<number> {
  const [row] = await em.execute<{ total: string }[]>(
    `select total from payments.order_snapshot where id = ?`,
    [id],
  );
  return Number(row?.total ?? 0);
}

export async function knowOrder(em: EntityManager, order: Omit<KnownOrder, 'cancelled'>): Promise<void> {
  await em.execute(
    `insert into payments.order_snapshot (id, customer_id, currency, total) values (?, ?, ?, ?)
     on conflict (id) do update set total = excluded.total, customer_id = excluded.customer_id`,
    [order.id, order.customerId, order.currency, order.total],
  );
}

/** The order's payments, oldest first, for one who holds the order's lock. */
export async function paymentsOf(em: EntityManager, orderId: string): Promise<PaymentState[]> {
  const rows = await em.find(PaymentRow, { orderId }, { orderBy: { id: 'asc' }, refresh: true });
  return rows.map(toState);
}

/** What a parcel costs, until it is paid at the door. */
export async function keepParcel(
  em: EntityManager,
  parcel: { id: string; orderId: string; amount: number },
): Promise<void> {
  await em.execute(
    `insert into payments.parcel (id, order_id, amount) values (?, ?, ?) on conflict do nothing`,
    [parcel.id, parcel.orderId, parcel.amount],
  );
}

/** What these parcels cost together; each is told once. */
export async function takeParcels(em: EntityManager, ids: readonly string[]): Promise<number> {
  const rows = await em.execute<{ amount: string }[]>(
    `delete from payments.parcel where id in (select value from json_array_elements_text(?::json)) returning amount`,
    [JSON.stringify(ids)],
  );
  return rows.reduce((sum, row) => sum + Number(row.amount), 0);
}

/** What a return has got back and asked for last, on all payments of its order. */
export interface ReturnMoney {
  /** What succeeded, without the refund that is asked about. */
  given: number;
  request: { returnRefundId: string; amount: number } | null;
}

/** The order or all its payments must be locked: two parts that settle at the same moment would each see the other as open. */
export async function returnMoneyOf(
  em: EntityManager,
  orderId: string,
  returnId: string,
  withoutRefund: string,
): Promise<ReturnMoney> {
  const [row] = await em.execute<{ given: string; request: string | null; amount: string | null }[]>(
    `select coalesce(sum((r->>'amount')::bigint) filter (where r->>'status' = 'succeeded' and r->>'id' <> ?), 0) as given,
            (array_agg(r->>'returnRefundId' order by r->>'createdAt' desc) filter (where r->>'returnRefundId' is not null))[1] as request,
            (array_agg(r->>'requestedAmount' order by r->>'createdAt' desc) filter (where r->>'returnRefundId' is not null))[1] as amount
       from payments.payment p, jsonb_array_elements(p.refunds) r where p.order_id = ? and r->>'returnId' = ?`,
    [withoutRefund, orderId, returnId],
  );
  return {
    given: Number(row?.given ?? 0),
    request: row?.request ? { returnRefundId: row.request, amount: Number(row.amount ?? 0) } : null,
  };
}

export interface AttemptRow {
  operation: 'authorize' | 'capture' | 'void' | 'refund';
  outcome: 'succeeded' | 'declined' | 'pending' | 'unknown';
  code: string | null;
  at: Date | string;
}
/**
 * A payment for a read, with what was asked of its provider. One statement: between two, an attempt that ended would be shown
 * under the version of before.
 */
export async function readWithAttempts(
  em: EntityManager,
  id: string,
): Promise<{ payment: PaymentState; attempts: AttemptRow[] } | null> {
  const [row] = await em.execute<{ attempts: AttemptRow[] }[]>(
    `select p.*, (select coalesce(jsonb_agg(jsonb_build_object('operation', c.operation, 'outcome', c.outcome, 'code', c.code, 'at', c.at) order by c.id), '[]')
                    from payments.provider_call c where c.payment_id = p.id) as attempts
       from payments.payment p where p.id = ?`,
    [id],
  );
  if (!row) return null;
  const { attempts, ...payment } = row;
  return { payment: toState(em.map(PaymentRow, payment)), attempts };
}

/** What was asked of the provider for these payments, oldest first, by payment. */
export async function attemptsOf(
  em: EntityManager,
  paymentIds: readonly string[],
): Promise<Map<string, AttemptRow[]>> {
  const rows = await em.execute<(AttemptRow & { payment_id: string })[]>(
    `select payment_id, operation, outcome, code, at from payments.provider_call
      where payment_id in (select value from json_array_elements_text(?::json)) order by id`,
    [JSON.stringify(paymentIds)],
  );
  const attempts = new Map<string, AttemptRow[]>(paymentIds.map((id) => [id, []]));
  for (const { payment_id, ...row } of rows) attempts.get(payment_id)?.push(row);
  return attempts;
}
