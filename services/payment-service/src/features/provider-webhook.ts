import { at, Refused, transit, type Command, type Ctx } from '@oms/chassis';
import { ProviderWebhook } from '@oms/contracts';
import { readNotice, type ProviderNotice } from '../adapters/provider-notice.js';
import { paymentAggregate } from '../persistence/payment.aggregate.js';
import { findOperation, keepWebhook, noteCall, noteWebhook } from '../persistence/provider.repository.js';
import { applyResult } from './apply-result.js';
import type { OperationRunner } from './operation-runner.js';

/** What became of a webhook; kept with its raw body. */
type Followed =
  | 'applied'
  | 'known_before'
  | 'still_pending'
  | 'not_understood'
  | 'unknown_operation'
  | 'unknown_payment'
  | 'differs';

/**
 * What the provider tells by itself, its signature checked at the door. The id is taken in the transaction of the effect: a
 * repetition finds it and does nothing. Early, late or out of order it is harmless: an operation is closed once, by
 * whoever comes first with its outcome, and a chargeback that ends before it began is recorded whole. What does not agree
 * with our books changes nothing; the reconciler names it.
 */
export const providerWebhook = (runner: OperationRunner): Command => ({
  kind: 'command',
  name: 'payment.provider_webhook',
  access: 'staff',
  schema: ProviderWebhook,
  async run(ctx, webhook: ProviderWebhook) {
    if (!(await keepWebhook(ctx.em, webhook))) return { body: { result: 'repeated' } };
    const notice = readNotice(webhook.body);
    const result = notice ? await follow(ctx, notice) : 'not_understood';
    await noteWebhook(ctx.em, webhook.webhookId, notice?.type ?? null, result);
    ctx.after(() => runner.kick());
    return { body: { result } };
  },
});

const follow = (ctx: Ctx, notice: ProviderNotice): Promise<Followed> =>
  notice.type === 'operation.settled' ? followOperation(ctx, notice.data) : followChargeback(ctx, notice);

async function followOperation(
  ctx: Ctx,
  told: Extract<ProviderNotice, { type: 'operation.settled' }>['data'],
): Promise<Followed> {
  const operation = await findOperation(ctx.em, told.key);
  if (!operation) return 'unknown_operation';
  const { payment_id: reference, amount, currency } = operation;
  if (reference !== told.reference || Number(amount) !== told.amount || currency !== told.currency)
    return 'differs';
  if (told.outcome === 'pending') return 'still_pending';
  const result = { outcome: told.outcome, code: told.code ?? null };
  if (!(await applyResult(ctx, operation, result))) return 'known_before';
  await noteCall(ctx.em, operation, result);
  return 'applied';
}

/** Records what a notice says of a chargeback, once. */
export async function followChargeback(
  ctx: Ctx,
  notice: Exclude<ProviderNotice, { type: 'operation.settled' }>,
): Promise<Followed> {
  const { id: chargebackId, reference, amount, currency, reason = null } = notice.data;
  const payment = await paymentAggregate.find(ctx.em, reference);
  if (!payment) return 'unknown_payment';
  if (payment.currency !== currency) return 'differs';
  const input = { ...at(ctx, `${notice.type}:${chargebackId}`), chargebackId, amount, reason };
  const decision =
    notice.type === 'chargeback.opened'
      ? await transit(ctx, paymentAggregate, payment, 'charge_back', input as never)
      : await transit(ctx, paymentAggregate, payment, 'close_chargeback', {
          ...input,
          outcome: notice.data.outcome,
        });
  // Not captured as far as we know: its answer is still under way, and the provider sends this again.
  if (decision.outcome === 'refused')
    throw new Refused('service_unavailable', 'the capture is not known here yet');
  return decision.outcome === 'moved' ? 'applied' : 'known_before';
}
