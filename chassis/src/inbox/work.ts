import type { EntityManager } from '@mikro-orm/postgresql';
import type { EventEnvelope, EventName } from '@oms/contracts';
import type pg from 'pg';
import { randomInt } from 'node:crypto';
import type { Log } from '../log.js';
import { Session } from '../session.js';
import { Signal } from '../signal.js';
import { inSpan, markError, storedTrace, type SpanOptions } from '../trace.js';
import type { AfterCommit, UnitOfWork } from '../unit-of-work.js';
import { published, upcast, versionIn, type Versions } from './versions.js';

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

/** An event that is to be handled: `$1` are the names that somebody here listens to. */
/**
 * The look-up is planned once, by its indexes, and not anew for the values of each look: that took 3 ms of 3.5 where four
 * services store an order's events, and never gave another plan. Without sequential scans, since the first plan may be made
 * while the tables are empty.
 */
const ONE_PLAN = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off' };
const LISTENED = '(i.type = any($1::text[]) and i.discarded_at is null)';

interface Options {
  schema: string;
  uow: UnitOfWork;
  databaseUrl: string;
  handlers: ReadonlyMap<string, EventHandler>;
  concurrency: number;
  attempts: number;
  log: Log;
  /** Which versions of an event are read; left out, as the contracts say. */
  versions?: Versions;
}

/**
 * Works through the inbox: of each aggregate the event that follows the last one done, several aggregates at once. The
 * attempt is counted durably before the handler runs, so that an event that kills the process is found out. Handler,
 * "done", the aggregate's cursor, new state and new events are one transaction.
 */
