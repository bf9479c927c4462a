import type { Log } from '@oms/chassis/edge';
import { aggregates, EventStreamQuery, type Caller } from '@oms/contracts';
import type { Request, RequestHandler, Response } from 'express';
import { callerOf } from '../auth/authenticate.js';
import { offers } from '../door/negotiation.js';
import { parse } from '../parse.js';
import { Problem } from '../problem.js';
import type { Entry } from './entry.js';
import type { StreamReader } from './stream-reader.js';
import { Tail } from './tail.js';

/** What may wait for a client, in bytes; one that reads slower is cut off, and goes on from its last event when it is back. */
const MOST_WAITING = 1 << 20;
/** How long a client that catches up may take to read what waits for it. */
const DRAIN_MS = 30_000;
/** Clients that read the past at the same time; the others wait, so that they do not slow down the present. */
const CATCHING_UP = 8;
const RETRY_MS = 250;
const TYPE = 'text/event-stream';
const FIELDS = {
  'Content-Type': `${TYPE}; charset=utf-8`,
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
};

interface FeedOptions {
  reader: StreamReader;
  mostStreams: number;
  /** A stream ends then, and its client comes back by itself: a token that was taken back is not believed for ever. */
  lifeMs: number;
  /** A comment so often keeps the connection open where proxies end what is silent. */
  heartbeatMs: number;
  log: Log;
}

/** Which events somebody gets: those he asks for, of those that he may see. */
type FrameFor = (entry: Entry) => Buffer | undefined;

/**
 * Server-sent events (WHATWG HTML §9.2) of what happens: `GET /api/v1/events`. Everybody follows one reader; who comes
 * back with `Last-Event-ID` gets what he missed first, from memory or from the stream, and nothing twice.
 */
export class Feed {
  private readonly open = new Map<Response, () => void>();
  private readonly tail: Tail;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly waiting: (() => void)[] = [];
  private catchingUp = 0;
  private readonly options: FeedOptions;

  constructor(options: FeedOptions) {
    this.options = options;
    this.tail = new Tail(options.reader, options.log);
    this.heartbeat = setInterval(() => {
      for (const response of this.open.keys()) send(response, ': \n\n');
    }, options.heartbeatMs);
    this.heartbeat.unref();
  }

  readonly handle: RequestHandler = async (req, res) => {
    offers(req, TYPE);
    const frameFor = framesFor(callerOf(res), parse('query', EventStreamQuery, req.query));
    const given = placeGiven(req);
    if (req.method === 'HEAD') return void res.set(FIELDS).end();
    if (this.open.size >= this.options.mostStreams) throw new Problem('overloaded');
    await this.tail.use().catch(() => {
      throw new Problem('service_unavailable', 'the events cannot be read right now');
    });
    const life = setTimeout(() => res.end(), this.options.lifeMs);
    this.open.set(res, () => res.end());
    let leave = () => {};
    res.once('close', () => {
      clearTimeout(life);
      this.open.delete(res);
      leave();
      this.tail.leave();
    });
    res.status(200).set(FIELDS);
    // Not all at the same moment, when a gateway is restarted.
    res.write(`retry: ${1_000 + Math.floor(Math.random() * 2_000)}\n\n`);
    (res.locals['release'] as (() => void) | undefined)?.();
    try {
      const place = given === undefined ? this.tail.place : await this.catchUp(res, given, frameFor);
      if (res.closed) return;
      const tell = (entry: Entry): void => {
        const frame = frameFor(entry);
        if (frame) send(res, frame);
      };
      for (const entry of this.tail.since(place) ?? []) tell(entry);
      leave = this.tail.join(tell);
    } catch (error) {
      // The answer has begun: it can only end, and the client comes back.
      this.options.log.warn({ reason: (error as Error).message }, 'events: a stream ended');
      res.end();
    }
  };

  get streams(): number {
    return this.open.size;
  }

