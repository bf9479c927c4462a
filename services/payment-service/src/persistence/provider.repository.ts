import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProviderWebhook } from '@oms/contracts';
import type { OperationKind } from '../domain/payment.js';

/** What is asked of the provider, with what of its payment is needed for it. */
export interface OpenOperation {
  id: string;
  payment_id: string;
  kind: OperationKind;
  key: string;
  amount: string;
  refund_id: string | null;
  attempts: number;
  currency: string;
  token: string | null;
  order_id: string;
  traceparent: string | null;
  correlation_id: string | null;
}

/** Takes a webhook's id, with its raw body; false when it was taken before. A twin in flight is waited for. */
export async function keepWebhook(em: EntityManager, { webhookId, body }: ProviderWebhook): Promise<boolean> {
  const taken = await em.execute<object[]>(
    `insert into payments.provider_webhook (id, body) values (?, ?) on conflict do nothing returning id`,
    [webhookId, body],
  );
  return taken.length === 1;
}

export async function noteWebhook(
  em: EntityManager,
  id: string,
  type: string | null,
  result: string,
): Promise<void> {
  await em.execute(`update payments.provider_webhook set type = ?, result = ? where id = ?`, [
    type,
    result,
    id,
  ]);
}

/** An operation by its key, whatever has become of it. */
export async function findOperation(em: EntityManager, key: string): Promise<OpenOperation | null> {
  const [row] = await em.execute<OpenOperation[]>(
    `select o.id, o.payment_id, o.kind, o.key, o.amount, o.refund_id, o.attempts, o.traceparent, o.correlation_id,
            p.currency, p.token, p.order_id
       from payments.operation o join payments.payment p on p.id = o.payment_id where o.key = ?`,
    [key],
  );
  return row ?? null;
}

/** A question to the provider is shown with its payment: where it moved nothing else, the payment is another version by it. */
export async function showCall(em: EntityManager, paymentId: string): Promise<void> {
  await em.execute(`update payments.payment set version = version + 1, updated_at = now() where id = ?`, [
    paymentId,
  ]);
}

/** Writes down what the provider said to one question, or by itself. */
export async function noteCall(
  em: EntityManager,
  operation: OpenOperation,
  result: { outcome: string; code: string | null },
): Promise<void> {
  await em.execute(
    `insert into payments.provider_call (payment_id, operation, key, amount, outcome, code) values (?, ?, ?, ?, ?, ?)`,
    [operation.payment_id, operation.kind, operation.key, operation.amount, result.outcome, result.code],
  );
}
