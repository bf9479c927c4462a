import { jetstream, type Consumer, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import {
  connect,
  errors,
  nkeyAuthenticator,
  type NatsConnection,
  type TlsOptions,
} from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_PREFIX, inboxPrefix, STREAM } from '@oms/contracts';
import { decode, UndecodableEvent, type OmsEvent } from './decode.js';

export interface SubscriberOptions {
  /** The broker; a cluster's servers separated by commas. */
  url: string;
  /** The name under which it was added. */
  name: string;
  /** Its nkey seed (`SU…`). */
  seed: string;
  /**
   * Called for one event at a time, in their order. It has happened when the promise resolves: only then is it acknowledged.
   * A rejection is tried again, with growing pauses, and nothing overtakes it. Called again for an event that was handled
   * but not acknowledged: record `source` and `id` in the same transaction as the effect.
   */
  handle(event: OmsEvent): Promise<void>;
  /** Told of what cannot be read (another major version, say); it is acknowledged and passed over. */
  passedOver?(reason: UndecodableEvent): void;
  /** Told of a failure before the same event is tried again. */
  failed?(error: unknown, event: OmsEvent, attempt: number): void;
  tls?: TlsOptions;
  /** Events fetched ahead. */
  ahead?: number;
}

export interface Subscriber {
  /** Finishes the event in hand, gives the others back, and leaves. */
  stop(): Promise<void>;
}

const RETRY_MS = 1_000;
/** Of a first connection, one a second. */
const MOST_REFUSALS = 10;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 30_000;
/** A third of the time after which the broker hands an event out again. */
const WORKING_MS = 10_000;

/**
 * Reads a durable consumer for ever: through broken connections, a broker that restarts, and failures of the handler. Events
 * come in the stream's order, also after a crash in the midst of a batch: what had been handed out and was not acknowledged
 * comes first. One process per subscriber; a second one would share the events, and their order would be lost. Resolves when
 * the broker was reached, and rejects when it does not know the subscriber.
 */
export async function subscribe(options: SubscriberOptions): Promise<Subscriber> {
  const nc = await connected(options);
  const loop = new Loop(nc, options);
  const running = loop.run();
  return {
    stop: async () => {
      loop.stop();
      await running;
      await nc.drain();
    },
  };
}

/**
 * Waits for a broker that is away as it does later, however it was started. A broker that was just told of its subscribers may
 * refuse one for a moment; one that goes on refusing does not know it. Seen: started in such a moment, a subscriber ended.
 */
async function connected(options: SubscriberOptions): Promise<NatsConnection> {
  const identity = `subscriber-${options.name}`;
  for (let refused = 0; ;) {
    try {
      return await connect({
        servers: options.url.split(','),
        name: identity,
        inboxPrefix: inboxPrefix(identity),
        authenticator: nkeyAuthenticator(new TextEncoder().encode(options.seed)),
        maxReconnectAttempts: -1,
        ignoreAuthErrorAbort: true,
        pingInterval: 5_000,
        ...(options.tls && { tls: options.tls }),
      });
    } catch (error) {
      if (error instanceof errors.AuthorizationError) refused += 1;
      else if (!isAway(error)) throw error;
      if (refused > MOST_REFUSALS) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Nobody there, or no name for it; anything else, such as a seed that is none, will not be better a moment later. */
const isAway = (error: unknown): boolean =>
  error instanceof errors.ConnectionError ||
  error instanceof errors.TimeoutError ||
  typeof (error as { syscall?: unknown }).syscall === 'string';

class Loop {
  private stopped = false;
  private messages: ConsumerMessages | undefined;
  private wake: (() => void) | undefined;
  private readonly held = new Set<JsMsg>();
  private readonly nc: NatsConnection;
  private readonly options: SubscriberOptions;

  constructor(nc: NatsConnection, options: SubscriberOptions) {
    this.nc = nc;
    this.options = options;
  }

  stop(): void {
    this.stopped = true;
    this.messages?.stop();
    this.wake?.();
  }

  async run(): Promise<void> {
    const keepAlive = setInterval(() => {
      for (const message of this.held) message.working();
    }, WORKING_MS);
    while (!this.stopped) {
      try {
        const js = jetstream(this.nc, { apiPrefix: API_PREFIX });
        await this.read(await js.consumers.get(STREAM, this.options.name));
      } catch {
        // The broker is away, or does not know us yet: it is asked again.
      }
      for (const message of this.held) message.nak();
      this.held.clear();
      if (!this.stopped) await this.pause(RETRY_MS);
    }
    clearInterval(keepAlive);
  }

  /**
   * What an earlier process had in hand is handed out again only when its time is up, and newer events may come before. They
   * wait here until all of the older ones are there.
   */
  private async read(consumer: Consumer): Promise<void> {
    const { num_ack_pending: missing, delivered } = await consumer.info();
    const older = new Set<number>();
    let waiting: JsMsg[] | undefined = missing > 0 ? [] : undefined;
    this.messages = await consumer.consume({ max_messages: this.options.ahead ?? 64 });
    for await (const message of this.messages) {
      this.held.add(message);
      if (!waiting) {
        await this.take(message);
        continue;
      }
      waiting.push(message);
      if (message.seq <= delivered.stream_seq) older.add(message.seq);
      if (older.size < missing) continue;
      const ordered = waiting.sort((a, b) => a.seq - b.seq);
      waiting = undefined;
      for (const one of ordered) await this.take(one);
    }
  }

  private async take(message: JsMsg): Promise<void> {
    let event: OmsEvent;
    try {
      event = decode(message);
    } catch (error) {
      this.options.passedOver?.(error as UndecodableEvent);
      message.ack();
      this.held.delete(message);
      return;
    }
    for (let attempt = 1; !this.stopped; attempt++) {
      try {
        await this.options.handle(event);
        message.ack();
        this.held.delete(message);
        return;
      } catch (error) {
        this.options.failed?.(error, event, attempt);
        await this.pause(
          Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2),
        );
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
      if (this.stopped) this.wake();
    });
  }
}
