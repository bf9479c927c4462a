import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OmsClient, OmsProblem, OmsUnreachable, type OmsClientOptions } from '../src/index.js';

type Turn = (req: IncomingMessage, res: ServerResponse) => void;
interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
});

/** A real server that answers each request by the next turn; the last turn answers all that follow. */
async function serve(...turns: Turn[]): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk) => (body += String(chunk)));
    req.on('end', () => {
      seen.push({ method: req.method ?? '', path: req.url ?? '', headers: req.headers, body });
      turns[Math.min(seen.length, turns.length) - 1]?.(req, res);
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
const json =
  (status: number, body: object, headers: Record<string, string> = {}): Turn =>
  (_, res) =>
    void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const problem = (
  status: number,
  code: string,
  extra: object = {},
  headers: Record<string, string> = {},
): Turn => json(status, { status, code, title: 'T', requestId: 'req_1', ...extra }, headers);
const drop: Turn = (req) => void req.socket.destroy();
const order = { id: 'ord_1', status: 'pending' };
const body = { currency: 'GBP' } as never;
const client = (url: string, options: Partial<OmsClientOptions> = {}) =>
  new OmsClient({ url, token: 't', retryForMs: 20_000, ...options });

describe('a write that ended in doubt', () => {
  it.each<[string, Turn]>([
    ['503', problem(503, 'service_unavailable', {}, { 'retry-after': '0' })],
    ['504', problem(504, 'service_timeout')],
    ['a twin in flight', problem(409, 'idempotency_in_progress')],
    ['a rate limit', problem(429, 'rate_limited', {}, { 'retry-after': '0' })],
    ["a proxy's page", (_, res) => void res.writeHead(502).end('<html>')],
    ['a connection that breaks', drop],
  ])('(%s) is sent again under the same key, with the same body', async (_, failure) => {
    const { url, seen } = await serve(failure, failure, json(201, order));
    const reasons: string[] = [];
    const made = await client(url, { onRetry: (reason) => reasons.push(reason) }).createOrder(body);
    expect(made).toEqual(order);
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map((one) => one.headers['idempotency-key'])).size).toBe(1);
    expect(seen[0]?.headers['idempotency-key']).toMatch(/^[\w-]{20,}$/);
    expect(new Set(seen.map((one) => one.body))).toEqual(new Set(['{"currency":"GBP"}']));
    expect(reasons).toHaveLength(2);
  });

  it('waits as long as it was asked to', async () => {
    const { url } = await serve(problem(503, 'overloaded', {}, { 'retry-after': '1' }), json(200, order));
    const from = performance.now();
    await client(url).getOrder('ord_1');
    expect(performance.now() - from).toBeGreaterThanOrEqual(990);
  });

  it('does not wait beyond its time, and then says under which key to go on', async () => {
    const { url, seen } = await serve(problem(503, 'overloaded', {}, { 'retry-after': '60' }));
    const error = await client(url)
      .createOrder(body, { idempotencyKey: 'mine' })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OmsProblem);
    expect(error).toMatchObject({ status: 503, code: 'overloaded', idempotencyKey: 'mine', retryable: true });
    expect(seen).toHaveLength(1);
  });

  it('that never got an answer is told apart from a refusal', async () => {
    const { url } = await serve(drop);
    const error = await client(url, { retryForMs: 0 })
      .createOrder(body)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OmsUnreachable);
    expect((error as OmsUnreachable).idempotencyKey).toMatch(/./);
  });

  it('stops at its time limit when the server says nothing, and tries again', async () => {
    const { url, seen } = await serve(() => undefined, json(200, order));
    expect(await client(url, { timeoutMs: 200 }).getOrder('ord_1')).toEqual(order);
    expect(seen).toHaveLength(2);
  });
});

it('a refusal is thrown at once, typed, with its fields', async () => {
  const errors = [{ path: 'items.0.quantity', message: 'too small' }];
  const { url, seen } = await serve(problem(400, 'validation_failed', { detail: 'no', errors }));
  const error = await client(url)
    .createOrder(body)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    status: 400,
    code: 'validation_failed',
    errors,
    requestId: 'req_1',
    retryable: false,
  });
  expect((error as Error).message).toBe(
    'POST /orders: 400 validation_failed no (items.0.quantity: too small)',
  );
  expect(seen).toHaveLength(1);
});

