import { inSpan, storedTrace, type Runtime } from '@oms/chassis';
import type { Provider, ProviderResult } from '../adapters/provider.js';
import { noteCall, showCall, type OpenOperation } from '../persistence/provider.repository.js';
import { applyResult } from './apply-result.js';

const POLL_MS = 500;
const BATCH = 16;
/** How long an operation belongs to whoever took it: longer than its calls may last, short enough to live with after a crash. */
const LEASE_MS = 6_000;
const FIRST_RETRY_MS = 200;
/** A pending operation is settled by webhook; asking only makes up for one that was lost. */
const PENDING_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;
const TOKEN_TIMEOUT_MS = 2_000;

/**
 * Asks the provider for what the transactions intended, outside any of them. An operation that was tried before is looked
 * up under its key first: what the provider did already is taken over, never asked for twice. Killed at any point, the next
 * one to take the lease goes on from the same row.
 */
export class OperationRunner {
  private timer: NodeJS.Timeout | undefined;
  private turning: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private readonly runtime: Runtime;
  private readonly provider: Provider;

  constructor(runtime: Runtime, provider: Provider) {
    this.runtime = runtime;
    this.provider = provider;
  }

  /** Called after a commit that intended something, and by the poll. */
  kick(): void {
    if (this.stopped) return;
    if (this.turning) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.turning = this.turn()
      .catch((error: Error) => this.runtime.log.warn({ reason: error.message }, 'operations: trying again'))
      .finally(() => {
        this.turning = undefined;
        if (this.stopped) return;
        if (this.again) {
          this.again = false;
          this.kick();
        } else this.timer = setTimeout(() => this.kick(), POLL_MS);
      });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turning;
  }

  /** Waits until nothing of a payment is open any more, `withinMs` at most; answers whether that is so. */
  async settle(paymentId: string, withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      this.kick();
      const [row] = await this.runtime.uow
        .reader()
        .execute<{ open: string }[]>(
          `select count(*) as open from payments.operation where payment_id = ? and state in ('intended', 'unknown')`,
          [paymentId],
        );
      if (Number(row?.open ?? 0) === 0) return true;
      if (Date.now() > deadline) return false;
      await new Promise((done) => setTimeout(done, 10));
    }
  }

  private async turn(): Promise<void> {
    for (;;) {
      const taken = await this.runtime.uow.reader().execute<OpenOperation[]>(
        `update payments.operation o set attempts = attempts + 1, next_at = now() + ${LEASE_MS} * interval '1 millisecond'
           from payments.payment p
          where p.id = o.payment_id and o.id in (
            select id from payments.operation where state in ('intended', 'pending', 'unknown') and next_at <= now() order by next_at limit ${BATCH} for update skip locked)
         returning o.id, o.payment_id, o.kind, o.key, o.amount, o.refund_id, o.attempts, o.traceparent, o.correlation_id, p.currency, p.token, p.order_id`,
      );
      if (taken.length === 0) return;
      await Promise.all(taken.map((operation) => this.perform(operation)));
    }
  }

  /** In the trace of the transaction that intended it, whoever woke this runner. */
  private perform(operation: OpenOperation): Promise<void> {
    return inSpan(
      `perform ${operation.kind}`,
      {
        from: storedTrace(operation.traceparent),
        correlationId: operation.correlation_id,
        attributes: { 'oms.aggregate.id': operation.payment_id, 'oms.attempt': operation.attempts },
      },
      () => this.askAndStore(operation),
    );
  }

  private async askAndStore(operation: OpenOperation): Promise<void> {
    const result = await this.ask(operation);
    const { uow, context, log } = this.runtime;
    try {
      await uow.run(async (em, after) => {
        await noteCall(em, operation, result);
        if (result.outcome === 'succeeded' || result.outcome === 'declined') {
          const ctx = context(em, after, operation.key);
          after(() => this.kick());
          const final = { outcome: result.outcome, code: result.code };
          if (!(await applyResult(ctx, operation, final))) await showCall(em, operation.payment_id);
          return;
        }
        await showCall(em, operation.payment_id);
        const firstMs = result.outcome === 'pending' ? PENDING_RETRY_MS : FIRST_RETRY_MS;
        const retryMs =
          Math.min(LAST_RETRY_MS, firstMs * 2 ** Math.min(operation.attempts - 1, 12)) *
          (0.75 + Math.random() / 4);
        await em.execute(
          `update payments.operation set state = ?, code = ?, next_at = now() + ? * interval '1 millisecond' where id = ? and state in ('intended', 'pending', 'unknown')`,
          [result.outcome, result.code, retryMs, operation.id],
        );
        after(() => setTimeout(() => this.kick(), retryMs + 5).unref());
      });
    } catch (error) {
      log.error(
        { err: error, key: operation.key },
        'operations: the result was not stored, it will be asked for again',
      );
    }
  }

  private async ask(operation: OpenOperation): Promise<ProviderResult> {
    if (operation.attempts > 1) {
      const before = await this.provider.look(operation.key);
      if (before) return before;
    }
    let token: string | null = null;
    if (operation.kind === 'authorize') {
      const answered = operation.token ?? (await this.orderToken(operation.order_id));
      if (answered === undefined) return { outcome: 'unknown', code: 'token_not_available' };
      // The order ended before anybody could ask the provider: there is nothing to authorize with, now or later.
      if (answered === null && operation.attempts === 1) return { outcome: 'declined', code: 'token_erased' };
      // Asked without a token, the provider declines and keeps that under the key: whoever had the operation before us may
      // be frozen with the token in hand, and must find the same no when it wakes up.
      token = answered;
    }
    return this.provider.perform({
      kind: operation.kind,
      key: operation.key,
      reference: operation.payment_id,
      amount: Number(operation.amount),
      currency: operation.currency,
      token,
    });
  }

  /** ADR 3: asked for at the moment of use. Null when the order has none any more, undefined when it could not be asked. */
  private async orderToken(orderId: string): Promise<string | null | undefined> {
    try {
      const reply = await this.runtime.ask('rpc.order.payment_token', { orderId }, TOKEN_TIMEOUT_MS);
      return reply.json<{ token?: string | null }>().token;
    } catch {
      return undefined;
    }
  }
}
