import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isEventName, STREAM, subscriptions, type ServiceName } from '@oms/contracts';
import pg from 'pg';
import { connectAs } from '../../../deploy/nats/connect.ts';
import type { RunFile } from '../run-file.ts';

/** Whose schema is whose. */
export const schemas: Readonly<Record<ServiceName, string>> = {
  'order-service': 'orders',
  'return-service': 'returns',
  'payment-service': 'payments',
  'notification-service': 'notifications',
};

const CHASSIS_TABLES = ['outbox', 'inbox', 'saga', 'history'];

const LAY_OUT = [
  `create temp table stream_event (stream_seq bigint primary key, event_id text, aggregate_type text, aggregate_id text, agg_seq int, type text, payload jsonb)`,
  `create index on stream_event (event_id)`,
  `create temp table provider_effect (operation text, key text, reference text, amount bigint, outcome text)`,
  `create temp table subscription (consumer text, aggregate_type text)`,
  `create temp table poison (aggregate_id text primary key)`,
  ...CHASSIS_TABLES.map(
    (table) =>
      `create temp view all_${table} as ${Object.values(schemas)
        .map((schema) => `select '${schema}' as schema, * from "${schema}"."${table}"`)
        .join(' union all ')}`,
  ),
];

interface Told {
  seq: number;
  id: string;
  aggregate: string;
  subject: string;
  sequence: number;
  type: string;
  payload: unknown;
}

/**
 * Every book that is kept of the business side by side in one Postgres session: the services' schemas, and as temporary
 * tables what the stream and the payment provider say. A question over all of them is one statement.
 */
export class Books {
  private client: pg.Client | undefined;
  private readonly nc: NatsConnection;
  private readonly run: RunFile;
  private readonly poison = new Set<string>();
  private readSequence = 0;

  private constructor(nc: NatsConnection, run: RunFile) {
    this.nc = nc;
    this.run = run;
  }

  static async open(run: RunFile): Promise<Books> {
    const servers = Object.entries(run)
      .filter(([name]) => /^nats(-\d+)?$/.test(name))
      .map(([, entry]) => (entry as { admin?: string }).admin ?? entry.url ?? '');
    return new Books(await connectAs(servers.join(','), { name: 'books', maxReconnectAttempts: -1 }), run);
  }

  /** Says that a drill put a message into the stream under this aggregate: it is to be parked, and belongs to no outbox. */
  poisoned(aggregateId: string): void {
    this.poison.add(aggregateId);
  }

  /** Reads what the stream and the provider have said since the last time. */
  async refresh(): Promise<void> {
    const { data } = (await (await fetch(`${this.run['payment-sandbox'].url}/ledger`)).json()) as {
      data: object[];
    };
    await this.query('truncate provider_effect');
    await this.query(
      'insert into provider_effect select * from json_to_recordset($1) as x(operation text, key text, reference text, amount bigint, outcome text)',
      [JSON.stringify(data)],
    );
    await this.query('insert into poison select unnest($1::text[]) on conflict do nothing', [
      [...this.poison],
    ]);
    const told = await this.read();
    for (let from = 0; from < told.length; from += 1_000)
      await this.query(
        `insert into stream_event select seq, id, aggregate, subject, sequence, type, payload
           from json_to_recordset($1) as x(seq bigint, id text, aggregate text, subject text, sequence int, type text, payload jsonb)
         on conflict do nothing`,
        [JSON.stringify(told.slice(from, from + 1_000))],
      );
    this.readSequence = told.at(-1)?.seq ?? this.readSequence;
  }

  async query<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
    this.client ??= await this.session();
    return (await this.client.query<T>(sql, values)).rows;
  }

  /** A session with the tables laid out; when it is lost (a drill ends Postgres) the next question opens another and reads all again. */
  private async session(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.run.postgres.url, application_name: 'books' });
    client.on('error', () => (this.client = undefined));
    await client.connect();
    for (const statement of LAY_OUT) await client.query(statement);
    for (const [service, aggregates] of Object.entries(subscriptions))
      for (const aggregate of aggregates)
        await client.query('insert into subscription values ($1, $2)', [
          schemas[service as ServiceName],
          aggregate,
        ]);
    this.readSequence = 0;
    return client;
  }

  async close(): Promise<void> {
    await this.nc.close();
    await this.client?.end();
  }

  private async read(): Promise<Told[]> {
    const js = jetstream(this.nc);
    const consumer = await js.consumers.get(STREAM, { opt_start_seq: this.readSequence + 1 });
    const told: Told[] = [];
    if ((await consumer.info()).num_pending === 0) return told;
    for await (const message of await consumer.consume({ max_messages: 1_000 })) {
      const [, aggregate = '?', , subject = '?', verb = '?'] = message.subject.split('.');
      const type = `${aggregate}.${verb}`;
      // Of what no outbox of ours could have sent, the body may not even be text: it is known by its place only.
      const readable = isEventName(type) && message.headers?.get('ce-id');
      told.push({
        seq: message.seq,
        id: message.headers?.get('ce-id') || `without an id, ${message.seq}`,
        aggregate,
        subject,
        sequence: Number(message.headers?.get('ce-sequence')) || 0,
        type,
        payload: readable ? readPayload(message.data) : null,
      });
      if (message.info.pending === 0) break;
    }
    return told;
  }
}

function readPayload(data: Uint8Array): unknown {
  const text = new TextDecoder().decode(data);
  try {
    return text.includes('\\u0000') ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
