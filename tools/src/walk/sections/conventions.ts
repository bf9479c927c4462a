import { until } from '@oms/client';
import { restRoutes } from '@oms/contracts';
import { holds, need, refused, same, section } from '../sentence.ts';

const UNKNOWN = 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha';
const ID = /^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** Every field name in an answer, but not the keys of a client's own map. */
const namesIn = (value: unknown): string[] =>
  value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([name, inner]) => [
        ...(Array.isArray(value) ? [] : [name]),
        ...(name === 'metadata' ? [] : namesIn(inner)),
      ])
    : [];

export const conventions = section('Conventions', {
  'base path /api/v1; JSON in and out, camelCase': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    const read = await w.raw('GET', `/api/v1/orders/${id}`);
    same([read.status, read.headers.get('content-type')?.split(';')[0]], [200, 'application/json']);
    same(
      namesIn(read.body).filter((name) => !/^[a-z][a-zA-Z0-9]*$/.test(name)),
      [],
    );
  },
  'times are RFC 3339 UTC': async (w) => {
    const order = await w.delivered();
    const times = Object.entries(order).filter(([name, value]) => name.endsWith('At') && value !== null);
    holds('at least six times', times.length >= 6);
    same(
      times.filter(([, at]) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(at))),
      [],
    );
  },
  "money is an integer in the currency's minor unit; JPY has none, KWD has three digits": async (w) => {
    for (const currency of ['GBP', 'JPY', 'KWD']) {
      const items = [{ sku: 'A', name: 'a', quantity: 3, unitPrice: 1_999 }];
      same((await w.staff.createOrder(w.body({ currency, items }))).total, 5_997);
    }
    const items = [{ sku: 'A', name: 'a', quantity: 1, unitPrice: 19.99 }];
    await refused(w.staff.createOrder(w.body({ items })), 400, 'validation_failed');
  },
  'one order has one currency': async (w) => {
    const items = [{ sku: 'A', name: 'a', quantity: 1, unitPrice: 1, currency: 'USD' }];
    const { status, body } = await w.raw('POST', '/orders', { body: { ...w.body(), items } });
    same([status, body['errors']], [400, [{ path: 'items.0.currency', message: 'unknown field' }]]);
  },
  'ids are typed (a TypeID: ord_, itm_, shp_, ret_, pay_, ref_, evt_, whk_)': async (w) => {
    const order = await w.delivered();
    const back = await w.refunded(order, 1);
    const payment = await w.paymentOf(order.id);
    const webhook = await w.admin.createWebhook({ url: 'https://example.com/hook', events: ['order.*'] });
    await w.admin.deleteWebhook(webhook.id);
    const history = (await w.staff.orderHistory(order.id)).data;
    const ids = [
      order.id,
      order.items[0]?.id,
      order.shipments[0]?.id,
      back.id,
      payment.id,
      payment.refunds[0]?.id,
      history[0]?.eventId,
      webhook.id,
    ];
    same(
      ids.map((id) => [id?.slice(0, 4), ID.test(id ?? '')]),
      ['ord_', 'itm_', 'shp_', 'ret_', 'pay_', 'ref_', 'evt_', 'whk_'].map((prefix) => [prefix, true]),
    );
  },
  'ids are sortable': async (w) => {
    const ids = [];
    for (let turn = 0; turn < 3; turn += 1) ids.push((await w.staff.createOrder(w.body())).id);
    same(ids, [...ids].sort());
  },
  'orders and returns also have a short human number': async (w) => {
    const order = await w.delivered();
    const back = await w.openReturn(order, 1);
    same([/^ORD-\d+$/.test(order.number), /^RET-\d+$/.test(back.number)], [true, true]);
  },
  'a created resource answers 201 with Location, and its body': async (w) => {
    const order = await w.delivered();
    const orderItemId = need('item', order.items[0]).id;
    const toPay = await w.staff.createOrder(w.body());
    const bodies: [string, unknown][] = [
      ['/orders', w.body()],
      ['/returns', { orderId: order.id, items: [{ orderItemId, quantity: 1, reason: 'other' }] }],
      ['/payments', { orderId: toPay.id, method: 'card', token: 'tok_visa' }],
    ];
    for (const [path, body] of bodies) {
      const headers = { 'idempotency-key': crypto.randomUUID() };
      // A service that has not heard of the order yet says 503: come again.
      const made = await until(
        () => w.raw('POST', path, { body, headers }),
        ({ status }) => status !== 503,
      );
      same([made.status, made.headers.get('location')], [201, `/api/v1${path}/${String(made.body['id'])}`]);
      same((await w.raw('GET', need('location', made.headers.get('location')))).body['id'], made.body['id']);
    }
  },
  'a read answers ETag and honours If-None-Match (304)': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    for (const path of [`/orders/${id}`, `/orders/${id}/history`, '/payments?limit=1', '/returns?limit=1']) {
      const first = await w.raw('GET', path);
      const headers = { 'if-none-match': need('etag', first.headers.get('etag')) };
      const again = await w.raw('GET', path, { headers });
      same([first.status, again.status, again.text], [200, 304, '']);
    }
  },
  'a write that carries If-Match fails with 412 when the resource has moved on': async (w) => {
    const order = await w.staff.createOrder(w.body());
    const change = { email: 'x@example.com' };
    const { version } = await w.staff.updateOrder(order.id, change, { ifMatch: order.version });
    await refused(w.staff.updateOrder(order.id, change, { ifMatch: order.version }), 412, 'version_mismatch');
    same((await w.staff.getOrder(order.id)).version, version);
  },
  "without If-Match the server's own locking decides": async (w) => {
    const { id, version } = await w.staff.createOrder(w.body());
    const writes = Array.from({ length: 8 }, (_, index) =>
      w.staff.updateOrder(id, { metadata: { index: String(index) } }),
    );
    await Promise.all(writes);
    same((await w.staff.getOrder(id)).version, version + 8);
  },
  'Idempotency-Key: the same key, caller and body answer with the first answer, status and body alike, with Idempotency-Replayed: true':
    async (w) => {
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const first = await w.raw('POST', '/orders', { body: w.body(), headers });
      const id = String(first.body['id']);
      await w.staff.transitionOrder(id, { transition: 'confirm' });
      const again = await w.raw('POST', '/orders', { body: w.body(), headers });
      same([again.status, again.headers.get('idempotency-replayed')], [201, 'true']);
      same(again.body, first.body);
      const body = { transition: 'ship' };
      const no = await w.raw('POST', `/orders/${id}/state`, { body, headers });
      const still = await w.raw('POST', `/orders/${id}/state`, { body, headers });
      same([no.status, still.status, still.headers.get('idempotency-replayed')], [409, 409, 'true']);
      same(still.body, no.body);
    },
  'the same key, caller and body answer with the first answer, also where it shows a secret, and make no second one':
    async (w) => {
      const made = await w.admin.createWebhook({ url: 'https://example.com/hook', events: ['order.*'] });
      const asked: [string, object, string][] = [
        ['/api-keys', { name: 'walker', scopes: ['orders:read'] }, 'key'],
        ['/webhooks', { url: 'https://example.com/hook', events: ['order.*'] }, 'secret'],
        [`/webhooks/${made.id}/rotate-secret`, { overlapHours: 1 }, 'secret'],
      ];
      for (const [path, body, shown] of asked) {
        const headers = { 'idempotency-key': crypto.randomUUID() };
        const first = await w.raw('POST', path, { body, headers, by: 'admin' });
        const again = await w.raw('POST', path, { body, headers, by: 'admin' });
        same([again.status, again.text], [first.status, first.text]);
        same([typeof first.body[shown], again.headers.get('idempotency-replayed')], ['string', 'true']);
        if (path === '/api-keys') await w.admin.revokeApiKey(String(first.body['id']));
        if (path === '/webhooks') await w.admin.deleteWebhook(String(first.body['id']));
      }
      await w.admin.deleteWebhook(made.id);
    },
  'the same key of another caller is another order': async (w) => {
    const idempotencyKey = crypto.randomUUID();
    const made = [w.staff, w.jane].map((by) => by.createOrder(w.body(), { idempotencyKey }));
    same(new Set((await Promise.all(made)).map(({ id }) => id)).size, 2);
  },
  'another body under the same key is 422 (idempotency_key_reused)': async (w) => {
    const idempotencyKey = crypto.randomUUID();
    await w.staff.createOrder(w.body(), { idempotencyKey });
    const other = w.staff.createOrder(w.body({ email: 'other@example.com' }), { idempotencyKey });
    await refused(other, 422, 'idempotency_key_reused');
  },
  'a twin still in flight is 409 (idempotency_in_progress)': async (w) => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const twins = await Promise.all(
      Array.from({ length: 30 }, () =>
        until(
          () => w.raw('POST', '/orders', { body: w.body(), headers }),
          ({ status }) => status < 500,
        ),
      ),
    );
    const ids = twins.flatMap((one) => (one.status === 201 ? [one.body['id']] : []));
    same(new Set(ids).size, 1);
    const others = twins.filter((one) => one.status !== 201);
    same(new Set(others.map((one) => `${one.status} ${String(one.body['code'])}`)).size <= 1, true);
    same(
      others.every((one) => one.body['code'] === 'idempotency_in_progress' && one.status === 409),
      true,
    );
  },
  'the answer is stored in the same transaction as the effect, for 24 hours at least': async (w) => {
    const key = crypto.randomUUID();
    const { id } = await w.staff.createOrder(w.body(), { idempotencyKey: key });
    const rows = await w.books<{ kept: string; order: string }>(
      `select i.xmin::text as kept, o.xmin::text as order from orders.idempotency i, orders.orders o where i.key = $1 and o.id = $2`,
      [key, id],
    );
    same([rows.length, rows[0]?.kept], [1, rows[0]?.order]);
  },
  'a key is required where an order is created or money moves (400, idempotency_key_required)': async (w) => {
    const headers = { 'idempotency-key': '' };
    const wanted = restRoutes.filter((row) => row.idempotencyKey);
    for (const row of wanted) {
      const path = row.path.replace(/:\w+/g, (name) => `${PREFIXES[name] ?? 'x'}_${UNKNOWN.slice(4)}`);
      const answer = await w.raw(row.method, path, { headers, body: BODIES[row.name] ?? {} });
      same([row.name, answer.status, answer.body['code']], [row.name, 400, 'idempotency_key_required']);
    }
  },
  'every answer carries X-Request-Id and takes part in the W3C trace of the caller (traceparent)': async (
    w,
  ) => {
    const traceId = crypto.randomUUID().replaceAll('-', '');
    const headers = { 'x-request-id': 'mine-1', traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const made = await w.raw('POST', '/orders', { body: w.body(), headers });
    same(made.headers.get('x-request-id'), 'mine-1');
    const none = await w.raw('GET', `/orders/${UNKNOWN}`);
    same([none.status, none.body['requestId']], [404, none.headers.get('x-request-id')]);
    const timeline = await w.staff.orderTimeline(String(made.body['id']));
    same(timeline.data[0]?.traceId, traceId);
  },
});

const PREFIXES: Readonly<Record<string, string>> = {
  ':orderId': 'ord',
  ':returnId': 'ret',
  ':paymentId': 'pay',
};
/** Bodies that fit their schema, so that the missing key is what is wrong. */
const BODIES: Readonly<Record<string, object>> = {
  createOrder: {
    email: 'jane@example.com',
    currency: 'GBP',
    items: [{ sku: 'A', name: 'a', quantity: 1, unitPrice: 1 }],
    shippingAddress: { name: 'Jane Roe', line1: '1 High Street', city: 'Leeds', country: 'GB' },
  },
  createOrders: { orders: [{}] },
  createReturn: {
    orderId: UNKNOWN,
    items: [{ orderItemId: UNKNOWN.replace('ord', 'itm'), quantity: 1, reason: 'other' }],
  },
  createPayment: { orderId: UNKNOWN, method: 'card', token: 'tok_visa' },
  transitionReturn: { transition: 'approve' },
};
