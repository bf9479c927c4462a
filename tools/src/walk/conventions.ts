import { section, refused, same } from './sentence.ts';

export const conventions = section('Conventions', {
  'a created resource answers 201 with Location and its body': async (w) => {
    const made = await w.raw('POST', '/orders', { body: w.body() });
    same([made.status, made.headers.get('location')], [201, `/api/v1/orders/${String(made.body['id'])}`]);
  },
  'a read answers ETag and honours If-None-Match': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    const first = await w.raw('GET', `/orders/${id}`);
    const again = await w.raw('GET', `/orders/${id}`, {
      headers: { 'if-none-match': first.headers.get('etag') ?? '' },
    });
    same([first.status, again.status], [200, 304]);
  },
  'a write for another version is 412': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    await refused(
      w.staff.updateOrder(id, { email: 'x@example.com' }, { ifMatch: 99 }),
      412,
      'version_mismatch',
    );
  },
  'the same key and body answer with the first answer, and say so': async (w) => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const [body] = [w.body()];
    const first = await w.raw('POST', '/orders', { body, headers });
    const again = await w.raw('POST', '/orders', { body, headers });
    same([again.status, again.headers.get('idempotency-replayed')], [201, 'true']);
    same(again.body, first.body);
  },
  'another body under the same key is 422': async (w) => {
    const idempotencyKey = crypto.randomUUID();
    await w.staff.createOrder(w.body(), { idempotencyKey });
    await refused(
      w.staff.createOrder(w.body({ email: 'other@example.com' }), {
        idempotencyKey,
      }),
      422,
      'idempotency_key_reused',
    );
  },
  'a call that creates or moves money needs a key': async (w) => {
    const answer = await w.raw('POST', '/orders', {
      body: w.body(),
      headers: { 'idempotency-key': '' },
    });
    same([answer.status, answer.body['code']], [400, 'idempotency_key_required']);
  },
  'a problem has type, title, status, instance, code, requestId': async (w) => {
    const { body, headers } = await w.raw('GET', '/orders/ord_01jd3z6q8kf5v9c2x7m4t0b1ha');
    same([body['type'], body['status'], body['code']], ['/problems/not_found', 404, 'not_found']);
    same(body['requestId'], headers.get('x-request-id'));
  },
  'unknown fields are refused by name': async (w) => {
    const { status, body } = await w.raw('POST', '/orders', {
      body: { ...w.body(), colour: 'red' },
    });
    same([status, body['errors']], [400, [{ path: 'colour', message: 'unknown field' }]]);
  },
  'a transition that the state does not allow is 409 with from, transition, allowedTransitions': async (
    w,
  ) => {
    const { id } = await w.staff.createOrder(w.body());
    const { status, body } = await w.raw('POST', `/orders/${id}/state`, {
      body: { transition: 'ship' },
    });
    same(
      [status, body['code'], body['from'], body['transition']],
      [409, 'transition_not_allowed', 'pending', 'ship'],
    );
    same(body['allowedTransitions'], ['confirm', 'cancel']);
  },
  'lists answer data and nextCursor, newest first, and a cursor goes on without a gap': async (w) => {
    const made = [];
    for (let turn = 0; turn < 3; turn += 1) made.unshift((await w.jane.createOrder(w.body())).id);
    const first = await w.jane.listOrders({ limit: 2 });
    const second = await w.jane.listOrders({
      limit: 2,
      cursor: first.nextCursor ?? '',
    });
    same(
      [...first.data, ...second.data].slice(0, 3).map((one) => one.id),
      made,
    );
  },
  'a cursor with other filters, a tampered one, an unknown filter or sort, a limit out of range: 400': async (
    w,
  ) => {
    for (let turn = 0; turn < 2; turn += 1) await w.jane.createOrder(w.body());
    const { nextCursor } = await w.jane.listOrders({ limit: 1 });
    await refused(
      w.jane.listOrders({
        limit: 1,
        cursor: nextCursor ?? '',
        status: 'cancelled',
      }),
      400,
      'malformed_cursor',
    );
    await refused(w.jane.listOrders({ limit: 1, cursor: `${nextCursor}x` }), 400, 'malformed_cursor');
    for (const query of ['colour=red', 'sort=email', 'limit=0', 'limit=201'])
      same((await w.raw('GET', `/orders?${query}`)).status, 400);
  },
  'lists sort by createdAt and total, both ways': async (w) => {
    for (const sort of ['createdAt', '-createdAt', 'total', '-total'] as const) {
      const { data } = await w.staff.listOrders({ sort, limit: 20 });
      const by = data.map((one) => (sort.endsWith('total') ? one.total : Date.parse(one.createdAt)));
      same(
        by,
        [...by].sort((a, b) => (sort.startsWith('-') ? b - a : a - b)),
      );
    }
  },
  'an answer takes part in the trace of the caller and names its request': async (w) => {
    const { headers } = await w.raw('GET', '/orders?limit=1', {
      headers: { 'x-request-id': 'mine-1' },
    });
    same(headers.get('x-request-id'), 'mine-1');
  },
  'the limits are told with RateLimit fields': async (w) => {
    const { headers } = await w.raw('GET', '/orders?limit=1');
    same([headers.has('ratelimit'), headers.has('ratelimit-policy')], [true, true]);
  },
  "another customer's things are 404, and its customerId in a filter gives an empty list": async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    await refused(w.mallory.getOrder(id), 404, 'not_found');
    await refused(w.mallory.cancelOrder(id, { reason: 'mine' }), 404, 'not_found');
    same((await w.mallory.listOrders({ customerId: 'cus_walker_jane' })).data, []);
  },
  'what is for staff is 403 for a customer': async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    await refused(w.jane.transitionOrder(id, { transition: 'confirm' }), 403, 'forbidden');
  },
  'an Accept that cannot be met is 406, another media type 415, another method 405 with Allow, a body of 2 MiB 413':
    async (w) => {
      same((await w.raw('GET', '/orders', { headers: { accept: 'image/png' } })).status, 406);
      same(
        (
          await w.raw('POST', '/orders', {
            body: '<x/>',
            headers: { 'content-type': 'text/xml' },
          })
        ).status,
        415,
      );
      const put = await w.raw('PUT', '/orders');
      same([put.status, put.headers.get('allow')], [405, 'POST, GET']);
      same(
        (
          await w.raw('POST', '/orders', {
            body: { notes: 'x'.repeat(2 ** 21) },
          })
        ).status,
        413,
      );
    },
});

export const also = section('Also', {
  'livez, readyz, metrics, openapi.json, docs, asyncapi.json are served': async (w) => {
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs', '/asyncapi.json'])
      same([path, (await fetch(w.url + path)).status], [path, 200]);
  },
});
