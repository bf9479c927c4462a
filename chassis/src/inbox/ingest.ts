import { jetstream, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../log.js';
import { fromHeaders, toHeaders } from '../messaging/cloud-events.js';
import type { UnitOfWork } from '../unit-of-work.js';

const MAX_MESSAGES = 200;
const RETRY_MS = 1_000;

/**
 * Store first: every message of the service's durable consumer is written to the inbox and then acknowledged; the order
 * in which they arrive does not matter. What can't be read is parked at once, never dropped.
 */
export class Ingest {
  private stopped = false;
  private bound = false;
  private messages: ConsumerMessages | undefined;
  private loop: Promise<void> | undefined;
  private readonly options: {
    nc: NatsConnection;
    stream: string;
    durable: string;
    schema: string;
    uow: UnitOfWork;
    log: Log;
    stored(): void;
  };

  constructor(options: {
    nc: NatsConnection;
    stream: string;
    durable: string;
    schema: string;
    uow: UnitOfWork;
    log: Log;
    stored(): void;
  }) {
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
          await this.store(current);
          for (const message of current) message.ack();
          this.options.stored();
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

  private async store(messages: readonly JsMsg[]): Promise<void> {
    const values: unknown[] = [];
    for (const message of messages) values.push(...row(message));
    await this.options.uow.reader().execute(
      `insert into "${this.options.schema}".inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, state, payload, headers, error)
       values ${messages.map(() => '(?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?)').join(', ')} on conflict (event_id) do nothing`,
      values,
    );
  }
}

function row(message: JsMsg): unknown[] {
  try {
    const event = fromHeaders(message.headers);
    const payload = JSON.stringify(message.json());
    return [
      event.id,
      event.aggregate,
      event.subject,
      event.sequence,
      event.type,
      event.source,
      'new',
      payload,
      JSON.stringify(toHeaders(event)),
      null,
    ];
  } catch (error) {
    const [, aggregate = '?', , id = '?'] = message.subject.split('.');
    const eventId = message.headers?.get('ce-id') || `undecodable-${message.info.stream}-${message.seq}`;
    const headers = { subject: message.subject, streamSequence: String(message.seq) };
    return [
      eventId,
      aggregate,
      id,
      0,
      message.subject,
      '?',
      'parked',
      null,
      JSON.stringify(headers),
      (error as Error).message,
    ];
  }
}
