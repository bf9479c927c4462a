import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { restRoutes, type RestRow } from '@oms/contracts';
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type JWK,
  type JWTPayload,
} from 'jose';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { developmentToken } from '../../tools/src/development-token.ts';
import { untilAtRest } from './at-rest.ts';
import { Shop, type OrderView, type PaymentView, type ReturnView } from './shop.ts';
import { openShop } from './stack.ts';

let shop: Shop;
let stack: Stack;
let home: string;
let close: (() => Promise<void>) | undefined;
/** What belongs to one customer, for another to reach for. */
const theirs: Record<string, string> = {};
let jane: Shop;
let mallory: Shop;

beforeAll(async () => {
  ({ shop, stack, home, close } = await openShop());
  const as = (subject: string) =>
    new Shop(stack.run.gateway.url, stack.run.issuer.url, { role: 'customer', subject });
  jane = as('cus_jane');
  mallory = as('cus_mallory');
  const order = await delivered();
  const opened = await jane.openReturn(order, [1, 0]);
  const [payment] = await jane.payments(order.id);
  Object.assign(theirs, {
    orderId: order.id,
    shipmentId: order.shipments[0]?.id,
    itemId: order.items[0]?.id,
    returnId: opened.id,
    paymentId: payment?.id,
    apiKeyId: 'key_00000000000000000000000000',
    sagaId: 'sga_00000000000000000000000000',
    service: 'order-service',
    eventId: 'evt_00000000000000000000000000',
    messageId: 'msg_00000000000000000000000000',
    webhookId: 'whk_00000000000000000000000000',
    customerId: 'cus_jane',
    address: 'jane@example.com',
  });
  // Whatever moves the books from now on is one of the calls below.
  await untilAtRest(stack);
});
afterAll(() => close?.());

async function delivered(): Promise<OrderView> {
  const { id } = await jane.place({ payment: { method: 'card', token: 'tok_visa' } });
  const path = `/orders/${id}`;
  await jane.api.until<OrderView>(path, (order) => order.paymentStatus === 'captured');
  for (const transition of ['process', 'ship', 'deliver']) await shop.move(path, transition);
  return jane.order(id);
}

/** A body that fits each write, so that only who asks decides. */
const bodies: Record<string, object> = {
  updateOrder: { email: 'mallory@example.com' },
  transitionOrder: { transition: 'confirm' },
  cancelOrder: { reason: 'mine now' },
  holdOrder: { reason: 'fraud' },
  releaseOrder: {},
  deliverShipment: {},
  updateReturn: { note: 'mine now' },
  transitionReturn: { transition: 'approve' },
  approveReturn: {},
  rejectReturn: { reason: 'no' },
  cancelReturn: {},
  updatePayment: { note: 'mine now' },
  processPayment: {},
  capturePayment: {},
  voidPayment: {},
  refundPayment: {},
  redriveDeadLetters: { all: true },
  discardDeadLetter: { reason: 'mine now' },
  closeSaga: { reason: 'mine now' },
  updateNotificationPreferences: { optionalMessages: false },
  createWebhook: { url: 'https://mallory.example/', events: ['*'] },
  updateWebhook: { url: 'https://mallory.example/' },
  resendWebhookRange: { after: '2026-01-01T00:00:00Z', only: 'all' },
};
function bodyOf(row: RestRow): object {
  switch (row.name) {
    case 'createOrder':
      return shop.body();
    case 'createOrders':
      return { orders: [shop.body()] };
    case 'createShipment':
      return { items: [{ itemId: theirs['itemId'], quantity: 1 }], carrier: 'c', trackingNumber: 't' };
    case 'createReturn':
    case 'quoteReturn':
      return {
        orderId: theirs['orderId'],
        items: [{ orderItemId: theirs['itemId'], quantity: 1, reason: 'other' }],
      };
    case 'createPayment':
      return { orderId: theirs['orderId'], method: 'card', token: 'tok_visa' };
    case 'createReturnPolicy':
      return { version: 'mine-now', rules: {} };
    case 'createApiKey':
      return { name: 'mine now', role: 'admin' };
    default:
      return bodies[row.name] ?? {};
  }
}

