import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@oms/client';
import { readRunFile } from '../../run-file.ts';
import { fields, holds, need, refused, same, section } from '../sentence.ts';
import { longAgo } from '../cases.ts';
import type { Raw, World } from '../world.ts';

const UNKNOWN = 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha';
/** What only we should ever see: code, statements, addresses of ours. */
const INTERNAL =
  /node_modules|\.[jt]s:\d|at \w+ \(|\b(select|insert|update) .*\b(from|into|set)\b|127\.0\.0\.1|postgres|rpc\./i;

const problem = (answer: Raw, status: number, code: string): void =>
  same(
    [answer.status, answer.body['code'], answer.headers.get('content-type')?.split(';')[0]],
    [status, code, 'application/problem+json'],
  );

/** Signals return-service as it runs now, and waits until it answers again. */
async function signalled<T>(w: World, signal: NodeJS.Signals, during: () => Promise<T>): Promise<T> {
  const { pid } = need('process', readRunFile()['return-service']);
  process.kill(pid, signal);
  try {
    return await during();
  } finally {
    if (signal === 'SIGSTOP') process.kill(pid, 'SIGCONT');
    await until(
      () => w.raw('GET', '/returns?limit=1'),
      (answer) => answer.status === 200,
    );
  }
}

/**
 * Whether return-service was seen to be away in the second or so that it takes to come back. No read waits for the one before
 * it: what a service was sent just before its end is answered by nobody, and only when it is back.
 */
async function seenAway(w: World): Promise<boolean> {
  let seen = false;
  for (let turn = 0; turn < 200 && !seen; turn += 1) {
    void w.raw('GET', '/returns?limit=1').then(
      ({ status }) => (seen ||= status === 503),
      () => undefined,
    );
    await pause(10);
  }
  return seen;
}

/** A return that may be asked for again and again under one key. */
async function returnUnderOneKey(w: World) {
  const order = await w.delivered();
  const body = {
    orderId: order.id,
    items: [{ orderItemId: need('item', order.items[0]).id, quantity: 1, reason: 'other' }],
  };
  const headers = { 'idempotency-key': crypto.randomUUID() };
  return { orderId: order.id, send: () => w.raw('POST', '/returns', { body, headers }) };
}

/** The answer to one wrong token too many, from an address of its own, so that nobody else is limited by it. */
async function guessedUntilLimited(url: string): Promise<IncomingMessage> {
  const guess = () =>
    new Promise<IncomingMessage>((done, fail) => {
      const options = { localAddress: '127.0.0.29', headers: { authorization: 'Bearer wrong' } };
      get(`${url}/api/v1/orders`, options, (answer) => done(answer.resume())).on('error', fail);
    });
  for (let turn = 0; turn < 200; turn += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, guess));
    const limited = answers.find((answer) => answer.statusCode !== 401);
    if (limited) return limited;
  }
  throw new Error('nobody limits guessing');
}

