import { inSpan, type Answer, type Runtime } from '@oms/chassis';
import { decide, type At } from '@oms/chassis/machine';
import type { DeliveryView } from '@oms/contracts';
import type { WebhookAnswer, WebhookClient } from '../../adapters/webhook-client.js';
import { signed } from '../../adapters/webhook-signature.js';
import { pauseAfter } from '../../domain/retry-plan.js';
import {
  webhookDeliveryMachine,
  type WebhookDelivery,
  type WebhookDeliveryInputs,
} from '../../domain/webhook-delivery.machine.js';
import {
  findDelivery,
  isLive,
  takeDueDeliveries,
  type DueDelivery,
} from '../../persistence/webhook.repository.js';
import { Slots } from '../slots.js';
import { deliveryView } from './read-deliveries.js';

/**
 * Endpoints that work and endpoints that fail have places of their own: however many are dead, they wait out their time-outs
 * beside the others and not in front of them.
 */
const LANES = [
  { failing: false, most: 24, each: 4 },
  { failing: true, most: 8, each: 1 },
] as const;
/** A delivery belongs to whoever took it for so much longer than the call itself may take. */
const LEASE_MARGIN_MS = 15_000;
/** Shorter than the gateway waits for an answer. */
const SETTLE_MS = 3_000;
const SETTLE_POLL_MS = 50;
const PRUNE_MS = 3_600_000;
/** So many rows a turn, so that pruning never holds anything for long. */
const PRUNE_ROWS = 10_000;
const GONE = 410;
const ACTOR = { type: 'system', id: 'webhooks' } as const;

interface Options {
  client: WebhookClient;
  /** For development: endpoints may be on this machine. */
  loopbackAllowed: boolean;
  timeoutMs: number;
  /** Pauses between the tries, in milliseconds. */
  retryPlan: readonly number[];
  /** An endpoint that nothing reached for so long is disabled when another event is given up. */
  disableAfterMs: number;
  /** How long ended deliveries stay in the log. */
  logMs: number;
}

/** What becomes of the endpoint after a try. */
type Standing = { failing: boolean; disabledBecause: 'gone' | 'failing' | null };

/** Sends what is to go to endpoints, outside any transaction, each try counted before it is made. */
export class WebhookDispatch {
  private readonly lanes: Slots<DueDelivery>[];
  private readonly underWay = new Map<string, number>();
  readonly loopbackAllowed: boolean;
  private readonly pruning: NodeJS.Timeout;
  private readonly runtime: Runtime;
  private readonly options: Options;

  constructor(runtime: Runtime, options: Options) {
    this.runtime = runtime;
    this.options = options;
    this.loopbackAllowed = options.loopbackAllowed;
    this.pruning = setInterval(() => void this.prune(), PRUNE_MS);
    this.pruning.unref();
    this.lanes = LANES.map(
      ({ failing, most, each }) =>
        new Slots({
          name: failing ? 'webhooks that fail' : 'webhooks',
          most,
          claim: (limit) => this.claim(limit, each, failing),
          perform: (due) => this.attempt(due),
          log: runtime.log,
        }),
    );
  }

  kick(): void {
    for (const lane of this.lanes) lane.kick();
  }

  async stop(): Promise<void> {
    clearInterval(this.pruning);
    await Promise.all(this.lanes.map((lane) => lane.stop()));
  }