const call = (row: RestRow, authorization: string | null): Promise<Response> =>
  fetch(`${shop.url}/api/v1${row.path.replace(/:(\w+)/g, (_, name: string) => theirs[name] ?? name)}`, {
    method: row.method,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': `${row.name}-${Math.random()}`,
      ...(authorization === null ? {} : { authorization }),
    },
    ...(row.method === 'GET' ? {} : { body: JSON.stringify(bodyOf(row)) }),
  });

/** Every row that a write could have touched, whoever wrote. */
async function books(): Promise<unknown> {
  const client = new pg.Client({ connectionString: stack.run.postgres.url });
  await client.connect();
  const { rows } = await client.query(
    `select (select count(*) from orders.history) orders, (select sum(version) from orders.orders) order_versions,
            (select count(*) from returns.history) returns, (select sum(version) from returns.return) return_versions,
            (select count(*) from payments.history) payments, (select sum(version) from payments.payment) payment_versions,
            (select count(*) from orders.api_key) keys, (select count(*) from notifications.opt_out) opt_outs, (select count(*) from notifications.webhook_endpoint) webhooks`,
  );
  await client.end();
  return rows[0];
}

const issuerKey = () =>
  (JSON.parse(readFileSync(join(home, 'development-keys.json'), 'utf8')) as { issuer: JWK }).issuer;

/** A token as the issuer would make it, but for what is given. */
async function forged(
  claims: object,
  options: { key?: JWK; typ?: string; alg?: string } = {},
): Promise<string> {
  const key = options.key ?? issuerKey();
  const { iss, aud, exp, ...rest }: Record<string, unknown> & { exp?: number | undefined } = {
    iss: stack.run.issuer.url,
    aud: 'oms',
    exp: Math.floor(Date.now() / 1000) + 600,
    sub: 'root',
    role: 'admin',
    ...claims,
  };
  return new SignJWT({ ...rest, iss, aud, ...(exp === undefined ? {} : { exp }) } as JWTPayload)
    .setProtectedHeader({ alg: options.alg ?? 'ES256', kid: issuerKey().kid, typ: options.typ ?? 'at+jwt' })
    .sign(await importJWK(key, options.alg ?? 'ES256'));
}

it('a token that is as it should be is let in, so that the others are refused for what is wrong with them', async () => {
  const [list] = restRoutes.filter((row) => row.name === 'listOrders');
  expect(list && (await call(list, `Bearer ${await forged({})}`)).status).toBe(200);
});

/** Every kind of `Authorization` that is nobody's, by what is wrong with it. */
async function wrongTokens(): Promise<Record<string, string | null>> {
  const other = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey);
  const past = Math.floor(Date.now() / 1000) - 60;
  const { kty, crv, x, y } = issuerKey();
  const publicKey = new TextEncoder().encode(JSON.stringify({ kty, crv, x, y }));
  return {
    'none at all': null,
    nonsense: 'Bearer nonsense',
    'another scheme': 'Basic cm9vdDpyb290',
    'alg none': `Bearer ${new UnsecuredJWT({ sub: 'root', role: 'admin' }).setIssuer(stack.run.issuer.url).setAudience('oms').setExpirationTime('1h').encode()}`,
    expired: `Bearer ${await forged({ exp: past })}`,
    'another key': `Bearer ${await forged({}, { key: other })}`,
    'the public key taken for a secret': `Bearer ${await new SignJWT({ sub: 'root', role: 'admin' })
      .setProtectedHeader({ alg: 'HS256', kid: issuerKey().kid, typ: 'at+jwt' })
      .setIssuer(stack.run.issuer.url)
      .setAudience('oms')
      .setExpirationTime('1h')
      .sign(publicKey)}`,
    'not yet good': `Bearer ${await forged({ nbf: Math.floor(Date.now() / 1000) + 600 })}`,
    'without an end': `Bearer ${await forged({ exp: undefined })}`,
    'of nobody': `Bearer ${await forged({ sub: undefined })}`,
    'another audience': `Bearer ${await forged({ aud: 'someone-else' })}`,
    'another issuer': `Bearer ${await forged({ iss: 'https://evil.example' })}`,
    'another type of token': `Bearer ${await forged({}, { typ: 'JWT' })}`,
    'no role': `Bearer ${await forged({ role: undefined })}`,
    'a role that nobody has': `Bearer ${await forged({ role: 'system' })}`,
  };
}

