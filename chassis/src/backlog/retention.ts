import type { Log } from '../log.js';
import type { UnitOfWork } from '../unit-of-work.js';

/** How long what is over is kept. An inbox row has to outlive whatever the stream may deliver again. */
export interface RetentionRules {
  outboxDays: number;
  inboxDays: number;
  idempotencyHours: number;
}

const BATCH = 500;
/** Rows looked at for a batch, oldest first: a look costs the same whether there is anything to delete or not. */
const WINDOW = 5_000;
const MOST_BATCHES = 40;
/** One replica at a time; the second half is the schema's hash. */
const LOCK_CLASS = 7_303;

/**
 * Deletes what is sent, done or answered and past its time, in small transactions. Never an event that was not published, one
 * that is not handled or parked, or a dead letter that was discarded: its reason stays.
 */
export class Retention {
  readonly pruned: Record<string, number> = { outbox: 0, inbox: 0, idempotency: 0 };
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private readonly options: {
    uow: UnitOfWork;
    schema: string;
    rules: RetentionRules;
    everyMs: number;
    log: Log;
  };

  constructor(options: Retention['options']) {
    this.options = options;
  }

  start(): void {
    const turn = () => {
      this.running = this.prune()
        .catch((error: Error) => this.options.log.warn({ reason: error.message }, 'retention: trying again'))
        .finally(() => {
          if (!this.stopped) this.timer = setTimeout(turn, this.options.everyMs).unref();
        });
    };
    this.timer = setTimeout(turn, this.options.everyMs * Math.random()).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Deletes all that may go now, as far as one turn goes. */
  async prune(): Promise<void> {
    for (const table of ['outbox', 'inbox', 'idempotency'] as const)
      for (let batch = 0; batch < MOST_BATCHES && !this.stopped; batch++) {
        const deleted = await this.batch(table);
        this.pruned[table] = (this.pruned[table] ?? 0) + deleted;
        if (deleted < BATCH) break;
      }
  }

  private statement(table: 'outbox' | 'inbox' | 'idempotency'): { sql: string; keep: number } {
    const { schema, rules } = this.options;
    const oldest = (key: string, columns: string): string =>
      `select ${key}, ${columns} from "${schema}"."${table}" order by ${key} limit ${WINDOW}`;
    switch (table) {
      case 'outbox':
        return {
          sql: `delete from "${schema}".outbox where id in (
                  select id from (${oldest('id', 'published_at')}) o
                   where published_at < now() - ? * interval '1 day' limit ${BATCH})`,
          keep: rules.outboxDays,
        };
      // Event ids sort by birth, so the key of the table is its age.
      case 'inbox':
        return {
          sql: `delete from "${schema}".inbox where event_id in (
                  select event_id from (${oldest('event_id', 'state, done_at, discarded_at')}) i
                   where state = 'done' and done_at < now() - ? * interval '1 day' and discarded_at is null limit ${BATCH})`,
          keep: rules.inboxDays,
        };
      case 'idempotency':
        return {
          sql: `delete from "${schema}".idempotency where ctid in (
                  select ctid from "${schema}".idempotency where created_at < now() - ? * interval '1 hour' limit ${BATCH})`,
          keep: rules.idempotencyHours,
        };
    }
  }

  private async batch(table: 'outbox' | 'inbox' | 'idempotency'): Promise<number> {
    const { uow, schema } = this.options;
    const { sql, keep } = this.statement(table);
    return uow.run(async (em) => {
      const [lock] = await em.execute<{ held: boolean }[]>(
        'select pg_try_advisory_xact_lock(?::int, hashtext(?)) as held',
        [LOCK_CLASS, schema],
      );
      if (!lock?.held) return 0;
      return (await em.execute<object[]>(`${sql} returning 1`, [keep])).length;
    });
  }
}
