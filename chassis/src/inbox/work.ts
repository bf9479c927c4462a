import type { EntityManager } from '@mikro-orm/postgresql';
import type { EventEnvelope, EventName } from '@oms/contracts';
import pg from 'pg';
import { randomInt } from 'node:crypto';
import type { Log } from '../log.js';
import { Signal } from '../signal.js';
import { withTrace } from '../trace.js';
import type { AfterCommit, UnitOfWork } from '../unit-of-work.js';

const POLL_MS = 500;
const SWEEP_MS = 2_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 600_000;
/** Deaths of the process in the middle of one handler, after which that event is taken for the killer. */
const KILLS = 3;
/** First half of the advisory lock by which a worker shows that it lives; the second is its own number. */
const OWNER_CLASS = 7_302;

/** What a handler gets beside the event: the transaction that also marks the event as done. */
export interface EventCtx {
  em: EntityManager;
  after: AfterCommit;
  event: EventEnvelope;
}
export type EventHandler = (event: EventEnvelope, ctx: EventCtx) => Promise<void>;

interface Claimed {
  event_id: string;
  aggregate_type: string;
  aggregate_id: string;
  agg_seq: number;
  type: string;
  source: string;
  payload: object;
  headers: Record<string, string>;
  started_attempts: number;
  finished_attempts: number;
}

interface Options {
  schema: string;
  uow: UnitOfWork;
  databaseUrl: string;
  handlers: ReadonlyMap<string, EventHandler>;
  concurrency: number;
  attempts: number;
  log: Log;
}

/**
 * Works through the inbox: of each aggregate the event that follows the last one done, several aggregates at once. The
 * attempt is counted durably before the handler runs, so that an event that kills the process is found out. Handler,
 * "done", the aggregate's cursor, new state and new events are one transaction.
 */