  /** Ends every stream; their clients come back, to another gateway or to the next one. */
  close(): void {
    clearInterval(this.heartbeat);
    for (const end of this.open.values()) end();
  }

  /** Sends what came after `given` until the rest is in memory; answers the place up to which everything was sent. */
  private async catchUp(res: Response, given: number, frameFor: FrameFor): Promise<number> {
    if (this.tail.since(given)) return given;
    const { reader } = this.options;
    const { first, last } = await reader.bounds();
    let place = given;
    if (given > last) place = missed(res, 'the stream was made anew', Math.min(last, this.tail.place));
    else if (given + 1 < first) place = missed(res, 'older events are no longer kept', first - 1);
    await this.turn();
    try {
      while (!res.closed && !this.tail.since(place)) {
        const { entries, upTo, end } = await reader.after(place);
        for (const entry of entries) {
          const frame = frameFor(entry);
          if (frame) res.write(frame);
        }
        place = upTo;
        if (res.writableNeedDrain) await drained(res);
        if (end) await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    } finally {
      this.catchingUp -= 1;
      this.waiting.shift()?.();
    }
    return place;
  }

  private async turn(): Promise<void> {
    while (this.catchingUp >= CATCHING_UP) await new Promise<void>((free) => this.waiting.push(free));
    this.catchingUp += 1;
  }
}

/** Writes to one that follows; who does not read is cut off, and what waited for it is given back. */
function send(res: Response, frame: Buffer | string): void {
  if (res.writableLength > MOST_WAITING) res.destroy();
  else if (!res.closed) res.write(frame);
}

/** Tells a client that events are missing which nobody can give it: it has to ask the API how things stand. */
function missed(res: Response, because: string, place: number): number {
  res.write(`id: ${place}\nevent: missed\ndata: ${JSON.stringify({ because })}\n\n`);
  return place;
}

async function drained(res: Response): Promise<void> {
  const late = setTimeout(() => res.destroy(), DRAIN_MS);
  await new Promise<void>((done) => {
    res.once('drain', done);
    res.once('close', done);
  });
  clearTimeout(late);
}

function placeGiven(req: Request): number | undefined {
  const given = req.get('Last-Event-ID') ?? req.query['lastEventId'];
  if (given === undefined || given === '') return undefined;
  const place = Number(given);
  if (typeof given !== 'string' || !/^\d{1,15}$/.test(given))
    throw new Problem('validation_failed', 'the Last-Event-ID is none of ours', {
      errors: [{ path: 'Last-Event-ID', message: 'is the id of an event of this stream' }],
    });
  return place;
}

/**
 * A customer sees its own, whatever it asks for; whose an event is, the service that published it says in the event. Scopes
 * restrict as they do for the resources themselves.
 */
function framesFor(caller: Caller, query: EventStreamQuery): FrameFor {
  const readable = aggregates.filter((one) => caller.scopes?.includes(`${one}s:read`) ?? true);
  const asked = query.type?.map((type) => type.split('.')[0]) ?? [];
  const beyond = asked.find((one) => one !== '*' && !readable.some((known) => known === one));
  if (beyond !== undefined || readable.length === 0)
    throw new Problem('insufficient_scope', undefined, { requiredScope: `${beyond ?? 'order'}s:read` });
  const names = new Set(query.type);
  const ids = new Set(query.aggregateId);
  const own = caller.type === 'customer' ? caller.id : undefined;
  const wants = ({ name, aggregate, aggregateId, customerId }: Entry): boolean =>
    readable.some((known) => known === aggregate) &&
    (own === undefined || customerId === own) &&
    (names.size === 0 || names.has(name) || names.has(`${aggregate}.*`) || names.has('*')) &&
    (ids.size === 0 || ids.has(aggregateId));
  return (entry) => (wants(entry) ? (own === undefined ? entry.frame : entry.customerFrame) : undefined);
}