describe.each(restRoutes.map((row) => [`${row.method} ${row.path}`, row] as const))('%s', (_, row) => {
  it('is refused without a token, and with every kind of wrong one; nothing is read or written', async () => {
    const before = await books();
    for (const [what, authorization] of Object.entries(await wrongTokens())) {
      const answer = await call(row, authorization);
      expect({ what, status: answer.status }).toEqual({ what, status: 401 });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="oms"/);
      expect(Object.keys((await answer.json()) as object)).not.toContain('data');
    }
    expect(await books()).toEqual(before);
  });

  it("shows nothing of another customer's, and changes nothing", async () => {
    if (row.name === 'createOrder') return; // It makes the caller's own.
    const before = await books();
    const answer = await call(row, `Bearer ${await mallory.token()}`);
    const body = (await answer.json()) as { data?: unknown[] };
    if (row.access !== 'customer') expect(answer.status).toBe(403);
    else if (row.query) expect({ status: answer.status, data: body.data }).toEqual({ status: 200, data: [] });
    else expect(answer.status).toBe(404);
    expect(await books()).toEqual(before);
  });

  it('is refused to a service without its scope, which is named', async () => {
    const before = await books();
    const token = await developmentToken(
      { role: 'service', scope: 'notifications:read' },
      stack.run.issuer.url,
    );
    const answer = await call(row, `Bearer ${token}`);
    if (row.method === 'GET' && row.path.startsWith('/notifications'))
      return void expect([200, 404]).toContain(answer.status);
    expect(answer.status).toBe(403);
    if (row.access !== 'admin') {
      const { requiredScope } = (await answer.json()) as { requiredScope: string };
      const kind = row.method === 'GET' || row.name === 'quoteReturn' ? 'read' : 'write';
      const owner = row.name === 'reconciliationReport' ? 'payments' : row.path.split('/')[1];
      expect(requiredScope).toBe(`${owner}:${kind}`);
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${requiredScope}"`);
    }
    expect(await books()).toEqual(before);
  });
});

it('the stream of events is refused without a token, and with every kind of wrong one', async () => {
  for (const [what, authorization] of Object.entries(await wrongTokens())) {
    const answer = await fetch(`${shop.url}/api/v1/events?lastEventId=0`, {
      headers: authorization === null ? {} : { authorization },
    });
    expect({ what, status: answer.status }).toEqual({ what, status: 401 });
    expect(Object.keys((await answer.json()) as object)).not.toContain('data');
  }
});

