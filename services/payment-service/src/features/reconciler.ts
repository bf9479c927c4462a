import type { Runtime } from '@oms/chassis';
import type { ReconciliationRun } from '@oms/contracts';
import type { Provider } from '../adapters/provider.js';
import { compare, proposals, type DifferenceKind, type ProviderEffect } from '../domain/reconciliation.js';
import * as books from '../persistence/reconciliation.repository.js';
import { followChargeback } from './provider-webhook.js';

type Difference = ReconciliationRun['differences'][number];

const LOOK_MS = 60_000;
/** So many are kept with the run; all are counted. */
const MOST_KEPT = 1_000;

/**
 * Holds our ledger against the provider's, page by page: what it did that we do not know, what we count as done that it does not
 * know, and what differs. Runs in one replica at a time, `everyMs` apart, and as a command. It names every difference
 * with a proposal and changes nothing, but for a chargeback of which the webhook was lost: that is recorded.
 */
export class Reconciler {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> | undefined;
  private stopped = false;
  private readonly runtime: Runtime;
  private readonly provider: Provider;

  constructor(runtime: Runtime, provider: Provider) {
    this.runtime = runtime;
    this.provider = provider;
  }

  /** Looks every minute whether a run is due for anybody; 0 switches the schedule off. */
  start(everyMs: number): void {
    if (everyMs === 0) return;
    const turn = () => {
      this.running = this.runWhenDue(everyMs)
        .catch((error: Error) =>
          this.runtime.log.warn(
            { reason: error.message },
            'reconciliation: not finished, trying again later',
          ),
        )
        .finally(() => {
          if (!this.stopped) this.timer = setTimeout(turn, Math.min(LOOK_MS, everyMs)).unref();
        });
    };
    turn();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One whole run, now. Throws when the provider's book can not be read to its end; then nothing is reported. */
  async run(): Promise<ReconciliationRun> {
    const id = await this.runtime.uow.run((em) => books.begin(em));
    return this.runAs(id);
  }

  private async runWhenDue(everyMs: number): Promise<void> {
    const id = await this.runtime.uow.run((em) => books.beginWhenDue(em, everyMs));
    if (id !== null) await this.runAs(id);
  }

  private async runAs(id: number): Promise<ReconciliationRun> {
    const { uow, log } = this.runtime;
    const found: Difference[] = [];
    let effects = 0;
    for (let after: string | null = ''; after !== null && !this.stopped;) {
      const page = await this.provider.ledger(after);
      effects += page.effects.length;
      found.push(...(await this.comparePage(id, page.effects)));
      after = page.next;
    }
    if (this.stopped) throw new Error('stopped');
    const em = uow.reader();
    for (const own of await books.notSeen(em, id)) found.push(named('missing_at_provider', own.key, { own }));
    for (const twice of await books.givenBackTwice(em))
      found.push(named('given_back_twice', null, { own: twice }));
    for (const wrong of await books.wrongSums(em)) found.push(named('sum_differs', null, { own: wrong }));
    const run = await books.finish(em, id, {
      effects,
      differenceCount: found.length,
      differences: found.slice(0, MOST_KEPT),
    });
    for (const { kind, key, paymentId } of run.differences)
      log.error({ kind, key, paymentId }, `reconciliation: ${proposals[kind]}`);
    log.info({ effects, differences: run.differenceCount }, 'reconciliation: done');
    return run;
  }

  private async comparePage(run: number, effects: readonly ProviderEffect[]): Promise<Difference[]> {
    const operations = effects.filter((effect) => !effect.operation.startsWith('chargeback'));
    const own = await books.ownOperations(
      this.runtime.uow.reader(),
      run,
      operations.map((effect) => effect.key),
    );
    const found = operations.flatMap((effect) => {
      const kind = compare(effect, own.get(effect.key));
      return kind ? [named(kind, effect.key, { effect, own: own.get(effect.key) })] : [];
    });
    for (const effect of effects) {
      if (!effect.operation.startsWith('chargeback')) continue;
      const difference = await this.recordChargeback(effect);
      if (difference) found.push(difference);
    }
    return found;
  }

  /** Makes up for a webhook that was lost. */
  private async recordChargeback(effect: ProviderEffect): Promise<Difference | null> {
    const { uow, context } = this.runtime;
    const { reference, amount, currency } = effect;
    const data = { reference, amount, currency, reason: effect.code };
    const followed = await uow.run((em, after) => {
      const ctx = context(em, after, `reconciliation:${effect.key}`);
      return effect.operation === 'chargeback'
        ? followChargeback(ctx, { type: 'chargeback.opened', data: { ...data, id: effect.key } })
        : followChargeback(ctx, {
            type: 'chargeback.closed',
            data: { ...data, id: effect.key.replace(/:won$/, ''), outcome: 'won' },
          });
    });
    if (followed === 'known_before') return null;
    const kind = followed === 'applied' ? 'chargeback_not_recorded' : 'unknown_effect';
    return named(kind, effect.key, { effect });
  }
}

function named(
  kind: DifferenceKind,
  key: string | null,
  { effect, own }: { effect?: ProviderEffect; own?: books.OwnSide | undefined },
): Difference {
  return {
    kind,
    key,
    paymentId: own?.paymentId ?? effect?.reference ?? null,
    operation: effect?.operation ?? own?.kind ?? null,
    ours: own ? { amount: own.amount, currency: own.currency, outcome: own.state } : null,
    theirs: effect ? { amount: effect.amount, currency: effect.currency, outcome: effect.outcome } : null,
    proposal: proposals[kind],
  };
}