it('a refused transition says where the order stands and what it allows', async () => {
  const { url } = await serve(
    problem(409, 'transition_not_allowed', {
      from: 'pending',
      transition: 'ship',
      allowedTransitions: ['confirm', 'cancel'],
    }),
  );
  await expect(client(url).transitionOrder('ord_1', { transition: 'ship' })).rejects.toMatchObject({
    code: 'transition_not_allowed',
    from: 'pending',
    allowedTransitions: ['confirm', 'cancel'],
  });
});

describe('who calls', () => {
  it('is a token that is asked for afresh, once, when it was refused', async () => {
    const { url, seen } = await serve(problem(401, 'unauthenticated'), json(200, order));
    const asked: boolean[] = [];
    const token = (refused: boolean) => {
      asked.push(refused);
      return refused ? 'fresh' : 'stale';
    };
    await client(url, { token }).getOrder('ord_1');
    expect(asked).toEqual([false, true]);
    expect(seen.map((one) => one.headers.authorization)).toEqual(['Bearer stale', 'Bearer fresh']);
  });

  it('is refused when the fresh token is no better', async () => {
    const { url, seen } = await serve(problem(401, 'unauthenticated'));
    await expect(client(url, { token: () => 'x' }).getOrder('o')).rejects.toMatchObject({ status: 401 });
    expect(seen).toHaveLength(2);
  });

  it('may be an API key, but not both', async () => {
    const { url, seen } = await serve(json(200, order));
    await new OmsClient({ url, apiKey: 'oms_k' }).getOrder('ord_1');
    expect(seen[0]?.headers['x-api-key']).toBe('oms_k');
    expect(seen[0]?.headers.authorization).toBeUndefined();
    expect(() => new OmsClient({ url, apiKey: 'k', token: 't' })).toThrow('not both');
  });
});

describe('a list', () => {
  const pages = [
    json(200, { data: [{ id: 'a' }, { id: 'b' }], nextCursor: 'c/1' }),
    json(200, { data: [{ id: 'c' }], nextCursor: null }),
  ];

  it('is its first page when awaited, and every item of every page in a loop', async () => {
    const { url, seen } = await serve(...pages);
    const ids: string[] = [];
    for await (const one of client(url).listOrders({ status: ['pending', 'confirmed'], limit: 2 }))
      ids.push(one.id);
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(seen.map((one) => one.path)).toEqual([
      '/api/v1/orders?status=pending&status=confirmed&limit=2',
      '/api/v1/orders?status=pending&status=confirmed&limit=2&cursor=c%2F1',
    ]);
    expect((await client(url).listOrders({ status: 'pending' })).data).toEqual([{ id: 'c' }]);
  });

  it('that is left early asks for no more pages', async () => {
    const { url, seen } = await serve(...pages);
    for await (const one of client(url).listOrders()) if (one.id === 'a') break;
    expect(seen).toHaveLength(1);
  });
});

describe('a stream of lines', () => {
  const all = async (from: OmsClient): Promise<unknown[]> => {
    const seen: unknown[] = [];
    for await (const one of (from as unknown as { lines(path: string): AsyncIterable<unknown> }).lines('/x'))
      seen.push(one);
    return seen;
  };

  it('is read as it comes, whatever the pieces, letters of several bytes cut in two among them', async () => {
    const bytes = Buffer.from('{"n":"Zoë"}\n{"n":2}\n\n{"n":3}');
    const { url } = await serve((_, res) => {
      res.writeHead(200, { 'content-type': 'application/x-ndjson' });
      for (const byte of bytes) res.write(Buffer.of(byte));
      res.end();
    });
    expect(await all(client(url))).toEqual([{ n: 'Zoë' }, { n: 2 }, { n: 3 }]);
  });

  it('that breaks is not taken for its end', async () => {
    const { url } = await serve((req, res) => {
      res.writeHead(200).write('{"n":1}\n');
      setImmediate(() => req.socket.destroy());
    });
    await expect(all(client(url))).rejects.toBeInstanceOf(OmsUnreachable);
  });
});

