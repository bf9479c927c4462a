import { jetstream, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../log.js';
import { fromHeaders, toHeaders } from '../messaging/cloud-events.js';
import type { UnitOfWork } from '../unit-of-work.js';

const MAX_MESSAGES = 200;
const RETRY_MS = 1_000;

interface Options {
  nc: NatsConnection;
  stream: string;
  durable: string;
  schema: string;
  uow: UnitOfWork;
  /** Types that somebody here listens to. */
  interesting: readonly string[];
  log: Log;
  /** There is work. */
  stored(): void;
}

/**
 * Store first: every message of the service's durable consumer is written to the inbox and then acknowledged; the order
 * in which they arrive does not matter. What can't be read is parked at once, never dropped.
 */
export class Ingest {
  private stopped = false;
  private bound = false;
  private messages: ConsumerMessages | undefined;
  private loop: Promise<void> | undefined;
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  start(): void {
    this.loop = this.keepRunning();
  }

  /** Whether the consumer was found and messages flow. */
  isBound(): boolean {
    return this.bound;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.messages?.stop();
    await this.loop;
  }

  private async keepRunning(): Promise<void> {
    for (let told = false; !this.stopped; told = true) {
      try {
        const consumer = await jetstream(this.options.nc).consumers.get(
          this.options.stream,
          this.options.durable,
        );
        this.messages = await consumer.consume({ max_messages: MAX_MESSAGES });
        this.bound = true;
        await this.drain(this.messages);
      } catch (error) {
        if (!told) this.options.log.warn({ reason: (error as Error).message }, 'waiting for the consumer');
      }
      this.bound = false;
      if (!this.stopped) await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }

  private async drain(messages: ConsumerMessages): Promise<void> {
    let batch: JsMsg[] = [];
    let writing = false;
    const write = async () => {
      if (writing) return;
      writing = true;
      while (batch.length > 0) {
        const current = batch;
        batch = [];
        try {
          const work = await this.storeReadable(current.map(inboxRow));
          for (const message of current) message.ack();
          if (work > 0) this.options.stored();
        } catch (error) {
          this.options.log.warn(
            { reason: (error as Error).message, messages: current.length },
            'ingest: not stored, asked for again',
          );
          for (const message of current) message.nak(RETRY_MS);
        }
      }
      writing = false;
    };
    for await (const message of messages) {
      batch.push(message);
      void write();
    }
    while (writing) await new Promise((done) => setImmediate(done));
  }

  /** A payload that Postgres can't hold (a NUL in a text) must not hold up the others: told by its SQLSTATE, it is parked. */
  private async storeReadable(rows: readonly InboxRow[]): Promise<number> {
    try {
      return await this.store(rows);
    } catch (error) {
      if (!String((error as { code?: unknown }).code).startsWith('22')) throw error;
      const [only] = rows;
      if (rows.length === 1 && only) return this.store([parked(only, (error as Error).message)]);
      let work = 0;
      for (const row of rows) work += await this.storeReadable([row]);
      return work;
    }
  }

  /**
   * One statement for the batch, whatever its size. An event that nobody here listens to and that is its aggregate's next
   * is done as it is stored: most events of most services, and the worker is not even woken for them. The look-ups are
   * scalar subqueries: as joins, the planner reads both tables whole, because it takes a JSON array for 100 rows.
   */
  private async store(rows: readonly InboxRow[]): Promise<number> {
    const { schema, interesting } = this.options;
    const [row] = await this.options.uow.reader().execute<{ work: string }[]>(
      `with stored as (
         insert into "${schema}".inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, state, payload, headers, error, done_at)
         select m.*, case when m.state = 'done' then now() end from (
           select r.event_id, r.aggregate_type, r.aggregate_id, r.agg_seq, r.type, r.source,
                  case when r.state = 'new' and not (r.type = any(?::text[])) and r.agg_seq = 1 + coalesce((
                         select c.last_seq from "${schema}".inbox_cursor c
                          where c.aggregate_type = r.aggregate_type and c.aggregate_id = r.aggregate_id), 0)
                       then 'done' else r.state end as state,
                  r.payload, r.headers, r.error
             from json_to_recordset(?::json) r(event_id text, aggregate_type text, aggregate_id text, agg_seq int, type text, source text, state text, payload jsonb, headers jsonb, error text)) m
         on conflict (event_id) do nothing
         returning aggregate_type, aggregate_id, agg_seq, state),
       moved as (
         insert into "${schema}".inbox_cursor as c (aggregate_type, aggregate_id, last_seq)
         select distinct aggregate_type, aggregate_id, agg_seq from stored where state = 'done'
         on conflict (aggregate_type, aggregate_id) do update set last_seq = excluded.last_seq)
       select count(*) as work from stored s
        where s.state = 'new' or (
          select true from "${schema}".inbox n where n.aggregate_type = s.aggregate_type and n.aggregate_id = s.aggregate_id
             and n.agg_seq = s.agg_seq + 1 and n.state = 'new' limit 1)`,
      [`{${interesting.join(',')}}`, JSON.stringify(rows)],
    );
    return Number(row?.work ?? 0);
  }
}

interface InboxRow {
  event_id: string;
  aggregate_type: string;
  aggregate_id: string;
  agg_seq: number;
  type: string;
  source: string;
  state: 'new' | 'parked';
  payload: unknown;
  headers: Record<string, string>;
  error: string | null;
}

const parked = (row: InboxRow, error: string): InboxRow => ({
  ...row,
  state: 'parked',
  payload: null,
  error: error.replaceAll('\0', ''),
});

/** What is stored of a message; one that can't be read is parked as it came. */
function inboxRow(message: JsMsg): InboxRow {
  try {
    const event = fromHeaders(message.headers);
    return {
      event_id: event.id,
      aggregate_type: event.aggregate,
      aggregate_id: event.subject,
      agg_seq: event.sequence,
      type: event.type,
      source: event.source,
      state: 'new',
      payload: message.json(),
      headers: toHeaders(event),
      error: null,
    };
  } catch (error) {
    const [, aggregate = '?', , id = '?'] = message.subject.split('.');
    return {
      event_id: message.headers?.get('ce-id') || `undecodable-${message.info.stream}-${message.seq}`,
      aggregate_type: aggregate,
      aggregate_id: id,
      agg_seq: 0,
      type: message.subject,
      source: '?',
      state: 'parked',
      payload: null,
      headers: { subject: message.subject, streamSequence: String(message.seq) },
      error: (error as Error).message,
    };
  }
}
