import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createApp } from '../../services/gateway/dist/app.js';
import type { Call } from '../../services/gateway/dist/call.js';
import { httpServer } from '../../services/gateway/dist/door/server.js';
import type { Shop } from './shop.ts';
import { openShop } from './stack.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Result {
  index: number;
  status: number;
  order?: { id: string; status: string; items: object[] };
  problem?: { code: string; status: number; errors?: { path: string }[] };
}

let shop: Shop;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ shop, close } = await openShop());
});
afterAll(() => close?.());

const batch = async (orders: unknown[], key: string = randomUUID()) =>
  shop.raw('POST', '/orders/batch', JSON.stringify({ orders }), { 'idempotency-key': key });
const resultsOf = (answer: { problem: Record<string, unknown> }) => answer.problem['results'] as Result[];

async function lines(path: string): Promise<{ status: number; type: string | null; ids: string[] }> {
  const answer = await fetch(`${shop.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${await shop.token()}` },
  });
  const text = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    ids: text
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { id: string }).id),
  };
}

describe('a batch of orders', () => {
  it('has a result for each, and a bad one spoils no other', async () => {
    const taken = randomUUID();
    const answer = await batch([
      shop.body({ externalRef: taken }),
      { nothing: 'of an order' },
      shop.body({ externalRef: taken }),
      shop.body({ discountAmount: 1_000_000 }),
      'not even an object',
      shop.body(),
    ]);
    expect(answer.status).toBe(200);
    const results = resultsOf(answer);
    expect(results.map(({ index, status }) => [index, status])).toEqual([
      [0, 201],
      [1, 400],
      [2, 409],
      [3, 422],
      [4, 400],
      [5, 201],
    ]);
    expect(results.map(({ problem }) => problem?.code)).toEqual([
      undefined,
      'validation_failed',
      'external_ref_taken',
      'discount_exceeds_price',
      'validation_failed',
      undefined,
    ]);
    expect(results[1]?.problem?.errors?.map(({ path }) => path)).toContain('nothing');
    for (const index of [0, 5])
      expect(await shop.order(results[index]?.order?.id ?? '')).toMatchObject({ status: 'pending' });
  });

  it('is one effect under one key', async () => {
    const key = randomUUID();
    const email = `${key}@example.com`;
    const orders = Array.from({ length: 3 }, () => shop.body({ email }));
    const [first, again] = [await batch(orders, key), await batch(orders, key)];
    expect(again.problem).toEqual(first.problem);
    expect((await batch(orders.slice(1), key)).problem).toMatchObject({ code: 'idempotency_key_reused' });
    expect((await lines(`/orders/export?email=${email}`)).ids).toHaveLength(3);
  });

  it('is at most a hundred, and one at least', async () => {
    for (const count of [0, 101])
      expect((await batch(Array.from({ length: count }, () => shop.body()))).status).toBe(400);
  });
});

describe('an export', () => {
  it('is every order under the filters of the list, each once, in its order, a line each', async () => {
    const email = `${randomUUID()}@example.com`;
    const placed: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const answer = await batch(Array.from({ length: 90 }, () => shop.body({ email })));
      placed.push(...resultsOf(answer).map((result) => result.order?.id ?? ''));
    }
    const found = await lines(`/orders/export?email=${email}&sort=createdAt`);
    expect({ status: found.status, type: found.type }).toEqual({
      status: 200,
      type: 'application/x-ndjson',
    });
    expect(found.ids).toEqual([...placed].sort());
    expect((await lines(`/orders/export?email=${email}&status=cancelled`)).ids).toEqual([]);
  });

  it('is there for returns and payments too', async () => {
    const order = await shop.paid();
    const [payment] = await shop.payments(order.id);
    expect((await lines(`/payments/export?orderId=${order.id}`)).ids).toEqual([payment?.id]);
    expect((await lines(`/returns/export?orderId=${order.id}`)).ids).toEqual([]);
  });

  it('has no pages: their parameters are refused', async () => {
    expect((await shop.raw('GET', '/orders/export?limit=10')).problem).toMatchObject({
      code: 'validation_failed',
    });
  });
});

describe('a stream of a list that has no end', () => {
  const ROW = { id: 'ord_x', filling: 'x'.repeat(1500) };
  const PAGE_BYTES = 200 * JSON.stringify(ROW).length;
  const LOOK_BYTES = 100 * PAGE_BYTES;
  /** Bytes that something still needs: what is resident grows by rubbish too, as long as nobody is short of memory. */
  const held = (): number => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };

  /** The gateway before a service whose list is `pages` long; counts what was asked for. */
  async function open(pages: number, answer: (asked: number) => Promise<void> = async () => {}) {
    const count = { asked: 0 };
    const call: Call = async () => {
      count.asked += 1;
      await answer(count.asked);
      const body = {
        data: Array.from({ length: 200 }, () => ROW),
        nextCursor: count.asked < pages ? 'next' : null,
      };
      return { body, version: undefined, replayed: false };
    };
    const app = createApp({
      call,
      readiness: { ready: () => true },
      log: { error() {}, warn() {} } as never,
      feed: { handle() {} },
      bearer: () => Promise.resolve({ type: 'staff', id: 'x', scopes: null }),
      rules: {
        bodyLimitBytes: 1024,
        idempotencyKeysRequired: false,
        corsOrigins: [],
        mostAtOnce: 2,
        callsPerMinute: 100,
        wrongTokensPerMinute: 3,
        trustedProxies: 0,
        providerWebhookSecrets: [],
      },
    } as never);
    const server = httpServer(app, { headersTimeoutMs: 10_000, requestTimeoutMs: 30_000 });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/orders/export`;
    const abort = new AbortController();
    const response = await fetch(url, { headers: { authorization: 'Bearer a.b.c' }, signal: abort.signal });
    const reader = response.body!.getReader();
    return { count, reader, abort, close: () => new Promise<void>((done) => server.close(() => done())) };
  }

  it('is never more than a few buffers ahead of its reader, and takes no memory with its length', async () => {
    const stream = await open(1_000);
    const before = held();
    let bytes = 0;
    let ahead = 0;
    let grown = 0;
    for (let chunk = await stream.reader.read(); !chunk.done; chunk = await stream.reader.read()) {
      const looked = Math.floor(bytes / LOOK_BYTES);
      bytes += chunk.value.length;
      ahead = Math.max(ahead, stream.count.asked * PAGE_BYTES - bytes);
      if (Math.floor(bytes / LOOK_BYTES) > looked) grown = Math.max(grown, held() - before);
    }
    expect(bytes).toBeGreaterThan(1_000 * PAGE_BYTES);
    expect(ahead).toBeLessThan(32 * 2 ** 20);
    expect(grown).toBeLessThan(bytes / 4);
    await stream.close();
  });

  it('ends with its reader', async () => {
    const stream = await open(Infinity);
    await stream.reader.read();
    stream.abort.abort();
    // The server closes when its last connection has; only then nobody is served.
    await stream.close();
    const { asked } = stream.count;
    for (let turn = 0; turn < 1_000; turn += 1) await new Promise((done) => setImmediate(done));
    expect(stream.count.asked).toBeLessThanOrEqual(asked + 1);
  });

  it('is broken off when its service fails, and never looks whole', async () => {
    const stream = await open(3, async (asked) => {
      if (asked === 2) throw new Error('the table is gone');
    });
    const read = async () => {
      for (let chunk = await stream.reader.read(); !chunk.done; chunk = await stream.reader.read());
    };
    await expect(read()).rejects.toThrow();
    await stream.close();
  });
});