it('ends with its signal, also while it waits to try again', async () => {
  const { url, seen } = await serve(problem(503, 'overloaded', {}, { 'retry-after': '5' }));
  const controller = new AbortController();
  const waiting = client(url, { onRetry: () => controller.abort(new Error('enough')) }).getOrder('o', {
    signal: controller.signal,
  });
  await expect(waiting).rejects.toThrow('enough');
  await expect(client(url).getOrder('o', { signal: controller.signal })).rejects.toThrow('enough');
  expect(seen).toHaveLength(1);
});

it('sends the version that a change is meant for as a strong tag, and nothing of an id as a part of the path', async () => {
  const { url, seen } = await serve(json(200, order));
  await client(url).updateOrder('../../admin?x#y', { email: 'a@b.c' }, { ifMatch: 3 });
  expect(seen[0]).toMatchObject({
    method: 'PATCH',
    path: '/api/v1/orders/..%2F..%2Fadmin%3Fx%23y',
    headers: { 'if-match': '"3"' },
  });
});

describe('the stream of events', () => {
  const told = (place: number, name: string, data: object) =>
    `id: ${place}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  const event = (id: string) => ({ id, type: 'order.placed.v1', data: { orderId: 'ord_1' } });
  /** Begins a stream, sends `frames`, and breaks off or stays. */
  const stream =
    (frames: string, then: 'breaks' | 'stays'): Turn =>
    (req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(
        `retry: 1\n\n: \n\n${frames}`,
        () => void (then === 'breaks' && setImmediate(() => req.socket.destroy())),
      );
    };

  it('goes on after the last message when its connection breaks, in the middle of one too', async () => {
    const half = told(3, 'order.placed', event('evt_3')).slice(0, 30);
    const { url, seen } = await serve(
      stream(
        told(1, 'order.placed', event('evt_1')) + told(2, 'order.placed', event('evt_2')) + half,
        'breaks',
      ),
      problem(503, 'overloaded', {}, { 'retry-after': '0' }),
      stream(
        told(3, 'order.placed', event('evt_3')) +
          told(9, 'missed', { because: 'older events are no longer kept' }),
        'stays',
      ),
    );
    const places: string[] = [];
    for await (const message of client(url).streamEvents({ type: ['order.*'], lastEventId: '0' })) {
      places.push(message.place);
      if (message.name === 'missed') {
        expect(message.because).toBe('older events are no longer kept');
        break;
      }
      expect(message.event.data).toEqual({ orderId: 'ord_1' });
    }
    expect(places).toEqual(['1', '2', '3', '9']);
    expect(seen.map((one) => one.path)).toEqual(
      ['0', '2', '2'].map((place) => `/api/v1/events?type=order.*&lastEventId=${place}`),
    );
    expect(seen[0]?.headers).toMatchObject({ accept: 'text/event-stream', authorization: 'Bearer t' });
  });

  it('that says nothing any more is begun again after the last message', async () => {
    const { url, seen } = await serve(
      stream(told(1, 'order.placed', event('evt_1')), 'stays'),
      stream(told(2, 'order.placed', event('evt_2')), 'stays'),
    );
    const places: string[] = [];
    for await (const { place } of client(url, { silenceMs: 50 }).streamEvents()) {
      places.push(place);
      if (place === '2') break;
    }
    expect(places).toEqual(['1', '2']);
    expect(seen.map((one) => one.path)).toEqual(['/api/v1/events', '/api/v1/events?lastEventId=1']);
  });

  it('ends with the reason of its signal, and with a refusal', async () => {
    const { url } = await serve(
      stream(told(1, 'order.placed', event('evt_1')), 'stays'),
      problem(403, 'forbidden'),
    );
    const stop = new AbortController();
    const listening = async (options: object) => {
      for await (const _ of client(url).streamEvents({}, options)) stop.abort(new Error('enough'));
    };
    await expect(listening({ signal: stop.signal })).rejects.toThrow('enough');
    await expect(listening({})).rejects.toMatchObject({ status: 403 });
  });
});
