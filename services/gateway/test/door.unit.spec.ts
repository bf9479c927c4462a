import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errors } from '@oms/contracts';
import { openDoor, type Door } from './open-door.js';

let door: Door;
beforeAll(async () => {
  door = await openDoor({
    call: async (subject) => ({
      body: subject.endsWith('list')
        ? { data: [], nextCursor: null }
        : { data: [], nextCursor: null, id: 'x' },
      version: undefined,
      replayed: false,
    }),
  });
});
afterAll(() => door.close());

const asked = async (method: string, path: string, headers: Record<string, string> = {}) => {
  const answer = await door.fetch(path, { method, headers });
  const text = await answer.text();
  return { status: answer.status, text, header: (name: string) => answer.headers.get(name) };
};

describe('a path tells which methods it has when it is asked for another', () => {
  it.each([
    ['PUT', '/livez', 'GET, HEAD'],
    ['POST', '/readyz', 'GET, HEAD'],
    ['DELETE', '/metrics', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
    ['POST', '/docs', 'GET, HEAD'],
    ['POST', '/docs/start.js', 'GET, HEAD'],
    ['POST', '/docs/events/order.placed.v1', 'GET, HEAD'],
    ['POST', '/asyncapi.json', 'GET, HEAD'],
    ['POST', '/schemas/order.placed.v1.json', 'GET, HEAD'],
    ['POST', '/problems/not_found', 'GET, HEAD'],
    ['PUT', '/unsubscribe/x', 'GET, HEAD, POST'],
    ['POST', '/api/v1/events', 'GET, HEAD'],
    ['PUT', '/api/v1/orders', 'POST, GET, HEAD'],
    ['GET', '/api/v1/orders/x/cancel', 'POST'],
  ])('%s %s', async (method, path, allow) => {
    const { status, text, header } = await asked(method, path);
    expect({ status, allow: header('allow') }).toEqual({ status: 405, allow });
    const problem = JSON.parse(text) as Record<string, string>;
    expect(problem).toMatchObject({ code: 'method_not_allowed', requestId: header('x-request-id') });
  });

  it.each(['/livez', '/docs', '/problems/not_found', '/api/v1/orders', '/api/v1/orders/export'])(
    'HEAD %s answers as GET does, without the body',
    async (path) => {
      const [head, get] = [await asked('HEAD', path), await asked('GET', path)];
      expect([head.status, head.text, head.header('content-type')]).toEqual([
        200,
        '',
        get.header('content-type'),
      ]);
    },
  );
});

describe('a call answers in its own type or not at all', () => {
  it.each([
    ['/api/v1/orders', 'application/x-ndjson', 406],
    ['/api/v1/orders', 'application/problem+json', 406],
    ['/api/v1/orders', 'application/json', 200],
    ['/api/v1/orders', 'text/html, */*;q=0.1', 200],
    ['/api/v1/orders/export', 'application/json', 406],
    ['/api/v1/orders/export', 'application/x-ndjson', 200],
    ['/api/v1/orders/export', '*/*', 200],
  ])('%s to a client that takes %s: %s', async (path, accept, wanted) => {
    const { status, text } = await asked('GET', path, { accept });
    expect(status).toBe(wanted);
    if (wanted === 406)
      expect(JSON.parse(text)).toMatchObject({
        code: 'not_acceptable',
        detail: `offered: application/${path.endsWith('export') ? 'x-ndjson' : 'json'}`,
      });
  });
});

it("a caller's things stay in its own cache, to be asked about again, and the answer to a write in none", async () => {
  const list = await asked('GET', '/api/v1/orders');
  expect([list.status, list.header('cache-control')]).toEqual([200, 'private, no-cache']);
  const again = await asked('GET', '/api/v1/orders', { 'if-none-match': list.header('etag') ?? '' });
  expect([again.status, again.header('cache-control')]).toEqual([304, 'private, no-cache']);
  const write = await door.fetch('/api/v1/api-keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"x","scopes":["orders:read"]}',
  });
  expect([write.status, write.headers.get('cache-control')]).toEqual([201, 'no-store']);
  const stranger = await asked('GET', '/api/v1/orders', { authorization: 'Bearer x.y.z' });
  expect([stranger.status, stranger.header('cache-control')]).toEqual([401, 'private, no-cache']);
});

it('the type of a problem leads to a page about it', async () => {
  const problem = JSON.parse((await asked('GET', '/nothing')).text) as { type: string };
  const page = await asked('GET', problem.type);
  expect([page.status, page.header('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text).toContain(errors.not_found.title);
  expect(page.text).toContain('/api/v1/orders/{orderId}');
  expect((await asked('GET', '/problems/no_such_thing')).status).toBe(404);
  const index = await asked('GET', '/problems');
  expect([...index.text.matchAll(/href="\/problems\/(\w+)"/g)].map(([, code]) => code)).toEqual(
    Object.keys(errors),
  );
});
