import { jetstream, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../log.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { decode, parkedAsItCame, type Arrived } from './decode.js';
import { store, type Projection, type Stored } from './store.js';
import type { Versions } from './versions.js';

const MAX_MESSAGES = 200;
const RETRY_MS = 1_000;

interface Options {
  nc: NatsConnection;
  /** Where the connection's account finds the stream's API, when that is not `$JS.API`. */
  apiPrefix?: string;
  stream: string;
  durable: string;
  schema: string;
  uow: UnitOfWork;
  /** Types that somebody here listens to. */
  interesting: readonly string[];
  projection?: Projection | undefined;
  log: Log;
  /** Which versions of an event are read; left out, as the contracts say. */
  versions?: Versions;
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
    for (let told = false; !this.stopped;) {
      try {
        const { nc, apiPrefix = '$JS.API', stream, durable } = this.options;
        const consumer = await jetstream(nc, { apiPrefix }).consumers.get(stream, durable);
        this.messages = await consumer.consume({
          max_messages: MAX_MESSAGES,
          // Deleted, it comes back as another one: bound anew, and not ready until then.
          abort_on_missing_resource: true,
        });
        this.bound = true;
        told = false;
        await this.drain(this.messages);
      } catch (error) {
        if (!told) this.options.log.warn({ reason: (error as Error).message }, 'waiting for the consumer');
        told = true;
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
          const { work, projected } = await this.storeReadable(current.map(arrived));
          for (const message of current) message.ack();
          if (work > 0) this.options.stored();
          if (projected > 0) this.options.projection?.inserted();
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

  /**
   * What Postgres can't hold (a NUL in a text, a depth without an end) must not hold up the others: it is told by its
   * SQLSTATE, found by trying one by one, and parked as it came.
   */
  private async storeReadable(messages: readonly Arrived[]): Promise<Stored> {
    const interesting = new Set(this.options.interesting);
    const { schema, projection, versions } = this.options;
    const into = { em: this.options.uow.reader(), schema, interesting, projection: projection?.insert };
    const keepsAll = projection !== undefined;
    const rows = messages.map((message) => decode(message, interesting, { keepsAll, versions }));
    try {
      return await store(into, rows);
    } catch (error) {
      if (!unstorable(error)) throw error;
      const [message] = messages;
      const [row] = rows;
      if (rows.length === 1 && message && row)
        return store(into, [parkedAsItCame(row, message, (error as Error).message)]);
      const sum = { work: 0, projected: 0 };
      for (const one of messages) {
        const { work, projected } = await this.storeReadable([one]);
        sum.work += work;
        sum.projected += projected;
      }
      return sum;
    }
  }
}

/** SQLSTATE classes 22 (data exception) and 54 (program limit exceeded), or deeper than a stack. */
const unstorable = (error: unknown): boolean =>
  error instanceof RangeError || /^(22|54)/.test(String((error as { code?: unknown }).code));

const arrived = (message: JsMsg): Arrived => ({
  subject: message.subject,
  headers: Object.fromEntries(
    message.headers?.keys().map((name) => [name, message.headers?.get(name) ?? '']) ?? [],
  ),
  body: message.data,
});
