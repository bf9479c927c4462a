import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { errors, type Caller } from '@oms/contracts';
import { from, isObservable, lastValueFrom } from 'rxjs';
import type { Failure } from '../errors.js';
import type { RpcReply, RpcRequest } from '../execute.js';
import type { EventCtx, EventHandler } from '../inbox/work.js';
import type { IdentityVerifier } from '../identity.js';
import type { Log } from '../log.js';
import { inSpan, markError } from '../trace.js';
import { header } from './headers.js';

interface Options {
  nc: NatsConnection;
  queue: string;
  /**
   * Replies go to the inboxes of known callers only, each prefix with its closing dot: any other reply subject would let
   * a caller write what it likes to where it likes.
   */
  replyPrefixes: readonly string[];
  identities: IdentityVerifier;
  /** Requests worked on at once. */
  concurrency: number;
  /** Requests that may wait for that; beyond them the answer is `overloaded` at once. */
  waiting: number;
  log: Log;
}

/** Kinds of failure that are ours; the others are answers that the caller asked for. */
const FAULTS = new Set(['internal', 'unavailable', 'timeout']);

/**
 * Nest's transport for a service: `@MessagePattern` subjects are answered over core NATS with plain JSON and headers;
 * `@EventPattern` handlers are not subscribed to anything, they are called by the inbox worker, inside its transaction.
 * Nest's own NATS server drops replies on shutdown, has no limit on what runs at once, and turns a bad body into silence.
 */
export class ServiceTransport extends Server implements CustomTransportStrategy {
  private readonly running = new Set<Promise<void>>();
  private readonly subscriptions: Subscription[] = [];
  private readonly queue: (() => void)[] = [];
  private working = 0;
  private readonly options: Options;

  constructor(options: Options) {
    super();
    this.options = options;
  }

  /** Calls back when the broker has heard of every subscription: who is told that this service is ready may ask it. */
  listen(callback: (error?: unknown) => void): void {
    for (const [pattern, handler] of this.messageHandlers) {
      if (handler.isEventHandler) continue;
      const subscription = this.options.nc.subscribe(pattern, {
        queue: this.options.queue,
        callback: (error, message) => {
          if (error)
            return this.options.log.error({ reason: error.message, pattern }, 'rpc: subscription failed');
          const task: Promise<void> = this.answer(message, handler).finally(() => this.running.delete(task));
          this.running.add(task);
        },
      });
      this.subscriptions.push(subscription);
    }
    this.options.nc.flush().then(() => callback(), callback);
  }

  /** Requests under way are answered; new ones go to the other replicas, because the subscriptions are drained first. */
  async close(): Promise<void> {
    await Promise.allSettled(this.subscriptions.map((subscription) => subscription.drain()));
    await Promise.allSettled(this.running);
  }

  on(): never {
    throw new Error('the transport has no events of its own');
  }

  unwrap<T>(): T {
    return this.options.nc as T;
  }

  /** The handlers of events by name, as the inbox worker calls them; a throw is an attempt that failed. */
  eventHandlers(): Map<string, EventHandler> {
    const found = new Map<string, EventHandler>();
    for (const [pattern, handler] of this.messageHandlers) {
      if (!handler.isEventHandler) continue;
      found.set(pattern, async (event, ctx) => {
        await settle(
          await (handler as unknown as (event: unknown, ctx: EventCtx) => Promise<unknown>)(event, ctx),
        );
      });
    }
    return found;
  }

  /** Waits for a free place; false when too many wait already. A burst is smoothed, an overload is told before it hurts. */
  private async place(): Promise<boolean> {
    if (this.working < this.options.concurrency) {
      this.working += 1;
      return true;
    }
    if (this.queue.length >= this.options.waiting) return false;
    await new Promise<void>((free) => this.queue.push(free));
    return true;
  }

  /** Hands the place on to whoever waits longest. */
  private leave(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.working -= 1;
  }

  private async answer(message: Msg, handler: (request: RpcRequest) => Promise<unknown>): Promise<void> {
    if (!this.options.replyPrefixes.some((prefix) => message.reply?.startsWith(prefix))) {
      this.options.log.warn({ subject: message.subject }, 'rpc: dropped, the reply subject is no inbox');
      return;
    }
    await inSpan(
      message.subject,
      {
        kind: 'SERVER',
        attributes: { 'rpc.system': 'nats' },
        from: (name) => message.headers?.get(name),
        requestId: message.headers?.get(header.requestId) || null,
      },
      async (span) => {
        const fail = (failure: Failure, replayed = false): void => {
          if (FAULTS.has(errors[failure.code].kind)) markError(span, failure.code);
          else span.setAttribute('error.type', failure.code);
          respondFailure(message, failure, replayed);
        };
        if (!(await this.place()))
          return fail({ code: 'overloaded', title: errors.overloaded.title, extra: {} });
        try {
          const caller = await this.options.identities.verify(message.headers?.get(header.identity) || null);
          if (!caller)
            return fail({ code: 'unauthenticated', title: errors.unauthenticated.title, extra: {} });
          const request = read(message, caller);
          if (!request)
            return fail({ code: 'malformed_body', title: errors.malformed_body.title, extra: {} });
          const reply = (await settle(await handler(request))) as RpcReply;
          if (!reply.ok) return fail(reply.failure, reply.replayed);
          const headers = natsHeaders();
          if (reply.version !== undefined) headers.set(header.version, String(reply.version));
          if (reply.replayed) headers.set(header.replayed, 'true');
          if (reply.unchanged) headers.set(header.unchanged, 'true');
          message.respond(JSON.stringify(reply.body), { headers });
        } catch (error) {
          this.options.log.error({ err: error, subject: message.subject }, 'rpc: handler failed');
          fail({ code: 'internal_error', title: errors.internal_error.title, extra: {} });
        } finally {
          this.leave();
        }
      },
    );
  }
}

const settle = (result: unknown): Promise<unknown> =>
  isObservable(result) ? lastValueFrom(from(result), { defaultValue: undefined }) : Promise.resolve(result);

function respondFailure(message: Msg, failure: Failure, replayed: boolean): void {
  const headers = natsHeaders();
  headers.set(header.errorCode, failure.code);
  headers.set(header.error, failure.title);
  if (replayed) headers.set(header.replayed, 'true');
  message.respond(JSON.stringify({ code: failure.code, detail: failure.detail, ...failure.extra }), {
    headers,
  });
}

function read(message: Msg, actor: Caller): RpcRequest | undefined {
  const field = (name: string): string | null => message.headers?.get(name) || null;
  try {
    return {
      body: message.json(),
      actor,
      requestId: field(header.requestId),
      idempotencyKey: field(header.idempotencyKey),
      idempotencyScope: field(header.idempotencyScope),
      ifMatch: field(header.ifMatch),
    };
  } catch {
    return undefined;
  }
}
