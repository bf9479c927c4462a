import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { retryAfterMs } from '../domain/retry-plan.js';
import { publicAddresses, resolveLocally, resolvePublicly, type Resolve } from './public-address.js';

/** What an endpoint answered, or why it did not. */
export interface WebhookAnswer {
  responseStatus: number | null;
  error: string | null;
  /** How long it wants to be left alone. */
  retryAfterMs: number | null;
  /** The beginning of the body, for the log. */
  response: string | null;
  durationMs: number;
}

/** So much of an answer is kept, and so much is read before the connection is cut. */
const KEPT_BYTES = 1_024;
const READ_BYTES = 16_384;
/** The status has decided; the body is only waited for so long. */
const BODY_MS = 1_000;

/** Posts to addresses that strangers gave us. Bounded in time and size, to public addresses only, following nothing. */
export class WebhookClient {
  private readonly timeoutMs: number;
  private readonly loopbackAllowed: boolean;
  private readonly resolve: Resolve;

  constructor(options: { timeoutMs: number; loopbackAllowed: boolean; resolve?: Resolve }) {
    this.timeoutMs = options.timeoutMs;
    this.loopbackAllowed = options.loopbackAllowed;
    this.resolve = options.resolve ?? (options.loopbackAllowed ? resolveLocally : resolvePublicly);
  }

  /** Never throws, and takes no longer than its time-out. */
  async post(url: string, headers: Record<string, string>, body: string): Promise<WebhookAnswer> {
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(this.timeoutMs);
    const ended = (answer: Partial<WebhookAnswer>): WebhookAnswer => ({
      responseStatus: null,
      error: null,
      retryAfterMs: null,
      response: null,
      ...answer,
      durationMs: Math.round(performance.now() - startedAt),
    });
    try {
      const target = new URL(url);
      if (target.protocol === 'http:' && !this.loopbackAllowed)
        return ended({ error: 'http_refused: the address must be https' });
      const addresses = await abortable(
        publicAddresses(target.hostname, this.resolve, this.loopbackAllowed),
        signal,
      );
      const response = await this.send(target, addresses, headers, body, signal);
      const text = await beginningOf(response);
      const status = response.statusCode ?? 0;
      const failed = status < 200 || status > 299;
      return ended({
        responseStatus: status,
        error: !failed
          ? null
          : status >= 300 && status < 400
            ? 'redirect_not_followed'
            : `answered_${status}`,
        retryAfterMs: failed ? retryAfterMs(response.headers['retry-after'], new Date()) : null,
        response: text,
      });
    } catch (error) {
      return ended({ error: signal.aborted ? 'timeout' : reasonOf(error as Error & { code?: string }) });
    }
  }

  private send(
    target: URL,
    addresses: readonly string[],
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const checked = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const lookup: LookupFunction = (_hostname, options, done) => {
      const [first] = checked;
      if (options.all) done(null, checked);
      else done(null, first?.address ?? '', first?.family);
    };
    const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = request(target, {
        method: 'POST',
        agent: false,
        lookup,
        signal,
        headers: {
          ...headers,
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'content-length': String(Buffer.byteLength(body)),
          'user-agent': 'OMS-Webhooks/1',
          accept: '*/*',
        },
        // A header block of any size must not be taken into memory.
        maxHeaderSize: READ_BYTES,
      });
      outgoing.once('error', reject);
      outgoing.once('response', resolve);
      outgoing.end(body);
    });
  }
}

/** Reads no more than is needed for the log, and cuts the connection: a huge or endless answer costs us nothing. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let read = 0;
  await new Promise<void>((done) => {
    const timer = setTimeout(done, BODY_MS);
    response.on('data', (part: Buffer) => {
      if (read < KEPT_BYTES) parts.push(part.subarray(0, KEPT_BYTES - read));
      read += part.length;
      if (read >= READ_BYTES) done();
    });
    // Node tells an answer that was cut off as an error; its status counts all the same.
    for (const event of ['end', 'close', 'error']) response.once(event, () => done());
    response.once('close', () => clearTimeout(timer));
  });
  response.destroy();
  return Buffer.concat(parts).toString('utf8').replaceAll('\0', '');
}

/** The step itself may not know of the signal. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('timeout')), { once: true });
    }),
  ]);
}

/** What may be shown to whoever owns the endpoint: our own sentences, and the code of a failed connection. */
const reasonOf = (error: Error & { code?: string }): string =>
  /^[a-z_]+: /.test(error.message) ? error.message : (error.code ?? error.name).toLowerCase();