describe('a customer', () => {
  it("places orders as itself, whatever it says, and filters for others' find nothing", async () => {
    const placed = await mallory.api.post<{ id: string; customerId: string }>(
      '/orders',
      mallory.body({ customerId: 'cus_jane' }),
    );
    expect(placed.customerId).toBe('cus_mallory');
    const found = await mallory.api.get<{ data: unknown[] }>('/orders?customerId=cus_jane');
    expect(found.data).toEqual([]);
  });

  it('may not say when an order was placed, nor read or write what is for staff', async () => {
    const dated = await mallory.raw(
      'POST',
      '/orders',
      JSON.stringify(mallory.body({ placedAt: '2010-12-01T08:00:00Z' })),
    );
    expect(dated.status).toBe(403);
    await shop.api.patch(`/orders/${theirs['orderId']}`, { notes: 'watch this one', tags: ['vip'] });
    expect(await jane.api.get(`/orders/${theirs['orderId']}`)).toMatchObject({ notes: null, tags: [] });
    expect(await shop.api.get(`/orders/${theirs['orderId']}`)).toMatchObject({ notes: 'watch this one' });
    expect((await jane.raw('PATCH', `/orders/${theirs['orderId']}`, '{"notes":"x"}')).status).toBe(403);
  });

  it("finds no item of another's order in its own, to cancel or to send back", async () => {
    const { id } = await mallory.place();
    const before = await books();
    const item = theirs['itemId'];
    const answers = [
      await mallory.raw(
        'POST',
        `/orders/${id}/cancel`,
        JSON.stringify({ reason: 'x', items: [{ itemId: item, quantity: 1 }] }),
      ),
      await mallory.raw(
        'POST',
        '/returns',
        JSON.stringify({ orderId: id, items: [{ orderItemId: item, quantity: 1, reason: 'other' }] }),
        { 'idempotency-key': `item-${Math.random()}` },
      ),
    ];
    for (const { status } of answers) expect([404, 422]).toContain(status);
    expect(await books()).toEqual(before);
  });

  it.each(['/orders', '/payments', '/returns'])("can not go on from another's cursor in %s", async (path) => {
    await jane.place({ payment: { method: 'card', token: 'tok_visa' } });
    if (path === '/returns') await jane.openReturn(await jane.order(theirs['orderId'] ?? ''), [1, 0]);
    const page = await jane.api.until<{ nextCursor: string | null }>(
      `${path}?limit=1`,
      ({ nextCursor }) => nextCursor !== null,
      60_000,
    );
    const next = `${path}?limit=1&cursor=${page.nextCursor}`;
    expect((await jane.raw('GET', next)).status).toBe(200);
    for (const other of [mallory, shop])
      expect(await other.raw('GET', next)).toMatchObject({
        status: 400,
        problem: { code: 'malformed_cursor' },
      });
  });

  it('hears of its own orders only, whatever it asks the stream of events for', async () => {
    const { id } = await mallory.place();
    const asked = [
      { lastEventId: '0' },
      { lastEventId: '0', type: ['*' as const] },
      { lastEventId: '0', aggregateId: [theirs['orderId'] ?? '', theirs['paymentId'] ?? '', id] },
    ];
    for (const query of asked)
      for await (const message of mallory.oms.streamEvents(query)) {
        if (message.name === 'missed') continue;
        expect(message.event.data['customerId']).toBe('cus_mallory');
        if (message.event.subject === id) break;
      }
  });

  it('reads its own', async () => {
    expect((await jane.api.get<OrderView>(`/orders/${theirs['orderId']}`)).id).toBe(theirs['orderId']);
    expect((await jane.api.get<ReturnView>(`/returns/${theirs['returnId']}`)).id).toBe(theirs['returnId']);
    expect((await jane.api.get<PaymentView>(`/payments/${theirs['paymentId']}`)).id).toBe(
      theirs['paymentId'],
    );
  });
});

describe('an API key', () => {
  const admin = () => new Shop(stack.run.gateway.url, stack.run.issuer.url, { role: 'admin' });
  const using = (key: string, path: string, init: RequestInit = {}) =>
    fetch(`${shop.url}/api/v1${path}`, { ...init, headers: { ...init.headers, 'x-api-key': key } });

  it('does what its scopes say, is shown once, and is kept as a hash', async () => {
    const made = await admin().api.post<{ id: string; key: string }>('/api-keys', {
      name: 'warehouse',
      scopes: ['orders:read'],
    });
    expect((await using(made.key, '/orders?limit=1')).status).toBe(200);
    const write = await using(made.key, `/orders/${theirs['orderId']}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"reason":"x"}',
    });
    expect({ status: write.status, ...((await write.json()) as object) }).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      requiredScope: 'orders:write',
    });
    expect(JSON.stringify(await admin().api.get('/api-keys'))).not.toContain(made.key);
    const client = new pg.Client({ connectionString: stack.run.postgres.url });
    await client.connect();
    const { rows } = await client.query(
      'select row_to_json(k)::text as row from orders.api_key k union all select answer::text from orders.idempotency',
    );
    await client.end();
    expect(JSON.stringify(rows)).not.toContain(made.key);
  });

  it('that was revoked or never made is refused', async () => {
    const made = await admin().api.post<{ id: string; key: string }>('/api-keys', {
      name: 'short-lived',
      scopes: ['orders:read'],
    });
    const revoked = await fetch(`${shop.url}/api/v1/api-keys/${made.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${await admin().token()}` },
    });
    expect(revoked.status).toBe(200);
    expect((await using(made.key, '/orders')).status).toBe(401);
    expect((await using(`oms_${'A'.repeat(43)}`, '/orders')).status).toBe(401);
    expect((await using("' or 1=1 --", '/orders')).status).toBe(401);
  });
});
