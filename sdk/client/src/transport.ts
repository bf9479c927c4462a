import { messagesOf, type EventMessage } from './event-stream.js';
import { Listing, type Page } from './listing.js';
import { linesOf } from './lines.js';
import { problemOf, OmsProblem, OmsUnreachable } from './problem.js';
import { asked, backOff, newKey, sleep } from './retry.js';

export interface OmsClientOptions {
  /** Where the gateway is: `https://oms.example`, without `/api/v1`. */
  url: string;
  /**
   * A bearer token, or a function that gives one; it is asked before every attempt and caches what it likes. `refused` is true
   * when the token before was answered 401: then it is asked once for a fresh one.
   */
  token?: string | ((refused: boolean) => string | PromiseLike<string>);
  /** An API key, instead of a token. */
  apiKey?: string;
  /** How long calls that ended in doubt are tried again, in ms; 30 s unless told, 0 for never. */
  retryForMs?: number;
  /** How long one attempt may take, in ms; 30 s unless told. */
  timeoutMs?: number;
  /**
   * How long a stream of events may say nothing, not even the comment that comes every 15 s, before it is taken for dead, whatever
   * the network says, and begun again after the last message; in ms, 45 s unless told.
   */
  silenceMs?: number;
  /** Told before each new attempt, for a log or a counter. */
  onRetry?: (reason: string, attempt: number) => void;
  /** Sent with every call: `traceparent`, for one. */
  headers?: Readonly<Record<string, string>>;
  /** Instead of the platform's own. */
  fetch?: typeof fetch;
}

/** What may be told with any call. */
export interface CallOptions {
  /** Ends the call, its retries too; it then rejects with the signal's reason. */
  signal?: AbortSignal;
  headers?: Readonly<Record<string, string>>;
  retryForMs?: number;
  timeoutMs?: number;
}

/** What may be told with a call that changes something. */
export interface WriteOptions extends CallOptions {
  /** Made for you, one a call, when left out. Give your own where the same wish may come from two processes. */
  idempotencyKey?: string;
  /** The version that the change is meant for; the API answers 412 when the resource has moved on. */
  ifMatch?: number | string;
}

/** What was sent besides method and path. */
export interface Sent {
  query?: object | undefined;
  body?: object | undefined;
}

/** An answer with its outside. */
export interface Answer<T> {
  /** 304 only when you sent `If-None-Match` yourself; then `body` is undefined. */
  status: number;
  headers: Headers;
  body: T;
}

const RETRY_FOR_MS = 30_000;
const TIMEOUT_MS = 30_000;
const SILENCE_MS = 45_000;
const KEYED = new Set(['POST', 'PATCH']);

/** Sends calls, and sends them again where that is safe. The calls themselves are generated, in `calls.ts`. */
export class Transport {
  readonly #options: OmsClientOptions;
  readonly #base: string;

  constructor(options: OmsClientOptions) {
    if (options.token !== undefined && options.apiKey !== undefined)
      throw new TypeError('give a token or an API key, not both');
    this.#options = options;
    this.#base = `${options.url.replace(/\/+$/, '')}/api/v1`;
  }

