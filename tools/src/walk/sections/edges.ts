import { fields, need, refused, same, section } from '../sentence.ts';

export const paymentTable = section('Shapes and edges: payment table', {
  'pending: process (→ authorized, captured, failed) · authorized: capture, void · captured, partially_refunded: refund · failed, voided, refunded: nothing (a new payment is made)':
    async (w) => {
      const open = async (id: string) =>
        (await w.staff.paymentTransitions(id)).data
          .filter((one) => one.allowed)
          .map((one) => one.transition)
          .toSorted();
      const { id: orderId } = await w.staff.createOrder(w.body());
      const pending = await w.staff.createPayment({ orderId, method: 'card', token: 'tok_expiredCard' });
      same(await open(pending.id), ['process']);
      await w.staff.processPayment(pending.id);
      same(await open(pending.id), []);
      const held = await w.charged('tok_visa', { orderId, capture: 'manual' });
      same(await open(held.id), ['capture', 'void']);
      await w.staff.voidPayment(held.id);
      same(await open(held.id), []);
      const taken = await w.charged('tok_visa', { orderId });
      same(await open(taken.id), ['refund']);
      await w.staff.refundPayment(taken.id, { amount: 1 });
      same(await open(taken.id), ['refund']);
      await w.staff.refundPayment(taken.id);
      same(await open(taken.id), []);
      await refused(w.staff.refundPayment(held.id), 409, 'transition_not_allowed');
    },
  'capture in parts, up to authorizedAmount': async (w) => {
    const { id, authorizedAmount } = await w.charged('tok_visa', { capture: 'manual' });
    same((await w.staff.capturePayment(id, { amount: 36 })).capturedAmount, 36);
    const more = w.staff.capturePayment(id, { amount: authorizedAmount });
    await refused(more, 422, 'amount_exceeds_authorized');
    same((await w.staff.capturePayment(id)).status, 'captured');
  },
  'fields: amount, authorizedAmount, capturedAmount, refundedAmount, failureCode': async (w) =>
    fields(await w.charged(), 'amount authorizedAmount capturedAmount refundedAmount failureCode'),
  'refunds: [{ id, amount, status: pending|succeeded|failed, reason, returnId }]': async (w) => {
    const { id } = await w.charged();
    const { refunds } = await w.staff.refundPayment(id, { amount: 1 });
    fields(refunds[0], 'id amount status reason returnId');
  },
  'attempts: [{ operation, outcome: succeeded|declined|pending|unknown, code, at }]': async (w) => {
    const { attempts } = await w.charged();
    fields(attempts[0], 'operation outcome code at');
    // One that was not answered in time is among them too.
    same(
      attempts.filter((one) => one.outcome !== 'unknown').map((one) => [one.operation, one.outcome]),
      [
        ['authorize', 'succeeded'],
        ['capture', 'succeeded'],
      ],
    );
  },
  'a decline is an outcome, not an error: process answers 200 with status: "failed"': async (w) => {
    const { id: orderId } = await w.staff.createOrder(w.body());
    const { id } = await w.staff.createPayment({ orderId, method: 'card', token: 'tok_chargeDeclined' });
    const answer = await w.raw('POST', `/payments/${id}/process`, { body: {} });
    same([answer.status, answer.body['status']], [200, 'failed']);
  },
});

export const repetition = section('Shapes and edges: a transition just made', {
  'asked again with the same content, answers 200 and changes nothing (no history, no event)': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    const first = await w.staff.transitionOrder(id, { transition: 'confirm', reason: 'paid' });
    const again = await w.staff.transitionOrder(id, { transition: 'confirm', reason: 'paid' });
    same(again.version, first.version);
    same((await w.staff.orderHistory(id)).data.length, 2);
    const events = await w.books(`select 1 from orders.outbox where aggregate_id = $1`, [id]);
    same(events.length, 2);
  },
  'with other content, or from a later state, it is 409': async (w) => {
    const { id } = await w.moved(['confirm']);
    const other = w.staff.transitionOrder(id, { transition: 'confirm', reason: 'another' });
    await refused(other, 409, 'transition_not_allowed');
    await w.staff.transitionOrder(id, { transition: 'process' });
    await refused(w.staff.transitionOrder(id, { transition: 'confirm' }), 409, 'transition_not_allowed');
  },
});

