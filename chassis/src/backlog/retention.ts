import type { Log } from '../log.js';
import type { UnitOfWork } from '../unit-of-work.js';

/** How long what is over is kept. An inbox row has to outlive whatever the stream may deliver again. */
export interface RetentionRules {
  outboxDays: number;
  inboxDays: number;
  idempotencyHours: number;
}

/** Rows of a service's own that are over some day. */
export interface OwnRetention {
  table: string;
  keepDays: number;
  /** A query of the ids (its `id` column) that may go, given `before`, an SQL expression: what is older than that is past its time. */
  over(before: string): string;
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
  readonly pruned: Record<string, number>;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private readonly statements: readonly { table: string; sql: string; keep: number }[];
  private readonly options: {
    uow: UnitOfWork;
    schema: string;
    rules: RetentionRules;
    own?: readonly OwnRetention[];
    everyMs: number;
    log: Log;
  };

  constructor(options: Retention['options']) {
    this.options = options;
    this.statements = [...this.chassisStatements(), ...this.ownStatements()];
    this.pruned = Object.fromEntries(this.statements.map(({ table }) => [table, 0]));
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
    for (const { table, sql, keep } of this.statements)
      for (let batch = 0; batch < MOST_BATCHES && !this.stopped; batch++) {
        const deleted = await this.batch(sql, keep);
        this.pruned[table] = (this.pruned[table] ?? 0) + deleted;
        if (deleted < BATCH) break;
      }
  }

  private chassisStatements(): { table: string; sql: string; keep: number }[] {
    const { schema, rules } = this.options;
    const oldest = (table: string, key: string, columns: string): string =>
      `select ${key}, ${columns} from "${schema}"."${table}" order by ${key} limit ${WINDOW}`;
    return [
      {
        table: 'outbox',
        sql: `delete from "${schema}".outbox where id in (
                  select id from (${oldest('outbox', 'id', 'published_at')}) o
                   where published_at < now() - ? * interval '1 day' limit ${BATCH})`,
        keep: rules.outboxDays,
      },
      // Event ids sort by birth, so the key of the table is its age.
      {
        table: 'inbox',
        sql: `delete from "${schema}".inbox where event_id in (
                  select event_id from (${oldest('inbox', 'event_id', 'state, done_at, discarded_at')}) i
                   where state = 'done' and done_at < now() - ? * interval '1 day' and discarded_at is null limit ${BATCH})`,
        keep: rules.inboxDays,
      },
      {
        table: 'idempotency',
        sql: `delete from "${schema}".idempotency where ctid in (
                  select ctid from "${schema}".idempotency where created_at < now() - ? * interval '1 hour' limit ${BATCH})`,
        keep: rules.idempotencyHours,
      },
    ];
  }

  private ownStatements(): { table: string; sql: string; keep: number }[] {
    const { schema, own = [] } = this.options;
    return own.map(({ table, keepDays, over }) => ({
      table,
      sql: `delete from "${schema}"."${table}" where id in (
              select id from (${over(`now() - ? * interval '1 day'`)}) o limit ${BATCH})`,
      keep: keepDays,
    }));
  }

  private async batch(sql: string, keep: number): Promise<number> {
    const { uow, schema } = this.options;
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
