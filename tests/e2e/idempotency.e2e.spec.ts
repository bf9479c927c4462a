import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { restRoutes } from '@oms/contracts';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { gatewayBeside } from './gateway-beside.ts';
import { Shop } from './shop.ts';
import { openShop } from './stack.ts';

let shop: Shop;
let other: Shop;
let client: pg.Client;
let close: (() => Promise<void>) | undefined;
let stack: Stack;
let home: string;
/** Where the processes are right now: one that was killed has another pid. */
let pidOf: (process: string) => number;

beforeAll(async () => {
  const opened = await openShop();
  ({ shop, stack, home, close } = opened);
  const { gateway, issuer, postgres } = stack.run;
  other = new Shop(gateway.url, issuer.url, { role: 'staff', subject: 'somebody-else' });
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  pidOf = (process) =>
    (JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as Record<string, { pid: number }>)[process]
      ?.pid ?? 0;
});
afterAll(async () => {
  await client?.end();
  await close?.();
});

async function post(as: Shop, path: string, key: string, body: object) {
  const answer = await fetch(`${as.url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await as.token()}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const { id, code } = JSON.parse(text) as { id?: string; code?: string };
  const { headers } = answer;
  return {
    status: answer.status,
    text,
    id,
    code,
    type: headers.get('content-type'),
    location: headers.get('location'),
    etag: headers.get('etag'),
    replayed: headers.get('idempotency-replayed'),
  };
}
const fresh = () => ({ key: randomUUID(), email: `${randomUUID()}@example.com` });
const placed = async (email: string): Promise<number> => {
  const { rows } = await client.query<{ n: string }>(
    'select count(*) n from orders.orders where email = $1',
    [email],
  );
  return Number(rows[0]?.n);
};
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds());)
    if (Date.now() > end) throw new Error('waited for a minute');
}
const isWaiting = async (sql: string, values: unknown[] = []) =>
  (await client.query(sql, values)).rowCount! > 0;

describe('the same key, caller and body', () => {
  it('answers with the first answer, to the byte and with its headers, and there is one order', async () => {
    const { key, email } = fresh();
    // Names of a sequence that no store keeps: numbers, lengths, another alphabet.
    const metadata = { zebra: '1', a: '2', 10: '3', 9: '4', ä: '5', Aa: '6' };
    const first = await post(shop, '/orders', key, shop.body({ email, metadata }));
    const again = await post(shop, '/orders', key, shop.body({ email, metadata }));
    expect(first).toMatchObject({
      status: 201,
      location: `/api/v1/orders/${first.id}`,
      etag: expect.stringMatching(/^"\d+"$/),
      replayed: null,
    });
    expect(again).toEqual({ ...first, replayed: 'true' });
    expect(await placed(email)).toBe(1);
  });

  it('answers with the first refusal, to the letter, whatever has become of the order since', async () => {
    const { key, email } = fresh();
    const { id } = await shop.place({ email });
    const first = await post(shop, `/orders/${id}/state`, key, { transition: 'process' });
    await shop.move(`/orders/${id}`, 'confirm');
    const again = await post(shop, `/orders/${id}/state`, key, { transition: 'process' });
    expect(first).toMatchObject({ status: 409, code: 'transition_not_allowed', replayed: null });
    expect(again).toEqual({ ...first, replayed: 'true' });
  });

  it('of another caller is another order', async () => {
    const { key, email } = fresh();
    const mine = await post(shop, '/orders', key, shop.body({ email }));
    const theirs = await post(other, '/orders', key, shop.body({ email }));
    expect(theirs).toMatchObject({ status: 201, replayed: null });
    expect(theirs.id).not.toBe(mine.id);
  });

  it('fifty times at once is one order: every answer is that order, or that it is still being made', async () => {
    const { key, email } = fresh();
    const body = shop.body({ email, externalRef: email });
    /** Of fifty, one may wait longer than a service is waited for: it comes again. */
    const insist = async () => {
      for (const end = Date.now() + 60_000; ;) {
        const answer = await post(shop, '/orders', key, body);
        if (answer.status < 500 || Date.now() > end) return answer;
      }
    };
    const answers = await Promise.all(Array.from({ length: 50 }, insist));
    expect(await placed(email)).toBe(1);
    const made = answers.filter((answer) => answer.status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map((answer) => answer.text)).size).toBe(1);
    expect(made.filter((answer) => answer.replayed === null).length).toBeLessThanOrEqual(1);
    for (const answer of answers.filter((one) => one.status !== 201))
      expect(answer).toMatchObject({ status: 409, code: 'idempotency_in_progress' });
    expect(await post(shop, '/orders', key, body)).toMatchObject({ status: 201, replayed: 'true' });
  });
});

it('another body under the same key is refused', async () => {
  const { key, email } = fresh();
  await post(shop, '/orders', key, shop.body({ email }));
  expect(await post(shop, '/orders', key, shop.body({ email, channel: 'other' }))).toMatchObject({
    status: 422,
    code: 'idempotency_key_reused',
  });
  expect(await placed(email)).toBe(1);
});

it('a twin of what is still under way is told so', async () => {
  const { key, email } = fresh();
  await client.query('begin');
  await client.query('lock table orders.orders in share mode');
  const first = post(shop, '/orders', key, shop.body({ email }));
  await until(() =>
    isWaiting(`select 1 from pg_locks where relation = 'orders.orders'::regclass and not granted`),
  );
  const twin = await post(shop, '/orders', key, shop.body({ email }));
  await client.query('commit');
  expect(twin).toMatchObject({ status: 409, code: 'idempotency_in_progress' });
  expect(await first).toMatchObject({ status: 201, replayed: null });
  expect(await placed(email)).toBe(1);
});

/** Sends a write whose service is killed between its commit and its answer, and then again until there is one. */
async function killedBeforeItsAnswer(path: string, key: string, body: object) {
  // The commit itself waits for the test; a backend that waits does not notice that its client has died.
  await client.query(`create or replace function orders.wait_for_test() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(4242); return null; end $$`);
  await client.query('drop trigger if exists wait_for_test on orders.idempotency');
  await client.query(`create constraint trigger wait_for_test after insert on orders.idempotency
    deferrable initially deferred for each row when (new.key = '${key}') execute function orders.wait_for_test()`);
  await client.query('select pg_advisory_lock(4242)');
  const lost = post(shop, path, key, body);
  await until(() =>
    isWaiting(`select 1 from pg_locks where locktype = 'advisory' and objid = 4242 and not granted`),
  );
  process.kill(pidOf('order-service'), 'SIGKILL');
  await client.query('select pg_advisory_unlock(4242)');
  await until(() => isWaiting('select 1 from orders.idempotency where key = $1', [key]));
  expect([503, 504]).toContain((await lost).status);
  let again = await post(shop, path, key, body);
  for (const end = Date.now() + 60_000; again.status >= 500 && Date.now() < end;)
    again = await post(shop, path, key, body);
  return again;
}

it('an answer that nobody got, because the service was killed after its commit, is given to who asks again', async () => {
  const { key, email } = fresh();
  const again = await killedBeforeItsAnswer('/orders', key, shop.body({ email }));
  expect(again).toMatchObject({ status: 201, replayed: 'true' });
  expect(await placed(email)).toBe(1);
  expect((await shop.order(again.id ?? '')).status).toBe('pending');
});

it('so is that of a batch: each of its orders is there once, and what was refused is told as it was', async () => {
  const { key, email } = fresh();
  const externalRef = randomUUID();
  const orders = [
    shop.body({ email, externalRef }),
    shop.body({ email, externalRef }),
    shop.body({ email, discountAmount: 1_000_000 }),
    shop.body({ email }),
  ];
  const again = await killedBeforeItsAnswer('/orders/batch', key, { orders });
  expect(again).toMatchObject({ status: 200, replayed: 'true' });
  const { results } = JSON.parse(again.text) as { results: { status: number; order?: { id: string } }[] };
  expect(results.map(({ status }) => status)).toEqual([201, 409, 422, 201]);
  expect(await placed(email)).toBe(2);
  for (const { order } of results) if (order) expect((await shop.order(order.id)).status).toBe('pending');
  expect(await post(shop, '/orders/batch', key, { orders })).toEqual(again);
});

it('what is shown once is made once: the same key has the same secret, which nobody reads in the tables', async () => {
  const admin = new Shop(shop.url, stack.run.issuer.url, { role: 'admin' });
  const asked: [string, object, string][] = [
    ['/api-keys', { name: randomUUID(), scopes: ['orders:read'] }, 'key'],
    ['/webhooks', { url: 'https://warehouse.example/oms', events: ['order.*'] }, 'secret'],
  ];
  let webhook = '';
  const twice = async (path: string, body: object, shown: string) => {
    const { key } = fresh();
    const [first, again] = [await post(admin, path, key, body), await post(admin, path, key, body)];
    expect(again).toEqual({ ...first, replayed: 'true' });
    const secret = (JSON.parse(first.text) as Record<string, string>)[shown] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    const { rows } = await client.query(
      `select answer::text from orders.idempotency union all select answer::text from notifications.idempotency`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(secret);
    return { ...first, secret };
  };
  for (const [path, body, shown] of asked) {
    const { status, id } = await twice(path, body, shown);
    expect(status).toBe(201);
    webhook = id ?? '';
  }
  const rotated = await twice(`/webhooks/${webhook}/rotate-secret`, { overlapHours: 1 }, 'secret');
  const { rows } = await client.query<{ secrets: { secret: string }[] }>(
    'select secrets from notifications.webhook_endpoint where id = $1',
    [webhook],
  );
  expect([rows[0]?.secrets.length, rows[0]?.secrets[0]?.secret]).toEqual([2, rotated.secret]);
});

describe('where the operator lets simple clients do without keys', () => {
  let lenient: { url: string; close(): Promise<void> };
  beforeAll(async () => {
    lenient = await gatewayBeside(stack, home, { IDEMPOTENCY_KEYS_REQUIRED: 'false' });
  });
  afterAll(() => lenient?.close());

  const place = async (url: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/api/v1/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await shop.token()}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(shop.body({ email: 'simple@example.com' })),
    });
    return { status: answer.status, body: (await answer.json()) as { id?: string; code?: string } };
  };

  it('a call without a key is made, each time anew; elsewhere it is refused', async () => {
    const [first, second] = [await place(lenient.url), await place(lenient.url)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.id).not.toBe(first.body.id);
    expect(await place(shop.url)).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_required' },
    });
  });

  it('a key that is sent all the same is kept', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await place(lenient.url, key);
    expect(await place(lenient.url, key)).toEqual(first);
    expect(await place(shop.url, key)).toEqual(first);
  });
});

it('a key is needed where the contract says, and nowhere else', () => {
  expect(restRoutes.filter((row) => row.idempotencyKey).map((row) => `${row.method} ${row.path}`)).toEqual([
    'POST /orders',
    'POST /orders/batch',
    'POST /returns',
    'POST /returns/:returnId/state',
    'POST /payments',
    'POST /payments/:paymentId/process',
    'POST /payments/:paymentId/capture',
    'POST /payments/:paymentId/refund',
  ]);
});
