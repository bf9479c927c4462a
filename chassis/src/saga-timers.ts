import type { Aggregate, Ctx } from './aggregate.js';
import type { Log } from './log.js';
import { inSpan } from './trace.js';
import { feedSaga } from './transit.js';
import type { AfterCommit, UnitOfWork } from './unit-of-work.js';

const POLL_MS = 1_000;
/** A deadline whose work failed is tried again so much later; the others are not held up by it. */
const RETRY_MS = 30_000;

interface Due {
  id: string;
  kind: string;
  aggregate_id: string;
  deadline_name: string;
}

/**
 * Fires the deadlines of sagas. A due saga is found without a lock, its aggregate locked first (as every other path does)
 * and the deadline looked at again: two replicas fire it once, and a deadline that was moved meanwhile does not fire.
 */
export class SagaTimers {
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly options: {
    schema: string;
    uow: UnitOfWork;
    aggregates: readonly Aggregate[];
    context(em: Ctx['em'], after: AfterCommit, causationId: string): Ctx;
    log: Log;
  };

  constructor(options: SagaTimers['options']) {
    this.options = options;
  }

  start(): void {
    const turn = () => {
      void this.fire()
        .catch((error: Error) =>
          this.options.log.warn({ reason: error.message }, 'saga timers: trying again'),
        )
        .finally(() => {
          if (!this.stopped) this.timer = setTimeout(turn, POLL_MS);
        });
    };
    turn();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Fires what is due now; answers how many moved. */
  async fire(): Promise<number> {
    const { schema, uow } = this.options;
    const due = await uow
      .reader()
      .execute<Due[]>(
        `select id, kind, aggregate_id, deadline_name from "${schema}".saga where deadline_at <= now() order by deadline_at limit 100`,
      );
    let fired = 0;
    for (const saga of due) {
      try {
        if (await this.fireOne(saga)) fired += 1;
      } catch (error) {
        this.options.log.error(
          { err: error, sagaId: saga.id, aggregateId: saga.aggregate_id, deadline: saga.deadline_name },
          'saga timers: a deadline failed, tried again later',
        );
        await uow
          .reader()
          .execute(
            `update "${schema}".saga set deadline_at = now() + interval '${RETRY_MS} milliseconds' where id = ? and deadline_name = ? and deadline_at <= now()`,
            [saga.id, saga.deadline_name],
          );
      }
    }
    return fired;
  }

  private async fireOne(saga: Due): Promise<boolean> {
    const { schema, uow } = this.options;
    const aggregate = this.options.aggregates.find((one) => one.saga?.table.name === saga.kind);
    if (!aggregate) return false;
    const cause = `timer:${saga.deadline_name}:${saga.id}`;
    const work = async (em: Ctx['em'], after: AfterCommit): Promise<boolean> => {
      const state = await aggregate.find(em, saga.aggregate_id);
      const cleared = await em.execute<object[]>(
        `update "${schema}".saga set deadline_name = null, deadline_at = null where id = ? and deadline_name = ? and deadline_at <= now() returning id`,
        [saga.id, saga.deadline_name],
      );
      if (!state || cleared.length === 0) return false;
      const ctx = this.options.context(em, after, cause);
      await feedSaga(ctx, aggregate, state, saga.deadline_name, { at: ctx.now });
      return true;
    };
    const span = { from: () => undefined, correlationId: cause };
    return inSpan(`timer ${saga.deadline_name}`, span, () => uow.run(work));
  }
}
