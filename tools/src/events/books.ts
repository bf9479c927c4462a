import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { millis, type NatsConnection } from '@nats-io/transport-node';
import { publishers, STREAM, subscriptions, type AggregateType, type ServiceName } from '@oms/contracts';
import pg from 'pg';
import { connectAs } from '../../../deploy/nats/connect.ts';
import { serviceRoles } from '../../../deploy/postgres/provision.ts';

/** What one book has and another lacks, as event ids; gaps as `<aggregate>: <number>`. */
export interface Missing {
  events: number;
  messages: number;
  parked: number;
  unsent: string[];
  inStream: string[];
  inInbox: Partial<Record<ServiceName, string[]>>;
  strangers: string[];
  gaps: string[];
  /** Of what is missing anywhere, what the stream does not hold: no reader can get it without being published again. */
  gone: string[];
}

interface Streamed {
  /** Ids of all that the stream holds. */
  ids: Set<string>;
  /** Older than this, it may have let an event go by itself. */
  keepsSince: Date;
}

const PAGE = 10_000;
/** Just younger than the stream's limit, an event may be dropped between two looks. */
const MARGIN_MS = 60_000;
const owners = [...new Set(Object.values(publishers))];
const schemaOf = (service: ServiceName): string => serviceRoles[service].schema;

/** The three books of events: what was committed (outboxes), what was published (the stream), what was received (inboxes). */
export class EventBooks {
  private readonly client: pg.Client;
  private readonly nc: NatsConnection;

  private constructor(client: pg.Client, nc: NatsConnection) {
    this.client = client;
    this.nc = nc;
  }

  static async open(databaseUrl: string, natsUrl: string): Promise<EventBooks> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return new EventBooks(client, await connectAs(natsUrl, { name: 'events' }));
  }

  static isClean(missing: Missing): boolean {
    const { unsent, inStream, strangers, gaps, inInbox } = missing;
    return [unsent, inStream, strangers, gaps, ...Object.values(inInbox)].every((list) => list.length === 0);
  }

  async close(): Promise<void> {
    await this.nc.close();
    await this.client.end();
  }

  async compare(): Promise<Missing> {
    const missing: Missing = {
      events: 0,
      messages: 0,
      parked: 0,
      unsent: [],
      inStream: [],
      inInbox: {},
      strangers: [],
      gaps: [],
      gone: [],
    };
    // The stream first: what is published meanwhile is in an outbox by then, and never taken for a stranger.
    const stream = await this.readStream();
    missing.messages = stream.ids.size;
    const strangers = new Set(stream.ids);
    for (const owner of owners) await this.compareOutbox(schemaOf(owner), stream, strangers, missing);
    missing.strangers = [...strangers];
    for (const service of Object.keys(subscriptions) as ServiceName[])
      missing.inInbox[service] = await this.missingIn(service);
    missing.gone = [...new Set([...missing.inStream, ...Object.values(missing.inInbox).flat()])].filter(
      (id) => !stream.ids.has(id),
    );
    const parked = await Promise.all(
      Object.values(serviceRoles).map(({ schema }) =>
        this.client.query<{ n: string }>(
          `select count(*) as n from "${schema}".inbox where state = 'parked'`,
        ),
      ),
    );
    missing.parked = parked.reduce((sum, { rows }) => sum + Number(rows[0]?.n ?? 0), 0);
    return missing;
  }

  /**
   * Marks what is gone, and nothing else, as unsent: the service's own relay publishes it, in order and under its own id.
   * Answers how many.
   */
  async republish(missing: Missing): Promise<number> {
    const ids = missing.gone;
    let marked = 0;
    for (const owner of owners)
      for (let from = 0; from < ids.length; from += PAGE) {
        const { rowCount } = await this.client.query(
          `update "${schemaOf(owner)}".outbox set published_at = null, stream_seq = null
            where event_id = any($1::text[]) and published_at is not null`,
          [ids.slice(from, from + PAGE)],
        );
        marked += rowCount ?? 0;
      }
    return marked;
  }

  /** Ids only: the bodies stay where they are. */
  private async readStream(): Promise<Streamed> {
    const jsm = await jetstreamManager(this.nc);
    const info = await jsm.streams.info(STREAM).catch(() => undefined);
    const ids = new Set<string>();
    if (!info) return { ids, keepsSince: new Date(0) };
    const maxAgeMs = millis(info.config.max_age);
    const keepsSince = maxAgeMs > 0 ? new Date(Date.now() - maxAgeMs + MARGIN_MS) : new Date(0);
    if (info.state.messages === 0) return { ids, keepsSince };
    const { name } = await jsm.consumers.add(STREAM, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.All,
      headers_only: true,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: 60_000_000_000,
    });
    const consumer = await jetstream(this.nc).consumers.get(STREAM, name);
    for await (const message of await consumer.consume({ max_messages: 5_000 })) {
      ids.add(
        message.headers?.get('Nats-Msg-Id') || message.headers?.get('ce-id') || `stream ${message.seq}`,
      );
      if (message.info.pending === 0) break;
    }
    await jsm.consumers.delete(STREAM, name).catch(() => false);
    return { ids, keepsSince };
  }

  private async compareOutbox(
    schema: string,
    stream: Streamed,
    strangers: Set<string>,
    missing: Missing,
  ): Promise<void> {
    for (let after = '0'; ;) {
      const { rows } = await this.client.query<{
        id: string;
        event_id: string;
        created_at: Date;
        published_at: Date | null;
      }>(
        `select id, event_id, created_at, published_at from "${schema}".outbox where id > $1 order by id limit ${PAGE}`,
        [after],
      );
      for (const row of rows) {
        missing.events += 1;
        const isThere = strangers.delete(row.event_id);
        if (row.published_at === null) missing.unsent.push(row.event_id);
        else if (!isThere && row.created_at > stream.keepsSince) missing.inStream.push(row.event_id);
      }
      after = rows.at(-1)?.id ?? after;
      if (rows.length < PAGE) break;
    }
    // Retention drops the oldest: a sequence may begin late, but has no hole.
    const { rows } = await this.client.query<{ gap: string }>(
      `select aggregate_id || ': ' || (agg_seq - 1) as gap from (
         select aggregate_id, agg_seq, lag(agg_seq) over (partition by aggregate_type, aggregate_id order by agg_seq) as before
           from "${schema}".outbox) o where before is not null and before <> agg_seq - 1`,
    );
    missing.gaps.push(...rows.map((row) => row.gap));
  }

  /** Published, of a kind that the service listens to, and neither in its inbox nor passed by its cursor. */
  private async missingIn(service: ServiceName): Promise<string[]> {
    const schema = schemaOf(service);
    const sources = new Map<string, AggregateType[]>();
    for (const aggregate of subscriptions[service]) {
      const source = schemaOf(publishers[aggregate]);
      sources.set(source, [...(sources.get(source) ?? []), aggregate]);
    }
    const ids: string[] = [];
    for (const [source, aggregates] of sources) {
      const { rows } = await this.client.query<{ event_id: string }>(
        `select o.event_id from "${source}".outbox o
          where o.published_at is not null and o.aggregate_type = any($1::text[])
            and not exists (select from "${schema}".inbox i where i.event_id = o.event_id)
            and not exists (select from "${schema}".inbox_cursor c where c.aggregate_type = o.aggregate_type
                               and c.aggregate_id = o.aggregate_id and c.last_seq >= o.agg_seq)
          order by o.id`,
        [aggregates],
      );
      ids.push(...rows.map((row) => row.event_id));
    }
    return ids;
  }
}
