import { until, type ListOrdersQuery } from '@oms/client';
import { fields, holds, need, refused, same, section } from '../sentence.ts';
import type { World } from '../world.ts';

/** The ids that a filter gives. */
const found = async (w: World, query: ListOrdersQuery): Promise<string[]> =>
  (await w.staff.listOrders(query)).data.map((one) => one.id);

/** A filter gives the one order, and under another value none of it. */
async function filters(w: World, id: string, query: ListOrdersQuery, other: ListOrdersQuery): Promise<void> {
  same([query, await found(w, query)], [query, [id]]);
  holds(`${JSON.stringify(other)} gives others`, !(await found(w, other)).includes(id));
}

export const orders = section('Orders', {
  'states: pending → confirmed → processing → shipped → delivered, by confirm, process, ship, deliver; each state keeps its time, each order its previous state':
    async (w) => {
      const { id } = await w.staff.createOrder(w.body());
      const seen: unknown[] = [];
      for (const transition of ['confirm', 'process', 'ship', 'deliver'] as const) {
        const order = await w.staff.transitionOrder(id, { transition });
        seen.push([order.previousStatus, order.status]);
      }
      same(seen, [
        ['pending', 'confirmed'],
        ['confirmed', 'processing'],
        ['processing', 'shipped'],
        ['shipped', 'delivered'],
      ]);
      const { confirmedAt, processingAt, shippedAt, deliveredAt } = await w.staff.getOrder(id);
      const times = [confirmedAt, processingAt, shippedAt, deliveredAt];
      same(times, [...times].sort());
      same(times.includes(null), false);
    },
  'and cancelled (cancel)': async (w) => {
    const { id } = await w.moved(['confirm', 'process']);
    const order = await w.staff.transitionOrder(id, { transition: 'cancel' });
    same([order.status, order.cancelledAt !== null], ['cancelled', true]);
  },
  'and returned (return)': async (w) => {
    const order = await w.delivered();
    await w.refunded(order, 6);
    const { returnedAt } = await w.orderUntil(order.id, (one) => one.status === 'returned');
    same(returnedAt === null, false);
  },
  'GET /orders: filter status (repeatable)': async (w) => {
    const email = `${crypto.randomUUID()}@example.com`;
    const a = await w.moved(['confirm'], { email });
    const b = await w.moved([], { email });
    same(await found(w, { email, status: ['pending', 'confirmed'] }), [b.id, a.id]);
    same(await found(w, { email, status: ['confirmed'] }), [a.id]);
  },
  'GET /orders: filter customerId': async (w) => {
    const customerId = `cus_${crypto.randomUUID()}`;
    const { id } = await w.staff.createOrder(w.body({ customerId }));
    await filters(w, id, { customerId }, { customerId: 'cus_nobody' });
  },
  'GET /orders: filter email': async (w) => {
    const email = `${crypto.randomUUID()}@example.com`;
    const { id } = await w.staff.createOrder(w.body({ email }));
    await filters(w, id, { email }, { email: 'nobody@example.com' });
  },
  'GET /orders: filter number': async (w) => {
    const { id, number } = await w.staff.createOrder(w.body());
    await filters(w, id, { number }, { number: 'ORD-1' });
  },
  'GET /orders: filter externalRef': async (w) => {
    const externalRef = crypto.randomUUID();
    const { id } = await w.staff.createOrder(w.body({ externalRef }));
    await filters(w, id, { externalRef }, { externalRef: 'none' });
  },
  'GET /orders: filter sku': async (w) => {
    const sku = crypto.randomUUID().toUpperCase();
    const { id } = await w.staff.createOrder(
      w.body({ items: [{ sku, name: 'a', quantity: 1, unitPrice: 1 }] }),
    );
    await filters(w, id, { sku }, { sku: 'NONE' });
  },
  'GET /orders: filters createdAfter, createdBefore': async (w) => {
    const email = `${crypto.randomUUID()}@example.com`;
    const { id, createdAt } = await w.staff.createOrder(w.body({ email }));
    const before = new Date(Date.parse(createdAt) - 1000).toISOString();
    const after = new Date(Date.parse(createdAt) + 1000).toISOString();
    await filters(
      w,
      id,
      { email, createdAfter: before, createdBefore: after },
      { email, createdAfter: after },
    );
    same(await found(w, { email, createdBefore: before }), []);
  },
  'GET /orders: q (free text) over number, email, external reference, SKU and name': async (w) => {
    const word = () => `w${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
    const [user, sku, name, ref, recipient] = [word(), word(), word(), word(), word()];
    const { id, number } = await w.staff.createOrder(
      w.body({
        email: `${user}@example.com`,
        externalRef: `ref-${ref}`,
        items: [{ sku: sku.toUpperCase(), name: `Hanging ${name} heart`, quantity: 1, unitPrice: 1 }],
        shippingAddress: { name: `Jane ${recipient}`, line1: '1 High Street', city: 'Leeds', country: 'GB' },
      }),
    );
    for (const q of [number, `${user}@example.com`, `ref-${ref}`, sku, `${name} hang`, recipient.slice(0, 8)])
      same([q, await found(w, { q })], [q, [id]]);
    same(await found(w, { q: `${name} ${word()}` }), []);
  },
  'GET /orders/{id}: the order with items, quantities, shipments, availableTransitions': async (w) => {
    const order = await w.moved(['confirm', 'process', 'ship']);
    same([order.items.length, order.shipments.length, order.availableTransitions], [1, 1, ['deliver']]);
    same(order.items[0]?.quantities.shipped, 6);
  },
  'PATCH /orders/{id}: addresses, email, metadata, notes, tags': async (w) => {
    const { id } = await w.moved(['confirm', 'process', 'ship']);
    const address = { name: 'J. Roe', line1: '2 Low Street', city: 'York', country: 'GB' };
    const change = { email: 'new@example.com', metadata: { a: 'b' }, notes: 'n', tags: ['vip'] };
    const changed = await w.staff.updateOrder(id, {
      ...change,
      shippingAddress: address,
      billingAddress: address,
    });
    const { email, metadata, notes, tags, shippingAddress, billingAddress } = changed;
    same({ email, metadata, notes, tags }, change);
    same([shippingAddress.city, billingAddress?.city], ['York', 'York']);
  },
  'PATCH /orders/{id}: items only while pending, totals recomputed': async (w) => {
    const { id } = await w.staff.createOrder(w.body({ shippingAmount: 495 }));
    const items = [{ sku: 'A', name: 'a', quantity: 2, unitPrice: 100 }];
    const { subtotal, total } = await w.staff.updateOrder(id, { items });
    same([subtotal, total], [200, 695]);
    await w.staff.transitionOrder(id, { transition: 'confirm' });
    await refused(w.staff.updateOrder(id, { items }), 422, 'order_not_editable');
  },
  'PATCH /orders/{id}: who changed which fields, and when, is in the history': async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    await w.jane.updateOrder(id, { email: 'jane.roe@example.com' });
    await w.staff.updateOrder(id, { notes: 'careful' });
    const changes = async (by = w.staff) =>
      (await by.orderHistory(id)).data.flatMap(({ actor, changed }) =>
        changed ? [[actor.type, changed]] : [],
      );
    same(await changes(), [
      ['customer', ['email']],
      ['staff', ['notes']],
    ]);
    same(await changes(w.jane), [['customer', ['email']]]);
  },
  'POST /orders/{id}/state: { transition, reason? } → the order': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    const order = await w.staff.transitionOrder(id, { transition: 'confirm', reason: 'bank transfer' });
    same([order.id, order.status], [id, 'confirmed']);
    same((await w.staff.orderHistory(id)).data.at(-1)?.reason, 'bank transfer');
  },
  'POST /orders/{id}/cancel: all of it, or part of what has not shipped': async (w) => {
    const { id, items } = await w.paid();
    const itemId = need('item', items[0]).id;
    const part = await w.staff.cancelOrder(id, { reason: 'sold out', items: [{ itemId, quantity: 2 }] });
    same([part.status, part.items[0]?.quantities.cancelled], ['confirmed', 2]);
    const all = await w.staff.cancelOrder(id, { reason: 'changed their mind' });
    same([all.status, all.items[0]?.quantities.cancelled], ['cancelled', 6]);
  },
  'a customer may cancel until it ships': async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    same((await w.jane.cancelOrder(id, { reason: 'x' })).status, 'cancelled');
    const shipped = await w.jane.createOrder(w.body());
    for (const transition of ['confirm', 'process', 'ship'] as const)
      await w.staff.transitionOrder(shipped.id, { transition });
    await refused(w.jane.cancelOrder(shipped.id, { reason: 'x' }), 409, 'transition_not_allowed');
  },
  'money taken is voided or refunded by the saga': async (w) => {
    const taken = await w.paid();
    await w.staff.cancelOrder(taken.id, { reason: 'x' });
    await w.orderUntil(taken.id, (order) => order.paymentStatus === 'refunded');
    const held = await w.staff.createOrder(
      w.body({ payment: { method: 'card', token: 'tok_visa', capture: 'manual' } }),
    );
    await w.orderUntil(held.id, (order) => order.paymentStatus === 'authorized');
    await w.staff.cancelOrder(held.id, { reason: 'x' });
    await w.orderUntil(held.id, (order) => order.paymentStatus === 'voided');
    const { operation } = need('effect', (await w.ledger((await w.paymentOf(held.id)).id)).at(-1));
    same(operation, 'void');
  },
  'POST /orders/{id}/hold · /release: { reason: fraud|address|manual, note? }; a held order does not go forward':
    async (w) => {
      for (const reason of ['fraud', 'address', 'manual'] as const) {
        const { id } = await w.staff.createOrder(w.body());
        same((await w.staff.holdOrder(id, { reason, note: 'n' })).hold?.reason, reason);
        await refused(w.staff.transitionOrder(id, { transition: 'confirm' }), 409, 'order_on_hold');
        same((await w.staff.releaseOrder(id, { note: 'fine' })).hold, null);
        await w.staff.transitionOrder(id, { transition: 'confirm' });
      }
    },
  'a customer sees that the order is held, and nowhere why': async (w) => {
    const { id } = await w.jane.createOrder(w.body());
    await w.staff.holdOrder(id, { reason: 'fraud', note: 'two countries' });
    const seen = [await w.jane.getOrder(id), await w.jane.orderHistory(id), await w.jane.orderTimeline(id)];
    same((seen[0] as { hold: unknown }).hold !== null, true);
    same(/fraud|two countries/.test(JSON.stringify(seen)), false);
  },
  'POST /orders/batch: up to 100 creates, a result for each': async (w) => {
    const good = Array.from({ length: 99 }, () => w.body());
    const orders = [...good, { ...w.body(), currency: 'pounds' }];
    const { results } = await w.staff.createOrders({ orders });
    same([results.length, results.filter((one) => one.status === 201).length], [100, 99]);
    same(
      results.map((one) => one.index),
      [...results.keys()],
    );
    fields(results[0], 'index status order');
    fields(results[99], 'index status problem');
  },
  'GET /orders/export: NDJSON stream under the list’s filters (returns and payments export too)': async (
    w,
  ) => {
    const order = await w.delivered({ externalRef: crypto.randomUUID() });
    await w.openReturn(order, 1);
    const payment = await w.paymentOf(order.id);
    const lines = async (path: string) => {
      const headers = { accept: 'application/x-ndjson' };
      const { status, headers: answered, text } = await w.raw('GET', path, { headers });
      same([status, answered.get('content-type')?.split(';')[0]], [200, 'application/x-ndjson']);
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { id: string }).id);
    };
    same(await lines(`/orders/export?externalRef=${order.externalRef}`), [order.id]);
    same((await lines(`/returns/export?orderId=${order.id}`)).length, 1);
    same(await lines(`/payments/export?orderId=${order.id}`), [payment.id]);
  },
  'GET /orders/{id}/transitions: what may happen next, and why not what may not': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    await w.staff.holdOrder(id, { reason: 'manual' });
    const { data } = await w.staff.orderTransitions(id);
    const told = (name: string) => data.find((one) => one.transition === name);
    same([told('cancel')?.allowed, told('cancel')?.to], [true, 'cancelled']);
    same([told('confirm')?.allowed, told('confirm')?.reasons], [false, ['order_on_hold']]);
    same([told('ship')?.allowed, told('ship')?.reasons.length], [false, 1]);
  },
  'GET /orders/{id}/history: the audit trail: from, to, transition, actor, reason, at, eventId': async (
    w,
  ) => {
    const { id } = await w.moved(['confirm']);
    const { data } = await w.staff.orderHistory(id);
    fields(data[0], 'from to transition actor reason at eventId');
    same(
      data.map((one) => [one.from, one.to, one.transition, one.actor.type]),
      [
        [null, 'pending', 'place', 'staff'],
        ['pending', 'confirmed', 'confirm', 'staff'],
      ],
    );
    same(data[1]?.actor, { type: 'staff', id: 'walker' });
  },
  'GET /orders/{id}/timeline: order, payments, returns and messages in one list, oldest first': async (w) => {
    const order = await w.delivered();
    await w.refunded(order, 1);
    const sources = (data: { source: string }[]) => [...new Set(data.map((one) => one.source))].sort();
    const { data } = await until(
      () => w.staff.orderTimeline(order.id),
      (timeline) => sources(timeline.data).includes('message'),
    );
    same(sources(data), ['message', 'order', 'payment', 'return']);
    const times = data.map((one) => one.at);
    same(times, [...times].sort());
    const moves = data.filter((one) => one.kind === 'transition' && one.source === 'order');
    holds(
      'who did it',
      moves.every((one) => one.actor !== null),
    );
    holds(
      'traces',
      moves.every((one) => /^[0-9a-f]{32}$/.test(one.traceId ?? '')),
    );
    holds(
      'events',
      moves.some((one) => /^evt_/.test(one.eventId ?? '')),
    );
  },
  'POST /orders/{id}/shipments: a part or the whole; the order is shipped when nothing is left to ship':
    async (w) => {
      const { id, items } = await w.moved(['confirm', 'process']);
      const part = (quantity: number) =>
        w.staff.createShipment(id, {
          items: [{ itemId: need('item', items[0]).id, quantity }],
          carrier: 'Royal Mail',
          trackingNumber: 'RM1',
          trackingUrl: 'https://example.com/RM1',
        });
      const first = await part(4);
      same([first.status, first.shipments[0]?.trackingUrl], ['processing', 'https://example.com/RM1']);
      await refused(part(3), 422, 'quantity_not_shippable');
      same((await part(2)).status, 'shipped');
    },
  'POST /orders/{id}/shipments/{shipmentId}/deliver: the order is delivered when all of it is': async (w) => {
    const { id, items } = await w.moved(['confirm', 'process']);
    for (const quantity of [4, 2])
      await w.staff.createShipment(id, {
        items: [{ itemId: need('item', items[0]).id, quantity }],
        carrier: 'c',
        trackingNumber: 't',
      });
    const statuses = [];
    for (const parcel of (await w.staff.getOrder(id)).shipments)
      statuses.push((await w.staff.deliverShipment(id, parcel.id)).status);
    same(statuses, ['shipped', 'delivered']);
  },
});
