import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createApp, type DoorRules } from '../../services/gateway/dist/app.js';
import { httpServer } from '../../services/gateway/dist/door/server.js';
import type { AddressInfo } from 'node:net';
import type { Shop } from './shop.ts';
import { openShop } from './stack.ts';

let shop: Shop;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ shop, close } = await openShop());
});
afterAll(() => close?.());

const send = async (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${shop.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${await shop.token()}`, ...(init.headers as Record<string, string>) },
  });
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;

describe('every failure is a problem of its own kind', () => {
  it.each([
    ['a path that is none', '/api/v1/nothing', {}, 404, 'not_found'],
    ['a method that the path does not know', '/api/v1/orders', { method: 'PUT' }, 405, 'method_not_allowed'],
    [
      'an Accept that can not be met',
      '/api/v1/orders',
      { headers: { accept: 'image/png' } },
      406,
      'not_acceptable',
    ],
    [
      'a body that is not JSON',
      '/api/v1/orders',
      { method: 'POST', body: '<x/>', headers: { 'content-type': 'text/xml' } },
      415,
      'unsupported_media_type',
    ],
    [
      'a body that says it is compressed, and is not',
      '/api/v1/orders',
      {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'content-encoding': 'zstd' },
      },
      415,
      'unsupported_media_type',
    ],
    [
      'a body of 2 MiB',
      '/api/v1/orders',
      {
        method: 'POST',
        body: JSON.stringify({ a: 'x'.repeat(2 ** 21) }),
        headers: { 'content-type': 'application/json' },
      },
      413,
      'body_too_large',
    ],
    [
      'brackets a hundred thousand deep',
      '/api/v1/orders',
      { method: 'POST', body: '['.repeat(100_000), headers: { 'content-type': 'application/json' } },
      400,
      'malformed_body',
    ],
    ['NUL in a filter', '/api/v1/orders?email=a%00b', {}, 400, 'validation_failed'],
    [
      'half a surrogate pair in a name of metadata',
      '/api/v1/orders',
      {
        method: 'POST',
        body: '{"metadata":{"a\\ud800":"x"}}',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'half' },
      },
      400,
      'validation_failed',
    ],
    ['an unknown filter', '/api/v1/orders?colour=red', {}, 400, 'validation_failed'],
    ['an unknown sort', '/api/v1/orders?sort=email', {}, 400, 'validation_failed'],
    ['a limit out of range', '/api/v1/orders?limit=201', {}, 400, 'validation_failed'],
    ['a path that can not be decoded', '/api/v1/orders/%E0%A4%A', {}, 404, 'not_found'],
  ])('%s', async (_, path, init: RequestInit, status, code) => {
    const answer = await send(path, init);
    expect({ status: answer.status, code: await codeOf(answer) }).toEqual({ status, code });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('a known path names its methods', async () => {
    expect((await send('/api/v1/orders', { method: 'PUT' })).headers.get('allow')).toBe('POST, GET, HEAD');
  });

  it('a call that creates something without an Idempotency-Key', async () => {
    const answer = await send('/api/v1/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(shop.body()),
    });
    expect({ status: answer.status, code: await codeOf(answer) }).toEqual({
      status: 400,
      code: 'idempotency_key_required',
    });
  });
});

it('tells a browser little and a stranger nothing', async () => {
  const answer = await send('/api/v1/orders', { headers: { origin: 'https://evil.example' } });
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  expect(answer.headers.get('x-powered-by')).toBeNull();
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
});

it('tells a caller its limit with every answer', async () => {
  const answer = await send('/api/v1/orders');
  expect(answer.headers.get('ratelimit-policy')).toContain('"caller"; q=');
  expect(answer.headers.get('ratelimit')).toContain('r=');
});

it('answers 304 while the version is known, and 412 to a change that was meant for another', async () => {
  const { id } = await shop.place();
  const first = await send(`/api/v1/orders/${id}`);
  const etag = first.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"\d+"$/);
  expect((await send(`/api/v1/orders/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const confirm = (tag: string) =>
    send(`/api/v1/orders/${id}/state`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'if-match': tag },
      body: '{"transition":"confirm"}',
    });
  expect((await confirm('"999"')).status).toBe(412);
  expect((await confirm(etag)).status).toBe(200);
});