  /** Answers the delivery as it stands once its first try has ended, or as it is when that takes too long. */
  async settled(answer: Answer): Promise<Answer> {
    const { webhookId, eventId } = answer.body as DeliveryView;
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      const view = await deliveryView(this.runtime.uow.reader(), webhookId, eventId);
      if (!view || view.log.length > 0 || Date.now() > deadline) return { body: view ?? answer.body };
      await new Promise((done) => setTimeout(done, SETTLE_POLL_MS));
    }
  }

  private async prune(): Promise<void> {
    try {
      await this.runtime.uow.reader().execute(
        `delete from notifications.webhook_delivery where (endpoint_id, event_id) in (
           select endpoint_id, event_id from notifications.webhook_delivery
            where status <> 'pending' and finished_at < now() - ? * interval '1 millisecond' limit ${PRUNE_ROWS})`,
        [this.options.logMs],
      );
    } catch (error) {
      this.runtime.log.warn({ reason: (error as Error).message }, 'webhooks: the log is pruned later');
    }
  }

  private async claim(limit: number, each: number, failing: boolean): Promise<DueDelivery[]> {
    const taken = await takeDueDeliveries(this.runtime.uow.reader(), {
      limit,
      each,
      failing,
      leaseMs: this.options.timeoutMs + LEASE_MARGIN_MS,
      underWay: Object.fromEntries(this.underWay),
    });
    for (const { endpoint_id: id } of taken) this.underWay.set(id, (this.underWay.get(id) ?? 0) + 1);
    return taken;
  }

  private async attempt(due: DueDelivery): Promise<void> {
    const attributes = { 'oms.webhook.id': due.endpoint_id, 'oms.attempt': due.attempts };
    try {
      await inSpan(
        `webhook ${due.type}`,
        { kind: 'CLIENT', from: () => undefined, correlationId: due.event_id, attributes },
        () => this.postAndStore(due),
      );
    } catch (error) {
      // The lease ends, and it is tried again: at least once is what was promised.
      this.runtime.log.error({ err: error, eventId: due.event_id }, 'webhooks: the result was not stored');
    } finally {
      const left = (this.underWay.get(due.endpoint_id) ?? 1) - 1;
      if (left > 0) this.underWay.set(due.endpoint_id, left);
      else this.underWay.delete(due.endpoint_id);
    }
  }

  private async postAndStore(due: DueDelivery): Promise<void> {
    const body = bodyOf(due);
    if (body === null) {
      const lost = { responseStatus: null, error: 'event_no_longer_kept' };
      return this.store(due, 'end', lost, null, {
        failing: due.failing_since !== null,
        disabledBecause: null,
      });
    }
    const now = new Date();
    const secrets = due.secrets.filter((one) => isLive(one, now)).map((one) => one.secret);
    const answer = await this.options.client.post(due.url, signed(due.event_id, body, secrets, now), body);
    if (answer.error === null)
      return this.store(due, 'deliver', answer, answer, { failing: false, disabledBecause: null });
    if (answer.responseStatus === GONE)
      return this.store(due, 'end', answer, answer, { failing: true, disabledBecause: 'gone' });
    const pauseMs = pauseAfter(due.attempts, this.options.retryPlan, Math.random(), answer.retryAfterMs);
    const nextAt = pauseMs === null ? null : new Date(Date.now() + pauseMs);
    const failingForMs = due.failing_since === null ? 0 : Date.now() - Number(new Date(due.failing_since));
    const hopeless = nextAt === null && failingForMs > this.options.disableAfterMs;
    await this.store(due, 'miss', { ...answer, nextAt }, answer, {
      failing: true,
      disabledBecause: hopeless ? 'failing' : null,
    });
  }

  /** The result, the try in the log and the endpoint's standing, in one transaction. */
  private async store<On extends 'deliver' | 'miss' | 'end'>(
    due: DueDelivery,
    on: On,
    input: Omit<WebhookDeliveryInputs[On], keyof At>,
    answer: WebhookAnswer | null,
    standing: Standing,
  ): Promise<void> {
    await this.runtime.uow.run(async (em) => {
      // As who deletes it does: the endpoint first. The other way round, the two waited for each other.
      if (changes(due, standing))
        await em.execute(`select id from notifications.webhook_endpoint where id = ? for no key update`, [
          due.endpoint_id,
        ]);
      const row = await findDelivery(em, due.endpoint_id, due.event_id, 'for update');
      // Deleted, taken over after its lease, or sent again on purpose meanwhile: this result is of before.
      if (!row || row.status !== 'pending' || row.attempts !== due.attempts) return;
      const delivery: WebhookDelivery = {
        status: row.status,
        attempts: row.attempts,
        nextAt: row.next_at,
        responseStatus: row.response_status,
        error: row.error,
        finishedAt: row.finished_at,
        lastTransition: null,
      };
      const whole = { ...input, at: new Date(), actor: ACTOR, fingerprint: '' };
      const decision = decide(webhookDeliveryMachine, row.status, delivery, on, whole);
      if (decision.outcome !== 'moved') return;
      decision.row.does?.(delivery, whole);
      await em.execute(
        `update notifications.webhook_delivery set status = ?, next_at = ?, response_status = ?, error = ?, finished_at = ?
          where endpoint_id = ? and event_id = ?`,
        [
          decision.to,
          delivery.nextAt,
          delivery.responseStatus,
          delivery.error,
          delivery.finishedAt,
          due.endpoint_id,
          due.event_id,
        ],
      );
      if (answer)
        await em.execute(
          `insert into notifications.webhook_try (endpoint_id, event_id, response_status, error, duration_ms, response) values (?, ?, ?, ?, ?, ?)`,
          [
            due.endpoint_id,
            due.event_id,
            answer.responseStatus,
            answer.error,
            answer.durationMs,
            answer.response,
          ],
        );
      if (changes(due, standing)) await this.stand(em, due, standing);
    });
  }

  private async stand(
    em: Parameters<typeof findDelivery>[0],
    due: DueDelivery,
    { failing, disabledBecause }: Standing,
  ): Promise<void> {
    if (disabledBecause !== null)
      await em.execute(
        `update notifications.webhook_endpoint set status = 'disabled', disabled_reason = ?, version = version + 1, updated_at = now()
          where id = ? and status = 'enabled'`,
        [disabledBecause, due.endpoint_id],
      );
    if (failing !== (due.failing_since !== null))
      await em.execute(
        `update notifications.webhook_endpoint set failing_since = case when ? then coalesce(failing_since, now()) end where id = ?`,
        [failing, due.endpoint_id],
      );
  }
}

/** Whether the endpoint's row is written: a healthy one's is not touched by its deliveries. */
const changes = (due: DueDelivery, { failing, disabledBecause }: Standing): boolean =>
  disabledBecause !== null || failing !== (due.failing_since !== null);

/** The event as CloudEvents 1.0 writes it in JSON; the same for every try. */
function bodyOf({ headers, payload }: DueDelivery): string | null {
  if (headers === null || payload === null) return null;
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, value]) => [name.slice('ce-'.length), value]);
  return JSON.stringify({
    ...Object.fromEntries(attributes),
    datacontenttype: 'application/json',
    data: payload,
  });
}