  /** Any call by method and path, with status and headers of its answer; the named calls below stand on it. */
  async request<T>(
    method: string,
    path: string,
    sent: Sent = {},
    options: WriteOptions = {},
  ): Promise<Answer<T>> {
    return this.#send(method, path, sent, options, async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      body: (answer.status === 304 || answer.status === 204 ? undefined : await answer.json()) as T,
    }));
  }

  protected async json<T>(method: string, path: string, sent: Sent, options?: WriteOptions): Promise<T> {
    return (await this.request<T>(method, path, sent, options)).body;
  }

  protected list<T>(path: string, query: object | undefined, options?: CallOptions): Listing<T> {
    return new Listing((cursor) =>
      this.json<Page<T>>(
        'GET',
        path,
        { query: cursor === undefined ? query : { ...query, cursor } },
        options,
      ),
    );
  }

  /** Lines of JSON as they arrive. A stream that breaks throws {@link OmsUnreachable}: what came before it stands, but is not all. */
  protected async *lines<T>(
    path: string,
    query: object | undefined,
    options: CallOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    const accept = { accept: 'application/x-ndjson', ...options.headers };
    const answer = await this.#send(
      'GET',
      path,
      { query },
      { ...options, headers: accept },
      async (one) => one,
    );
    try {
      yield* linesOf<T>(answer, options.signal);
    } catch (cause) {
      options.signal?.throwIfAborted();
      throw new OmsUnreachable(`GET ${path}`, cause, undefined);
    }
  }

  /**
   * Events as they happen, for as long as the loop runs. When the connection ends, the next one goes on after the last message:
   * nothing is missed and nothing comes twice. Throws when no connection can be made within the time for retries.
   */
  protected async *events(
    path: string,
    query: { lastEventId?: string } = {},
    options: CallOptions = {},
  ): AsyncGenerator<EventMessage, void, undefined> {
    let { lastEventId } = query;
    for (let pause = 0; ;) {
      const headers = { accept: 'text/event-stream', ...options.headers };
      const sent = { query: { ...query, lastEventId } };
      const answer = await this.#send('GET', path, sent, { ...options, headers }, async (one) => one);
      try {
        const silenceMs = this.#options.silenceMs ?? SILENCE_MS;
        for await (const message of messagesOf(answer, silenceMs, options.signal, (ms) => (pause = ms))) {
          lastEventId = message.place;
          yield message;
        }
      } catch (error) {
        options.signal?.throwIfAborted();
        this.#options.onRetry?.(`GET ${path}: ${(error as Error).message}`, 1);
      }
      await sleep(pause, options.signal);
    }
  }

  /** The loop that all calls share: until an answer, a refusal, or the end of the time for retries. */
  async #send<R>(
    method: string,
    path: string,
    sent: Sent,
    options: WriteOptions,
    read: (answer: Response) => Promise<R>,
  ): Promise<R> {
    const call = `${method} ${path}`;
    const key = options.idempotencyKey ?? (KEYED.has(method) ? newKey() : undefined);
    const until = Date.now() + (options.retryForMs ?? this.#options.retryForMs ?? RETRY_FOR_MS);
    let refused = false;
    for (let attempt = 1; ; attempt += 1) {
      let failure: OmsProblem | OmsUnreachable;
      let pause = backOff(attempt);
      try {
        const { answer, value } = await this.#attempt(method, path, sent, options, key, refused, read);
        if (value !== undefined) return value;
        const problem = await problemOf(call, answer, key);
        if (problem.status === 401 && !refused && typeof this.#options.token === 'function') {
          refused = true;
          continue;
        }
        if (!problem.retryable) throw problem;
        failure = problem;
        pause = asked(answer.headers.get('retry-after')) ?? pause;
      } catch (error) {
        if (error instanceof OmsProblem) throw error;
        options.signal?.throwIfAborted();
        failure = new OmsUnreachable(call, error, key);
      }
      if (Date.now() + pause > until) throw failure;
      this.#options.onRetry?.(failure.message, attempt);
      await sleep(pause, options.signal);
    }
  }

  /** One request. `read` runs under the attempt's time limit too, since a body can stop half-way; a stream reads on after it. */
  async #attempt<R>(
    method: string,
    path: string,
    sent: Sent,
    options: WriteOptions,
    key: string | undefined,
    refused: boolean,
    read: (answer: Response) => Promise<R>,
  ): Promise<{ answer: Response; value: R | undefined }> {
    options.signal?.throwIfAborted();
    const controller = new AbortController();
    const stop = () => controller.abort(options.signal?.reason);
    options.signal?.addEventListener('abort', stop, { once: true });
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS;
    const late = setTimeout(() => controller.abort(new Error(`not answered in ${timeoutMs} ms`)), timeoutMs);
    try {
      const headers = new Headers({ ...this.#options.headers, ...options.headers });
      await this.#identify(headers, refused);
      if (key !== undefined) headers.set('Idempotency-Key', key);
      if (options.ifMatch !== undefined)
        headers.set(
          'If-Match',
          /^(W\/)?"/.test(String(options.ifMatch)) ? String(options.ifMatch) : `"${options.ifMatch}"`,
        );
      if (sent.body !== undefined) headers.set('Content-Type', 'application/json');
      const answer = await (this.#options.fetch ?? fetch)(this.#base + path + queryOf(sent.query), {
        method,
        headers,
        signal: controller.signal,
        ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
      });
      return { answer, value: answer.ok || answer.status === 304 ? await read(answer) : undefined };
    } finally {
      clearTimeout(late);
      options.signal?.removeEventListener('abort', stop);
    }
  }

  async #identify(headers: Headers, refused: boolean): Promise<void> {
    const { token, apiKey } = this.#options;
    if (apiKey !== undefined) headers.set('X-Api-Key', apiKey);
    else if (token !== undefined)
      headers.set('Authorization', `Bearer ${typeof token === 'function' ? await token(refused) : token}`);
  }
}

/** A path parameter, so that nothing in it can be taken for a part of the path. */
export const segment = (value: string): string => encodeURIComponent(value);

/** Arrays repeat their name; what is undefined is left out. */
function queryOf(query: object | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}) as [string, unknown][])
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) search.append(name, String(one));
  const text = search.toString();
  return text && `?${text}`;
}