it('serves its reference from its own host', async () => {
  const page = await (await fetch(`${shop.url}/docs`)).text();
  for (const [, url] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect(url).toMatch(/^\/docs\//);
    expect((await fetch(`${shop.url}${url}`)).status).toBe(200);
  }
  expect(((await (await fetch(`${shop.url}/openapi.json`)).json()) as { openapi: string }).openapi).toBe(
    '3.1.1',
  );
});

it('counts its requests by call, not by id', async () => {
  const { id } = await shop.place();
  await shop.order(id);
  const text = await (await fetch(`${shop.url}/metrics`)).text();
  expect(text).toContain('route="/api/v1/orders/:orderId"');
  expect(text).not.toContain(id);
});

describe('a door of its own, with tight limits', () => {
  const rules: DoorRules = {
    bodyLimitBytes: 1024,
    idempotencyKeysRequired: false,
    corsOrigins: ['https://shop.example'],
    mostAtOnce: 2,
    callsPerMinute: 5,
    wrongTokensPerMinute: 3,
    trustedProxies: 0,
    providerWebhookSecrets: [],
  };
  let release: (() => void)[] = [];
  const open = async (own: Partial<DoorRules> = {}) => {
    const app = createApp({
      // The service behind is slow: it answers when the test lets it.
      call: () =>
        new Promise((done) =>
          release.push(() => done({ body: { data: [] }, version: undefined, replayed: false })),
        ),
      feed: { streams: 0, handle: () => {} } as never,
      readiness: { ready: () => true },
      log: { error() {} } as never,
      bearer: (token) =>
        token === 'a.b.c'
          ? Promise.resolve({ type: 'staff', id: 'x', scopes: null })
          : Promise.reject(Object.assign(new Error(), { code: 'unauthenticated' })),
      rules: { ...rules, ...own },
    });
    const server = httpServer(app, { headersTimeoutMs: 10_000, requestTimeoutMs: 30_000 });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      list: () => fetch(`${url}/api/v1/orders`, { headers: { authorization: 'Bearer a.b.c' } }),
      get: (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers }),
      close: () => new Promise<void>((done) => server.close(() => done())),
    };
  };

  it('sheds what is over its limit with 503 and Retry-After, while health answers', async () => {
    release = [];
    const door = await open({ callsPerMinute: 1000 });
    const waiting = [door.list(), door.list()];
    while (release.length < 2) await new Promise((done) => setImmediate(done));
    const third = await door.list();
    expect({ status: third.status, retry: third.headers.get('retry-after') }).toEqual({
      status: 503,
      retry: '1',
    });
    expect((await door.get('/livez')).status).toBe(200);
    expect((await door.get('/readyz')).status).toBe(200);
    for (const free of release) free();
    expect((await Promise.all(waiting)).map((answer) => answer.status)).toEqual([200, 200]);
    await door.close();
  });

  it('limits a caller with 429, Retry-After and the RateLimit fields', async () => {
    const door = await open();
    const call = async () => {
      release = [];
      const answer = door.list();
      while (release.length < 1) await new Promise((done) => setImmediate(done));
      for (const free of release) free();
      return (await answer).status;
    };
    for (let turn = 0; turn < 5; turn += 1) expect(await call()).toBe(200);
    const refused = await door.list();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit')).toContain('r=0');
    await door.close();
  });

  it('lets a page of a known origin read the answers', async () => {
    const door = await open();
    const answer = await door.get('/livez-nothing', { origin: 'https://shop.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
    await door.close();
  });
});

it('does not start in production with a development key', () => {
  const { status, stderr } = spawnSync(process.execPath, ['services/gateway/dist/main.js'], {
    encoding: 'utf8',
    env: {
      NODE_ENV: 'production',
      IDENTITY_KEY: '{"kid":"gateway","oms-dev":true}',
      AUTH_ISSUER: 'https://id.example',
    },
  });
  expect({ status, stderr }).toEqual({
    status: 78,
    stderr: 'IDENTITY_KEY is a development key: refused with NODE_ENV=production\n',
  });
});