export class InboxWorker {
  private readonly signal = new Signal();
  /** Drawn anew for each connection: what was claimed when the last one broke, and never heard of, is then nobody's. */
  private owner = 0;
  private readonly names: string[];
  private readonly running = new Set<Promise<void>>();
  private stopped = false;
  /** Counts what was stored, so that a handler that ends knows whether anything came meanwhile. */
  private arrivals = 0;
  /** The last look found no free place: work may wait that nobody will announce again. */
  private full = false;
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
    this.arrivals += 1;
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
      const life = new Session(this.options.databaseUrl, `inbox ${this.options.schema}`, ONE_PLAN);
      this.owner = randomInt(1, 2 ** 31 - 1);
      try {
        await life.connect();
        await life.client.query('select pg_advisory_lock($1, $2)', [OWNER_CLASS, this.owner]);
        await this.work(life.client, () => life.isLost());
      } catch (error) {
        this.options.log.warn({ reason: (error as Error).message }, 'inbox: connection lost, trying again');
        await this.signal.wait(POLL_MS);
      } finally {
        await Promise.allSettled(this.running);
        await life.close();
      }
    }
  }

  private async work(life: pg.Client, lost: () => boolean): Promise<void> {
    let sweptAt = 0;
    while (!this.stopped && !lost()) {
      if (Date.now() - sweptAt > SWEEP_MS) {
        sweptAt = Date.now();
        if (await this.reclaim()) await this.handleSuspects(life);
      }
      const free = this.options.concurrency - this.running.size;
      const { claimed, skipped } = await this.next(life, free);
      this.full = claimed.length === free;
      for (const row of claimed) {
        const task = this.handle(row).then((more) => {
          this.running.delete(task);
          if (more || this.full) this.signal.notify();
        });
        this.running.add(task);
      }
      // What it left was not to be had: whoever makes more of it says so.
      if (skipped === 0) await this.signal.wait(POLL_MS);
    }
  }

  /** The next events of their aggregates that are of a kind, oldest first. `$1` are the names that somebody here listens to. */
  private heads(kind: string, most: string): string {
    const { schema } = this.options;
    return `
      select i.event_id, i.aggregate_type, i.aggregate_id, i.agg_seq from "${schema}".inbox i
        left join "${schema}".inbox_cursor c using (aggregate_type, aggregate_id)
       where i.state = 'new' and ${kind} and i.next_at <= now() and i.agg_seq = coalesce(c.last_seq, 0) + 1
       order by i.received_at limit ${most} for update of i skip locked`;
  }

  /** Takes the rows of `wanted` and counts their attempt. `$2` is this worker. */
  private claim(): string {
    return `update "${this.options.schema}".inbox i set state = 'running', started_attempts = started_attempts + 1, owner = $2
           from wanted w where i.event_id = w.event_id
         returning i.event_id, i.aggregate_type, i.aggregate_id, i.agg_seq, i.type, i.source, i.payload, i.headers, i.started_attempts, i.finished_attempts`;
  }

  /**
   * One statement, two things: takes the next event of up to `limit` aggregates and counts the attempt, committed before
   * any handler runs; and moves the cursor past events that nobody here listens to and those that were discarded.
   */
  private async next(life: pg.Client, limit: number): Promise<{ claimed: Claimed[]; skipped: number }> {
    const { schema } = this.options;
    const { rows } = await life.query<Partial<Claimed> & { skipped: string }>({
      name: 'inbox-next',
      text: `with wanted as (${this.heads(`${LISTENED} and i.started_attempts = i.finished_attempts`, '$3')}), passed as (${this.heads(`not ${LISTENED}`, '500')}),
       claimed as (${this.claim()}),
       done as (update "${schema}".inbox i set state = 'done', done_at = now() from passed p where i.event_id = p.event_id),
       moved as (
         insert into "${schema}".inbox_cursor as c (aggregate_type, aggregate_id, last_seq)
         select aggregate_type, aggregate_id, agg_seq from passed
         on conflict (aggregate_type, aggregate_id) do update set last_seq = excluded.last_seq)
       select count.skipped, claimed.* from (select count(*) as skipped from passed) count left join claimed on true`,
      values: [this.names, this.owner, limit],
    });
    return {
      claimed: rows.filter((row): row is Claimed & { skipped: string } => row.event_id !== null),
      skipped: Number(rows[0]?.skipped ?? 0),
    };
  }

  /**
   * Events that ran when a process died: one of them may have killed it. Each is handled alone, so that the next death tells
   * which one it is, and the innocent are not parked with it.
   */
  private async handleSuspects(life: pg.Client): Promise<void> {
    await Promise.allSettled(this.running);
    while (!this.stopped) {
      const { rows } = await life.query<Claimed>({
        name: 'inbox-suspect',
        text: `with wanted as (${this.heads(`${LISTENED} and i.started_attempts > i.finished_attempts`, '1')}) ${this.claim()}`,
        values: [this.names, this.owner],
      });
      if (!rows[0]) return;
      await this.handle(rows[0]);
    }
  }

  /**
   * Rows of a worker that died: told by its lock, not by time, so that recovery takes no longer than this poll. Answers
   * whether there are suspects.
   */
  private async reclaim(): Promise<boolean> {
    const { schema } = this.options;
    const [found] = await this.options.uow.reader().execute<{ suspects: boolean }[]>(
      `with taken as (
         update "${schema}".inbox set state = case when started_attempts - finished_attempts >= ${KILLS} then 'parked' else 'new' end,
              error = case when started_attempts - finished_attempts >= ${KILLS} then 'the process ended ' || (started_attempts - finished_attempts) || ' times while this was handled' else error end,
              parked_at = case when started_attempts - finished_attempts >= ${KILLS} then now() else parked_at end, owner = null
          where state = 'running' and owner <> ?
            and owner not in (select objid::bigint::int from pg_locks where locktype = 'advisory' and classid = ${OWNER_CLASS} and granted)
         returning state)
       select exists (select from taken where state = 'new')
           or exists (select from "${schema}".inbox where state = 'new' and started_attempts > finished_attempts) as suspects`,
      [this.owner],
    );
    return found?.suspects ?? false;
  }

  /** The payload as today's handlers know it. */
  private read(row: Claimed): object {
    return upcast(this.options.versions ?? published, row.type, versionIn(row.headers), row.payload);
  }

  /** Answers whether another look may find the aggregate's next event. */
  private async handle(row: Claimed): Promise<boolean> {
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
    const span: SpanOptions = {
      kind: 'CONSUMER',
      attributes: {
        'messaging.system': 'nats',
        'messaging.message.id': event.id,
        'oms.aggregate.id': event.subject,
        'oms.attempt': row.started_attempts,
      },
      from: storedTrace(event.traceparent),
      correlationId: event.correlationId,
    };
    return inSpan(`handle ${event.type}`, span, async (running) => {
      try {
        let before = 0;
        const more = await this.options.uow.run(async (em, after) => {
          const read = { ...event, data: this.read(row) as never };
          await this.options.handlers.get(row.type)?.(read, { em, after, event: read });
          await em.flush();
          before = this.arrivals;
          return this.finish(em, row);
        });
        // What came meanwhile may be the next one, which was not seen, and was not to be had before the commit.
        return more || before !== this.arrivals;
      } catch (error) {
        markError(running, (error as Error).name);
        await this.failed(row, error as Error);
        return false;
      }
    });
  }

  /** Answers whether the aggregate's next event waits already. */
  private async finish(em: EntityManager, row: Claimed): Promise<boolean> {
    const { schema } = this.options;
    const done = await em.execute<{ more: boolean }[]>(
      `with done as (update "${schema}".inbox set state = 'done', done_at = now(), finished_attempts = finished_attempts + 1, error = null
                      where event_id = ? and state = 'running' and owner = ? returning aggregate_type, aggregate_id, agg_seq)
       insert into "${schema}".inbox_cursor as c (aggregate_type, aggregate_id, last_seq) select * from done
       on conflict (aggregate_type, aggregate_id) do update set last_seq = excluded.last_seq where c.last_seq = excluded.last_seq - 1
       returning exists (select from "${schema}".inbox n where n.aggregate_type = c.aggregate_type and n.aggregate_id = c.aggregate_id
                            and n.agg_seq = c.last_seq + 1 and n.state = 'new') as more`,
      [row.event_id, this.owner],
    );
    // Somebody else took the row while this handler slept (a frozen process): its work must not count twice.
    if (done.length !== 1) throw new Error('the event was taken over by another worker');
    return done[0]?.more ?? false;
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
    const record = () =>
      this.options.uow.reader().execute(
        `update "${schema}".inbox set state = ?, parked_at = case when ? then now() else parked_at end, finished_attempts = finished_attempts + 1, error = ?, owner = null, next_at = now() + ? * interval '1 millisecond'
          where event_id = ? and state = 'running' and owner = ?`,
        [parked ? 'parked' : 'new', parked, error.message.slice(0, 2000), retryMs, row.event_id, this.owner],
      );
    // Left as running under a living owner, nobody would ever take it again: it is recorded as soon as Postgres is back.
    while (!this.stopped) {
      try {
        await record();
        break;
      } catch (reason) {
        log.warn({ reason: (reason as Error).message }, 'inbox: failure not recorded, trying again');
        await new Promise((done) => setTimeout(done, POLL_MS));
      }
    }
    setTimeout(() => this.signal.notify(), retryMs).unref();
  }
}