export const shapes = section('Shapes and edges: shapes', {
  'quote: { eligible, items: [{ orderItemId, quantity, eligible, reasons, refundAmount }], restockingFee, shippingRefundAmount, refundAmount, policyVersion }':
    async (w) => {
      const order = await w.delivered();
      const orderItemId = need('item', order.items[0]).id;
      const quote = await w.staff.quoteReturn({
        orderId: order.id,
        items: [{ orderItemId, quantity: 1, reason: 'other' }],
      });
      fields(quote, 'eligible items restockingFee shippingRefundAmount refundAmount policyVersion');
      fields(quote.items[0], 'orderItemId quantity eligible reasons refundAmount');
    },
  'refundBreakdown: { items: [{ returnItemId, quantity, price, discount, tax, amount }], shipping, restockingFee, adjustment, total }':
    async (w) => {
      const back = await w.refunded(await w.delivered(), 2);
      const breakdown = need('breakdown', back.refundBreakdown);
      fields(breakdown, 'items shipping restockingFee adjustment total');
      fields(breakdown.items[0], 'returnItemId quantity price discount tax amount');
      const { same: replays } = await w.staff.returnCalculation(back.id);
      same(replays, true);
    },
  '/transitions: { data: [{ transition, to, allowed, reasons: [code] }] }': async (w) => {
    const { data } = await w.staff.orderTransitions((await w.moved([])).id);
    for (const one of data) fields(one, 'transition to allowed reasons');
  },
  '/history: { data: [{ from, to, transition, actor: { type, id }, reason, at, eventId }] }': async (w) => {
    const { data } = await w.staff.orderHistory((await w.moved(['confirm'])).id);
    for (const one of data) {
      fields(one, 'from to transition actor reason at eventId');
      fields(one.actor, 'type id');
    }
  },
  '/timeline: { data: [{ at, source, kind, title, actor, eventId, traceId, detail }] }': async (w) => {
    const { data } = await w.staff.orderTimeline((await w.paid()).id);
    for (const one of data) fields(one, 'at source kind title actor eventId traceId detail');
  },
  'batch: { orders: […] } → 200 { results: [{ index, status, order | problem }] }': async (w) => {
    const { results } = await w.staff.createOrders({ orders: [w.body(), { ...w.body(), items: [] }] });
    same(
      results.map((one) => [one.index, one.status, Object.keys(one).toSorted().join(' ')]),
      [
        [0, 201, 'index order status'],
        [1, 400, 'index problem status'],
      ],
    );
  },
  'PATCH items replaces the list; notes is a text for staff, tags a list, metadata a map of strings': async (
    w,
  ) => {
    const { id } = await w.jane.createOrder(w.body());
    const items = [{ sku: 'B', name: 'b', quantity: 1, unitPrice: 5 }];
    await w.staff.updateOrder(id, { items, notes: 'careful', tags: ['vip'], metadata: { a: 'b' } });
    const [seen, own] = [await w.staff.getOrder(id), await w.jane.getOrder(id)];
    same(
      seen.items.map((one) => one.sku),
      ['B'],
    );
    same([seen.notes, seen.tags, seen.metadata], ['careful', ['vip'], { a: 'b' }]);
    same([own.notes, own.tags, own.metadata], [null, [], { a: 'b' }]);
    await refused(w.jane.updateOrder(id, { notes: 'x' }), 403, 'forbidden');
    same((await w.raw('PATCH', `/orders/${id}`, { body: { metadata: { a: 1 } } })).status, 400);
  },
  'channel (default default) and externalRef together are unique: 409 external_ref_taken': async (w) => {
    const externalRef = crypto.randomUUID();
    same((await w.staff.createOrder(w.body({ externalRef }))).channel, 'default');
    await refused(w.staff.createOrder(w.body({ externalRef })), 409, 'external_ref_taken');
    await w.staff.createOrder(w.body({ externalRef, channel: 'other' }));
  },
});