export const errors = section('Conventions: errors', {
  'errors are application/problem+json: type, title, status, detail, instance, code, requestId, errors for 400/422':
    async (w) => {
      const answer = await w.raw('POST', '/orders', { body: { ...w.body(), currency: 'pounds' } });
      problem(answer, 400, 'validation_failed');
      fields(answer.body, 'type title status detail instance code requestId errors');
      same(answer.body['requestId'], answer.headers.get('x-request-id'));
      same(
        (answer.body['errors'] as object[]).map((one) => Object.keys(one)),
        [['path', 'message']],
      );
    },
  'never a stack, an SQL text, or an internal host': async (w) => {
    const tries: [string, string, unknown][] = [
      ['POST', '/orders', '{'],
      ['POST', '/orders', { ...w.body(), externalRef: "x'; drop table orders.order; --" }],
      ['GET', '/orders?q=%27%29%20union%20select%201', undefined],
      ['GET', '/orders/%00', undefined],
      ['GET', '/orders?cursor=AAAA', undefined],
      ['POST', `/orders/${UNKNOWN}/state`, { transition: 'fly' }],
      ['GET', '/nothing/here', undefined],
    ];
    for (const [method, path, body] of tries) {
      const { status, text } = await w.raw(method, path, body === undefined ? {} : { body });
      holds(`${path}: no 5xx`, status < 500);
      if (status >= 400) same(INTERNAL.exec(text.replace(/"instance":"[^"]*"/, ''))?.[0], undefined);
    }
  },
  '400 what cannot be parsed or fails the schema': async (w) => {
    problem(await w.raw('POST', '/orders', { body: '{"email":' }), 400, 'malformed_body');
    const items = [{ sku: 'A', name: 'a', quantity: 0, unitPrice: 1 }];
    const { status, body } = await w.raw('POST', '/orders', { body: { ...w.body(), items } });
    same([status, (body['errors'] as { path: string }[])[0]?.path], [400, 'items.0.quantity']);
  },
  'unknown fields are refused by name': async (w) => {
    const { status, body } = await w.raw('POST', '/orders', { body: { ...w.body(), colour: 'red' } });
    same([status, body['errors']], [400, [{ path: 'colour', message: 'unknown field' }]]);
  },
  '401 who does not say who it is': async (w) => {
    const answer = await w.fetch(`${w.url}/api/v1/orders`);
    same([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer realm="oms"']);
  },
  '403 what is for others': async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    await refused(w.jane.transitionOrder(id, { transition: 'confirm' }), 403, 'forbidden');
  },
  '404 what is not there, also for what the caller may not see': async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    await refused(w.staff.getOrder(UNKNOWN), 404, 'not_found');
    await refused(w.mallory.getOrder(id), 404, 'not_found');
  },
  '409 a transition that the current state does not allow (from, transition, allowedTransitions)': async (
    w,
  ) => {
    const { id } = await w.staff.createOrder(w.body());
    const answer = await w.raw('POST', `/orders/${id}/state`, { body: { transition: 'ship' } });
    problem(answer, 409, 'transition_not_allowed');
    const { from, transition, allowedTransitions } = answer.body;
    same([from, transition, allowedTransitions], ['pending', 'ship', ['confirm', 'cancel']]);
  },
  '413 a body that is too large': async (w) =>
    problem(await w.raw('POST', '/orders', { body: { notes: 'x'.repeat(2 ** 21) } }), 413, 'body_too_large'),
  '415 another media type': async (w) => {
    const headers = { 'content-type': 'text/xml' };
    problem(await w.raw('POST', '/orders', { body: '<x/>', headers }), 415, 'unsupported_media_type');
  },
  '422 a rule of the business (quantity_not_returnable, refund_exceeds_captured, return_window_closed, …)':
    async (w) => {
      const order = await w.delivered();
      await refused(w.openReturn(order, 7), 422, 'quantity_not_returnable');
      const { id } = await w.paymentOf(order.id);
      await refused(w.staff.refundPayment(id, { amount: 99_999 }), 422, 'refund_exceeds_captured');
      await refused(w.openReturn(await longAgo(w), 1), 422, 'return_window_closed');
    },
  '429 with Retry-After and the RateLimit fields': async (w) => {
    const known = await w.raw('GET', '/orders?limit=1');
    same([known.headers.has('ratelimit'), known.headers.has('ratelimit-policy')], [true, true]);
    const { statusCode, headers } = await guessedUntilLimited(w.url);
    same([statusCode, headers['content-type']?.split(';')[0]], [429, 'application/problem+json']);
    const seconds = Number(headers['retry-after']);
    holds('when to come again', seconds > 0 && seconds <= 60);
    same(headers['ratelimit'], `"stranger"; r=0; t=${seconds}`);
    same(/^"stranger"; q=\d+; w=60$/.test(String(headers['ratelimit-policy'])), true);
  },
  '504 when a service answers too late, and the write is safe to send again under its key': async (w) => {
    const { orderId, send } = await returnUnderOneKey(w);
    await signalled(w, 'SIGSTOP', async () => problem(await send(), 504, 'service_timeout'));
    const sent = await until(send, (answer) => answer.status === 201);
    const again = await send();
    same([again.status, again.body['id']], [201, sent.body['id']]);
    same((await w.staff.listReturns({ orderId })).data.length, 1);
  },
  '503 with Retry-After when a service does not answer, and the write is safe to send again under its key':
    async (w) => {
      // On a busy machine it may be back unseen; the more often it ends, the later it is started again.
      for (let kills = 1; kills <= 5; kills += 1) {
        const { orderId, send } = await returnUnderOneKey(w);
        const answer = await signalled(w, 'SIGKILL', async () => ((await seenAway(w)) ? send() : undefined));
        if (answer === undefined || answer.status === 201) continue;
        problem(answer, 503, 'service_unavailable');
        same(Number(answer.headers.get('retry-after')) > 0, true);
        await until(send, ({ status }) => status === 201);
        same((await w.staff.listReturns({ orderId })).data.length, 1);
        return;
      }
      throw new Error('it was killed five times, and never seen to be away');
    },
});

export const lists = section('Conventions: lists', {
  '?limit= (1–200, default 50) &cursor=, answer { data, nextCursor }': async (w) => {
    for (let turn = 0; turn < 3; turn += 1) await w.staff.createOrder(w.body());
    const { body } = await w.raw('GET', '/orders');
    same(Object.keys(body), ['data', 'nextCursor']);
    holds('fifty at most', (body['data'] as object[]).length <= 50);
    same((await w.staff.listOrders({ limit: 2 })).data.length, 2);
    const all = await w.staff.listOrders({ customerId: `cus_${crypto.randomUUID()}` });
    same(all, { data: [], nextCursor: null });
  },
  'newest first': async (w) => {
    const { data } = await w.staff.listOrders({ limit: 20 });
    const ids = data.map((one) => one.id);
    same(ids, [...ids].sort().reverse());
  },
  'sorting with ?sort=createdAt|-createdAt|total|-total': async (w) => {
    for (const sort of ['createdAt', '-createdAt', 'total', '-total'] as const) {
      const { data } = await w.staff.listOrders({ sort, limit: 20 });
      const by = data.map((one) => (sort.endsWith('total') ? one.total : Date.parse(one.createdAt)));
      same(
        by,
        [...by].sort((a, b) => (sort.startsWith('-') ? b - a : a - b)),
      );
    }
  },
  'cursors are opaque, stable under inserts': async (w) => {
    const email = `${crypto.randomUUID()}@example.com`;
    const made: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) made.unshift((await w.staff.createOrder(w.body({ email }))).id);
    const first = await w.staff.listOrders({ email, limit: 2 });
    await w.staff.createOrder(w.body({ email }));
    const second = await w.staff.listOrders({ email, limit: 2, cursor: need('cursor', first.nextCursor) });
    same(
      [...first.data, ...second.data].map((one) => one.id),
      made,
    );
    same(second.nextCursor, null);
  },
  'cursors are refused when tampered with': async (w) => {
    for (let turn = 0; turn < 2; turn += 1) await w.jane.createOrder(w.body());
    const cursor = need('cursor', (await w.jane.listOrders({ limit: 1 })).nextCursor);
    await refused(w.jane.listOrders({ limit: 1, cursor: `${cursor}x` }), 400, 'malformed_cursor');
  },
});

export const callers = section('Conventions: callers', {
  'Authorization: Bearer a JWT, or an API key in X-Api-Key': async (w) => {
    same((await w.raw('GET', '/orders?limit=1')).status, 200);
    const made = await w.admin.createApiKey({ name: 'walker', scopes: ['orders:read'] });
    const headers = { 'x-api-key': made.key };
    same((await w.fetch(`${w.url}/api/v1/orders?limit=1`, { headers })).status, 200);
    same(JSON.stringify(await w.admin.listApiKeys()).includes(made.key), false);
    same((await w.admin.revokeApiKey(made.id)).revokedAt !== null, true);
  },
  'customer: its own orders, returns and payments only (sub is the customerId)': async (w) => {
    const order = await w.delivered({}, w.jane);
    same(order.customerId, 'cus_walker_jane');
    const back = await w.openReturn(order, 1, {}, w.jane);
    const payment = await w.paymentOf(order.id);
    const paths = [`/orders/${order.id}`, `/returns/${back.id}`, `/payments/${payment.id}`];
    for (const path of paths)
      for (const sub of ['', '/transitions', '/history', ...(path.startsWith('/pay') ? [] : ['/timeline'])]) {
        const status = async (subject: string) => {
          const authorization = `Bearer ${await w.token('customer', subject)}`;
          return (await w.raw('GET', path + sub, { headers: { authorization } })).status;
        };
        same(
          [path + sub, await status('cus_walker_jane'), await status('cus_walker_mallory')],
          [path + sub, 200, 404],
        );
      }
  },
  'staff: all of them, and every transition': async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    for (const transition of ['confirm', 'process', 'ship', 'deliver'] as const)
      await w.staff.transitionOrder(id, { transition });
    same((await w.staff.getOrder(id)).status, 'delivered');
  },
  'admin also webhooks, API keys, dead letters, imports': async (w) => {
    for (const path of ['/webhooks', '/api-keys', '/dead-letters', '/return-policies']) {
      const [staff, admin] = [await w.raw('GET', path), await w.raw('GET', path, { by: 'admin' })];
      same([path, staff.status, admin.status], [path, 403, 200]);
    }
    const placedAt = '2010-12-01T08:26:00Z';
    await refused(w.staff.createOrder(w.body({ placedAt })), 403, 'forbidden');
    same((await w.admin.createOrder(w.body({ placedAt }))).placedAt, '2010-12-01T08:26:00.000Z');
  },
  'service: scoped; the missing scope is named': async (w) => {
    const token = await w.token('service', 'svc_walker', 'orders:read');
    const headers = { authorization: `Bearer ${token}` };
    same((await w.raw('GET', '/orders?limit=1', { headers })).status, 200);
    const no = await w.raw('GET', '/returns?limit=1', { headers });
    problem(no, 403, 'insufficient_scope');
    same(no.headers.get('www-authenticate')?.includes('scope="returns:read"'), true);
  },
});