export class InboxWorker {
  private readonly signal = new Signal();
  private readonly owner = randomInt(1, 2 ** 31 - 1);
  private readonly names: string[];
  private readonly running = new Set<Promise<void>>();
  private stopped = false;
  private loop: Promise<void> | undefined;
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
    this.names = [...options.handlers.keys()];
  }

  start(): void {
    this.loop = this.keepRunning();
  }

  notify(): void {
    this.signal.notify();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.signal.notify();
    await this.loop;
    await Promise.allSettled(this.running);
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopped) {
      const life = new pg.Client({
        connectionString: this.options.databaseUrl,
        application_name: `inbox ${this.options.schema}`,
        keepAlive: true,
      });
      let lost = false;
      life.on('error', () => (lost = true));
      try {
        await life.connect();
        await life.query('select pg_advisory_lock($1, $2)', [OWNER_CLASS, this.owner]);
        await this.work(life, () => lost);
      } catch (error) {
        this.options.log.warn({ reason: (error as Error).message }, 'inbox: connection lost, trying again');
        await this.signal.wait(POLL_MS);
      } finally {
        await Promise.allSettled(this.running);
        await life.end().catch(() => {});
      }
    }
  }

  private async work(life: pg.Client, lost: () => boolean): Promise<void> {
    let sweptAt = 0;
    while (!this.stopped && !lost()) {
      if (Date.now() - sweptAt > SWEEP_MS) {
        sweptAt = Date.now();
        await this.reclaim();
      }
      const skipped = await this.skipUninteresting(life);
      const free = this.options.concurrency - this.running.size;
      const claimed = free > 0 ? await this.claim(life, free) : [];
      for (const row of claimed) {
        const task = this.handle(row).finally(() => {
          this.running.delete(task);
          this.signal.notify();
        });
        this.running.add(task);
      }
      if (skipped === 0 && claimed.length === 0) await this.signal.wait(POLL_MS);
    }
  }

  /** Events without a handler only move their aggregate's cursor: all that are next, in one statement. */
  private async skipUninteresting(life: pg.Client): Promise<number> {
    const { schema } = this.options;
    const { rowCount } = await life.query({
      name: 'inbox-skip',
      text: `with head as (
         select i.event_id, i.aggregate_type, i.aggregate_id, i.agg_seq from "${schema}".inbox i
           left join "${schema}".inbox_cursor c using (aggregate_type, aggregate_id)
          where i.state = 'new' and not (i.type = any($1::text[])) and i.agg_seq = coalesce(c.last_seq, 0) + 1
          limit 500 for update of i skip locked),
       done as (update "${schema}".inbox i set state = 'done', done_at = now() from head h where i.event_id = h.event_id)
       insert into "${schema}".inbox_cursor as c (aggregate_type, aggregate_id, last_seq)
       select aggregate_type, aggregate_id, agg_seq from head
       on conflict (aggregate_type, aggregate_id) do update set last_seq = excluded.last_seq`,
      values: [this.names],
    });
    return rowCount ?? 0;
  }

  /** Takes the next event of up to `limit` aggregates and counts the attempt, committed before any handler runs. */
  private async claim(life: pg.Client, limit: number): Promise<Claimed[]> {
    const { schema } = this.options;
    const { rows } = await life.query<Claimed>({
      name: 'inbox-claim',
      text: `update "${schema}".inbox i set state = 'running', started_attempts = started_attempts + 1, owner = $2
       where i.event_id in (
         select i.event_id from "${schema}".inbox i left join "${schema}".inbox_cursor c using (aggregate_type, aggregate_id)
          where i.state = 'new' and i.type = any($1::text[]) and i.next_at <= now() and i.agg_seq = coalesce(c.last_seq, 0) + 1
          order by i.received_at limit $3 for update of i skip locked)
       returning event_id, aggregate_type, aggregate_id, agg_seq, type, source, payload, headers, started_attempts, finished_attempts`,
      values: [this.names, this.owner, limit],
    });
    return rows;
  }

  /** Rows of a worker that died: told by its lock, not by time, so that recovery takes no longer than this poll. */
  private async reclaim(): Promise<void> {
    const { schema } = this.options;
    await this.options.uow.reader().execute(
      `update "${schema}".inbox set state = case when started_attempts - finished_attempts >= ${KILLS} then 'parked' else 'new' end,
              error = case when started_attempts - finished_attempts >= ${KILLS} then 'the process ended ' || (started_attempts - finished_attempts) || ' times while this was handled' else error end,
              owner = null
        where state = 'running' and owner <> ?
          and owner not in (select objid::bigint::int from pg_locks where locktype = 'advisory' and classid = ${OWNER_CLASS} and granted)`,
      [this.owner],
    );
  }

  private async handle(row: Claimed): Promise<void> {
    const event: EventEnvelope = {
      id: row.event_id,
      type: row.type as EventName,
      source: row.source,
      aggregate: row.aggregate_type,
      subject: row.aggregate_id,
      sequence: row.agg_seq,
      time: row.headers['ce-time'] ?? '',
      correlationId: row.headers['ce-correlationid'] ?? row.event_id,
      causationId: row.headers['ce-causationid'] ?? null,
      traceparent: row.headers['traceparent'] ?? null,
      data: row.payload as never,
    };
    await withTrace({ traceparent: event.traceparent, correlationId: event.correlationId }, async () => {
      try {
        await this.options.uow.run(async (em, after) => {
          await this.options.handlers.get(row.type)?.(event, { em, after, event });
          await em.flush();
          await this.finish(em, row);
        });
      } catch (error) {
        await this.failed(row, error as Error).catch((reason: Error) =>
          this.options.log.error({ reason: reason.message }, 'inbox: failure not recorded'),
        );
      }
    });
  }

  private async finish(em: EntityManager, row: Claimed): Promise<void> {
    const { schema } = this.options;
    const done = await em.execute<{ event_id: string }[]>(
      `with done as (update "${schema}".inbox set state = 'done', done_at = now(), finished_attempts = finished_attempts + 1, error = null
                      where event_id = ? and state = 'running' and owner = ? returning aggregate_type, aggregate_id, agg_seq)
       insert into "${schema}".inbox_cursor as c (aggregate_type, aggregate_id, last_seq) select * from done
       on conflict (aggregate_type, aggregate_id) do update set last_seq = excluded.last_seq where c.last_seq = excluded.last_seq - 1
       returning aggregate_id`,
      [row.event_id, this.owner],
    );
    // Somebody else took the row while this handler slept (a frozen process): its work must not count twice.
    if (done.length !== 1) throw new Error('the event was taken over by another worker');
  }

  private async failed(row: Claimed, error: Error): Promise<void> {
    const { schema, attempts, log } = this.options;
    const parked = row.started_attempts >= attempts;
    const retryMs =
      Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (row.started_attempts - 1)) * (0.5 + Math.random() / 2);
    log[parked ? 'error' : 'warn'](
      {
        err: error,
        eventId: row.event_id,
        type: row.type,
        aggregateId: row.aggregate_id,
        attempt: row.started_attempts,
      },
      parked ? 'inbox: parked' : 'inbox: tried again later',
    );
    await this.options.uow.reader().execute(
      `update "${schema}".inbox set state = ?, finished_attempts = finished_attempts + 1, error = ?, owner = null, next_at = now() + ? * interval '1 millisecond'
        where event_id = ? and state = 'running' and owner = ?`,
      [parked ? 'parked' : 'new', error.message.slice(0, 2000), retryMs, row.event_id, this.owner],
    );
    setTimeout(() => this.signal.notify(), retryMs).unref();
  }
}