export const rules = section('Shapes and edges: rules', {
  'the window of a line runs from the delivery of its last parcel': async (w) => {
    const { id, items } = await w.admin.createOrder(w.body({ placedAt: '2020-01-01T00:00:00Z' }));
    for (const transition of ['confirm', 'process'] as const)
      await w.staff.transitionOrder(id, { transition });
    const parcel = (quantity: number) => ({
      items: [{ itemId: need('item', items[0]).id, quantity }],
      carrier: 'c',
      // Two parcels that are alike to the letter would be one, told twice.
      trackingNumber: crypto.randomUUID(),
    });
    await w.staff.createShipment(id, parcel(3));
    const { shipments } = await w.staff.createShipment(id, parcel(3));
    const [first, last] = shipments.map((one) => one.id);
    const old = { deliveredAt: '2020-01-05T00:00:00Z' };
    await w.staff.deliverShipment(id, need('parcel', first), old);
    await refused(w.openReturn(await w.staff.getOrder(id), 1), 422, 'return_window_closed');
    await w.staff.deliverShipment(id, need('parcel', last));
    same((await w.openReturn(await w.staff.getOrder(id), 6)).status, 'initiated');
  },
  'what comes back beyond what was asked is recorded and not refunded': async (w) => {
    const { id, items } = await w.openReturn(await w.delivered(), 1);
    await w.staff.approveReturn(id);
    const came = [{ returnItemId: need('item', items[0]).id, quantity: 3, condition: 'new' as const }];
    const here = await w.staff.transitionReturn(id, { transition: 'receive', items: came });
    same(here.items[0]?.receivedQuantity, 3);
    same((await w.staff.transitionReturn(id, { transition: 'process' })).refundAmount, 306);
  },
  'refundBreakdown prices are for the quantity': async (w) => {
    const { refundBreakdown } = await w.refunded(await w.delivered(), 2);
    const { quantity, price, tax, amount } = need('line', refundBreakdown?.items[0]);
    same([quantity, price, tax, amount], [2, 510, 102, 612]);
  },
  'a sum below zero or above what was paid for the goods and shipping: 422 adjustment_out_of_range': async (
    w,
  ) => {
    const { id } = await w.received(await w.delivered(), 1);
    for (const amount of [-307, 99_999]) {
      const step = { transition: 'process', adjustment: { amount, reason: 'x' } } as const;
      await refused(w.staff.transitionReturn(id, step), 422, 'adjustment_out_of_range');
    }
  },
  "a line's discount above its price: 422 discount_exceeds_price": async (w) => {
    const items = [{ sku: 'A', name: 'a', quantity: 1, unitPrice: 10, discountAmount: 11 }];
    await refused(w.staff.createOrder(w.body({ items })), 422, 'discount_exceeds_price');
  },
  'more cancelled than open: 422 quantity_not_cancellable': async (w) => {
    const { id, items } = await w.moved(['confirm']);
    const part = { reason: 'x', items: [{ itemId: need('item', items[0]).id, quantity: 7 }] };
    await refused(w.staff.cancelOrder(id, part), 422, 'quantity_not_cancellable');
  },
  'a return before delivery: 422 quantity_not_returnable': async (w) =>
    refused(w.openReturn(await w.moved(['confirm']), 1), 422, 'quantity_not_returnable'),
  'more than 100 in a batch: 400': async (w) => {
    const orders = Array.from({ length: 101 }, () => w.body());
    await refused(w.staff.createOrders({ orders }), 400, 'validation_failed');
  },
  'a refund that the provider refuses: 200, with that refund failed': async (w) => {
    const { id } = await w.charged('tok_refundFails');
    const answer = await w.raw('POST', `/payments/${id}/refund`, { body: { amount: 1 } });
    same([answer.status, (answer.body['refunds'] as { status: string }[])[0]?.status], [200, 'failed']);
  },
  'a payment in part captured stays authorized until the rest is captured or voided (void then gives up the rest: captured)':
    async (w) => {
      const { id } = await w.charged('tok_visa', { capture: 'manual' });
      same((await w.staff.capturePayment(id, { amount: 36 })).status, 'authorized');
      const { status, capturedAmount } = await w.staff.voidPayment(id);
      same([status, capturedAmount], ['captured', 36]);
    },
});

export const edges = section('Shapes and edges: edges', {
  'limit out of range, a cursor with other filters, an unknown filter or sort: 400': async (w) => {
    for (let turn = 0; turn < 2; turn += 1) await w.jane.createOrder(w.body());
    const cursor = need('cursor', (await w.jane.listOrders({ limit: 1 })).nextCursor);
    const other = w.jane.listOrders({ limit: 1, cursor, status: ['cancelled'] });
    await refused(other, 400, 'malformed_cursor');
    for (const query of ['limit=0', 'limit=201', 'limit=1e2', 'limit=abc', 'colour=red', 'sort=email'])
      same([query, (await w.raw('GET', `/orders?${query}`)).status], [query, 400]);
  },
  'an Accept that cannot be met: 406': async (w) => {
    const cases: [string, string][] = [
      ['/orders', 'image/png'],
      ['/orders', 'application/x-ndjson'],
      ['/orders/export', 'application/json'],
      ['/events', 'application/json'],
    ];
    for (const [path, accept] of cases)
      same([path, (await w.raw('GET', path, { headers: { accept } })).status], [path, 406]);
  },
  "another customer's things are 404; its customerId in a filter gives an empty list": async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    await refused(w.mallory.getOrder(id), 404, 'not_found');
    await refused(w.mallory.cancelOrder(id, { reason: 'mine' }), 404, 'not_found');
    const query = { customerId: 'cus_walker_jane' };
    same((await w.mallory.listOrders(query)).data, []);
    same((await w.mallory.listReturns(query)).data, []);
    same((await w.mallory.listPayments(query)).data, []);
  },
  'keys are required on POST /orders, /orders/batch, /payments, /payments/{id}/process|capture|refund, /returns, /returns/{id}/state':
    async (w) => {
      const order = await w.moved([]);
      const orderItemId = need('item', order.items[0]).id;
      const { id: paymentId } = await w.charged('tok_visa', { capture: 'manual' });
      const { id: returnId } = await w.openReturn(await w.delivered(), 1);
      const calls: [string, unknown][] = [
        ['/orders', w.body()],
        ['/orders/batch', { orders: [w.body()] }],
        ['/payments', { orderId: order.id, method: 'card', token: 'tok_visa' }],
        [`/payments/${paymentId}/process`, {}],
        [`/payments/${paymentId}/capture`, {}],
        [`/payments/${paymentId}/refund`, {}],
        ['/returns', { orderId: order.id, items: [{ orderItemId, quantity: 1, reason: 'other' }] }],
        [`/returns/${returnId}/state`, { transition: 'approve' }],
      ];
      for (const [path, body] of calls) {
        const { status, body: problem } = await w.raw('POST', path, {
          body,
          headers: { 'idempotency-key': '' },
        });
        same([path, status, problem['code']], [path, 400, 'idempotency_key_required']);
      }
    },
});
