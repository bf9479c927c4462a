import type { CreateOrder } from '@oms/client';
import { fields, need, refused, same, section } from '../sentence.ts';

export const placing = section('Orders: the body and its answer', {
  'needed: email or customerId, currency, items, shippingAddress': async (w) => {
    for (const name of ['email', 'currency', 'items', 'shippingAddress']) {
      const body = { ...w.body(), [name]: undefined };
      same([name, (await w.raw('POST', '/orders', { body })).status], [name, 400]);
    }
    const { id } = await w.staff.createOrder(w.body({ email: null, customerId: 'cus_42' }));
    same((await w.staff.getOrder(id)).customerId, 'cus_42');
  },
  'items 1–2,000; quantity ≥ 1, unitPrice ≥ 0': async (w) => {
    const item = { sku: 'A', name: 'a', quantity: 1, unitPrice: 0 };
    const status = async (items: object[]) =>
      (await w.raw('POST', '/orders', { body: { ...w.body(), items } })).status;
    same(await status([]), 400);
    same(await status([{ ...item, quantity: 0 }]), 400);
    same(await status([{ ...item, unitPrice: -1 }]), 400);
    same(await status(Array.from({ length: 2_001 }, () => item)), 400);
    same(await status(Array.from({ length: 2_000 }, () => item)), 201);
  },
  "a customer's own id is taken from its token": async (w) => {
    const { customerId } = await w.jane.createOrder(w.body({ email: null }));
    same(customerId, 'cus_walker_jane');
    const other = await w.jane.createOrder(w.body({ customerId: 'cus_walker_mallory' })).catch(() => null);
    same(other === null || other.customerId === 'cus_walker_jane', true);
  },
  'discountAmount on the order is spread over the items, so that every item knows what was really paid for it':
    async (w) => {
      const items = [1, 2, 3].map((n) => ({ sku: `S${n}`, name: 'x', quantity: 1, unitPrice: 10_000 }));
      const order = await w.staff.createOrder(w.body({ items, discountAmount: 1_000 }));
      same(
        order.items.map((one) => [one.orderDiscountShare, one.total]),
        [
          [334, 9_666],
          [333, 9_667],
          [333, 9_667],
        ],
      );
    },
  'payment starts the order saga: authorised → the order is confirmed': async (w) => {
    const order = await w.paid();
    same([order.previousStatus, order.confirmedAt !== null], ['pending', true]);
    const saga = await w.sagaOf(order.id, (state) => state === 'finished');
    same(saga.kind, 'placing');
  },
  'declined → the order is cancelled (payment_failed)': async (w) => {
    const payment = { method: 'card', token: 'tok_chargeDeclined' } as const;
    const { id } = await w.staff.createOrder(w.body({ payment }));
    const order = await w.orderUntil(id, (one) => one.status === 'cancelled');
    same([order.cancelReason, order.paymentStatus], ['payment_failed', 'failed']);
  },
  'with capture: "manual" the money is captured when the goods ship': async (w) => {
    const payment = { method: 'card', token: 'tok_visa', capture: 'manual' } as const;
    const { id, items } = await w.staff.createOrder(w.body({ payment }));
    await w.orderUntil(id, (one) => one.status === 'confirmed');
    same((await w.paymentOf(id)).status, 'authorized');
    await w.staff.transitionOrder(id, { transition: 'process' });
    await w.staff.createShipment(id, {
      items: [{ itemId: need('item', items[0]).id, quantity: 2 }],
      carrier: 'c',
      trackingNumber: 't',
    });
    const part = await w.orderUntil(id, (one) => one.paymentStatus === 'partially_captured');
    same(part.paymentStatus, 'partially_captured');
    await w.staff.transitionOrder(id, { transition: 'ship' });
    await w.orderUntil(id, (one) => one.paymentStatus === 'captured');
    same((await w.paymentOf(id)).capturedAmount, part.total);
  },
  'without payment, staff confirm and the payments calls take the money': async (w) => {
    const { id, total } = await w.moved(['confirm']);
    const payment = await w.charged('tok_visa', { orderId: id });
    same([payment.status, payment.capturedAmount], ['captured', total]);
    await w.orderUntil(id, (order) => order.paymentStatus === 'captured');
  },
  'placedAt (admin only) imports an old order': async (w) => {
    const placedAt = '2010-12-01T08:26:00Z';
    for (const by of [w.staff, w.jane]) await refused(by.createOrder(w.body({ placedAt })), 403, 'forbidden');
    same((await w.admin.createOrder(w.body({ placedAt }))).placedAt, '2010-12-01T08:26:00.000Z');
  },
  'the whole body of the contract is taken, and comes back': async (w) => {
    const body: CreateOrder = {
      customerId: 'cus_42',
      email: 'jane@example.com',
      currency: 'GBP',
      items: [
        {
          sku: '85123A',
          name: 'White hanging heart',
          quantity: 6,
          unitPrice: 255,
          discountAmount: 0,
          taxAmount: 306,
        },
      ],
      shippingAmount: 495,
      shippingTaxAmount: 99,
      discountAmount: 0,
      shippingAddress: {
        name: 'Jane Roe',
        line1: '1 High Street',
        line2: null,
        city: 'Leeds',
        region: null,
        postalCode: 'LS1 1AA',
        country: 'GB',
      },
      billingAddress: null,
      externalRef: crypto.randomUUID(),
      metadata: { channel: 'web' },
      payment: { method: 'card', token: 'tok_visa', capture: 'automatic' },
    };
    const order = await w.staff.createOrder(body);
    const { customerId, email, currency, externalRef, metadata, shippingAddress, total } = order;
    const { customerId: id, email: mail, currency: money, externalRef: ref, metadata: map } = body;
    same(
      [customerId, email, currency, externalRef, metadata, total],
      [id, mail, money, ref, map, 6 * 255 + 306 + 495 + 99],
    );
    same(shippingAddress.postalCode, 'LS1 1AA');
  },
  'the answer adds id, number, status, …, paymentStatus, version, createdAt, updatedAt, a time per state, shipments, availableTransitions':
    async (w) => {
      const order = await w.staff.createOrder(w.body());
      fields(
        order,
        'id number status previousStatus subtotal discountAmount taxAmount shippingAmount shippingTaxAmount total paymentStatus version createdAt updatedAt confirmedAt processingAt shippedAt deliveredAt cancelledAt returnedAt shipments availableTransitions',
      );
      same(order.paymentStatus, 'none');
    },
  'and in each item id, total, quantities { ordered, shipped, delivered, cancelled, returnRequested, returned }':
    async (w) => {
      const order = await w.delivered();
      const back = await w.refunded(order, 2);
      await w.openReturn(order, 1);
      const after = await w.orderUntil(
        order.id,
        (one) => one.items[0]?.quantities.returned === 2 && one.items[0].quantities.returnRequested === 1,
      );
      same(back.status, 'refunded');
      fields(after.items[0], 'id total quantities');
      same(after.items[0]?.quantities, {
        ordered: 6,
        shipped: 6,
        delivered: 6,
        cancelled: 0,
        returnRequested: 1,
        returned: 2,
      });
    },
  'paymentStatus none, pending, authorized, captured, partially_refunded, refunded, voided, failed as the money goes':
    async (w) => {
      const { id } = await w.staff.createOrder(w.body());
      const seen: string[] = [(await w.staff.getOrder(id)).paymentStatus];
      const wait = async (status: string) =>
        seen.push((await w.orderUntil(id, (one) => one.paymentStatus === status)).paymentStatus);
      const first = await w.staff.createPayment({ orderId: id, method: 'card', token: 'tok_expiredCard' });
      await wait('pending');
      await w.staff.processPayment(first.id);
      await wait('failed');
      const second = await w.charged('tok_visa', { orderId: id, capture: 'manual' });
      await wait('authorized');
      await w.staff.voidPayment(second.id);
      await wait('voided').catch(() => seen.push('voided?'));
      const third = await w.charged('tok_visa', { orderId: id });
      await wait('captured');
      await w.staff.refundPayment(third.id, { amount: 1 });
      await wait('partially_refunded');
      await w.staff.refundPayment(third.id);
      await wait('refunded');
      same(seen, [
        'none',
        'pending',
        'failed',
        'authorized',
        'voided',
        'captured',
        'partially_refunded',
        'refunded',
      ]);
    },
});
