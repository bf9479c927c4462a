import { until } from '@oms/client';
import { refused, same, section } from './sentence.ts';

export const orders = section('Orders', {
  'money adds up as the contract writes it, the discount spread by largest remainder': async (w) => {
    const order = await w.staff.createOrder(
      w.body({
        items: [1, 2, 3].map((n) => ({
          sku: `S${n}`,
          name: 'x',
          quantity: 1,
          unitPrice: 10_000,
        })),
        discountAmount: 1_000,
        shippingAmount: 495,
        shippingTaxAmount: 99,
      }),
    );
    same(
      order.items.map((one) => one.orderDiscountShare),
      [334, 333, 333],
    );
    same([order.subtotal, order.taxAmount, order.total], [30_000, 99, 29_594]);
  },
  'a discount larger than the goods is 422': (w) =>
    refused(w.staff.createOrder(w.body({ discountAmount: 999_999 })), 422, 'discount_exceeds_price'),
  'a payment that is authorized confirms the order, and each state keeps its time': async (w) => {
    const order = await w.paid();
    same([order.previousStatus, order.confirmedAt !== null, order.processingAt], ['pending', true, null]);
  },
  'a payment that is declined cancels the order': async (w) => {
    const { id } = await w.staff.createOrder(
      w.body({ payment: { method: 'card', token: 'tok_chargeDeclined' } }),
    );
    const order = await until(
      () => w.staff.getOrder(id),
      (one) => one.status === 'cancelled',
    );
    same(order.cancelReason, 'payment_failed');
  },
  'a held order does not go forward, and may be cancelled': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    await w.staff.holdOrder(id, { reason: 'fraud' });
    await refused(w.staff.transitionOrder(id, { transition: 'confirm' }), 409, 'order_on_hold');
    same((await w.staff.cancelOrder(id, { reason: 'fraud' })).status, 'cancelled');
  },
  'a transition just made, asked again, is 200 and changes nothing; from a later state it is 409': async (
    w,
  ) => {
    const { id } = await w.staff.createOrder(w.body());
    const first = await w.staff.transitionOrder(id, {
      transition: 'confirm',
    });
    same((await w.staff.transitionOrder(id, { transition: 'confirm' })).version, first.version);
    await w.staff.transitionOrder(id, { transition: 'process' });
    await refused(w.staff.transitionOrder(id, { transition: 'confirm' }), 409, 'transition_not_allowed');
  },
  'parts ship and are delivered; the order is shipped when nothing is left': async (w) => {
    const { id, items } = await w.paid();
    await w.staff.transitionOrder(id, { transition: 'process' });
    const part = (quantity: number) =>
      w.staff.createShipment(id, {
        items: [{ itemId: items[0]?.id ?? '', quantity }],
        carrier: 'c',
        trackingNumber: 't',
      });
    same((await part(4)).status, 'processing');
    await refused(part(3), 422, 'quantity_not_shippable');
    const shipped = await part(2);
    same(shipped.status, 'shipped');
    for (const { id: shipmentId } of shipped.shipments) await w.staff.deliverShipment(id, shipmentId);
    same((await w.staff.getOrder(id)).status, 'delivered');
  },
  'more cancelled than open is 422': async (w) => {
    const { id, items } = await w.paid();
    const cancel = w.staff.cancelOrder(id, {
      reason: 'x',
      items: [{ itemId: items[0]?.id ?? '', quantity: 7 }],
    });
    await refused(cancel, 422, 'quantity_not_cancellable');
  },
  'externalRef is unique in its channel': async (w) => {
    const externalRef = crypto.randomUUID();
    await w.staff.createOrder(w.body({ externalRef }));
    await refused(w.staff.createOrder(w.body({ externalRef })), 409, 'external_ref_taken');
    await w.staff.createOrder(w.body({ externalRef, channel: 'other' }));
  },
  'items change while the order is pending, totals recomputed': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    const order = await w.staff.updateOrder(id, {
      items: [{ sku: 'A', name: 'a', quantity: 2, unitPrice: 100 }],
    });
    same([order.items.length, order.total], [1, 200]);
  },
  'history tells from, to, transition, actor, reason, at, eventId; transitions tell why not': async (w) => {
    const { id } = await w.staff.createOrder(w.body());
    await w.staff.transitionOrder(id, {
      transition: 'confirm',
      reason: 'bank transfer',
    });
    const last = (await w.staff.orderHistory(id)).data.at(-1);
    same(
      [last?.from, last?.to, last?.transition, last?.reason],
      ['pending', 'confirmed', 'confirm', 'bank transfer'],
    );
    const ship = (await w.staff.orderTransitions(id)).data.find((one) => one.transition === 'ship');
    same([ship?.allowed, ship?.reasons], [false, ['transition_not_allowed']]);
  },
  'only an admin may say when an order was placed': async (w) => {
    await refused(w.staff.createOrder(w.body({ placedAt: '2010-12-01T08:26:00Z' })), 403, 'forbidden');
    same(
      (await w.admin.createOrder(w.body({ placedAt: '2010-12-01T08:26:00Z' }))).placedAt,
      '2010-12-01T08:26:00.000Z',
    );
  },
});

export const returns = section('Returns', {
  'parts of a line returned one by one add up to the line, to the last penny': async (w) => {
    const order = await w.delivered({
      items: [{ sku: 'A', name: 'a', quantity: 3, unitPrice: 10_000 }],
      discountAmount: 1_000,
    });
    const back = [];
    for (let turn = 0; turn < 3; turn += 1) back.push((await w.refunded(order, 1)).refundAmount ?? 0);
    same(
      back.reduce((sum, one) => sum + one, 0),
      29_000,
    );
    await until(
      () => w.staff.getOrder(order.id),
      (one) => one.status === 'returned',
    );
  },
  '2 × 50.00 less 20.00 at 10 % tax gives 44.00 for one': async (w) => {
    const order = await w.delivered({
      items: [
        {
          sku: 'A',
          name: 'a',
          quantity: 2,
          unitPrice: 5_000,
          discountAmount: 2_000,
          taxAmount: 800,
        },
      ],
    });
    same((await w.refunded(order, 1)).refundAmount, 4_400);
  },
  'never more than was delivered less what other returns hold, at the same moment too': async (w) => {
    const order = await w.delivered();
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => w.openReturn(order, 1)));
    same(tries.filter((one) => one.status === 'fulfilled').length, 6);
  },
  'before delivery it is 422': async (w) =>
    refused(w.openReturn(await w.paid(), 1), 422, 'quantity_not_returnable'),
  'the window closes': async (w) => {
    const { id } = await w.admin.createOrder(w.body({ placedAt: '2020-01-01T00:00:00Z' }));
    for (const transition of ['confirm', 'process', 'ship'] as const)
      await w.staff.transitionOrder(id, { transition });
    await w.staff.transitionOrder(id, {
      transition: 'deliver',
      deliveredAt: '2020-01-05T00:00:00Z',
    });
    await refused(w.openReturn(await w.staff.getOrder(id), 1), 422, 'return_window_closed');
  },
  'a fee larger than the goods, and a sum out of range, are 422': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    for (const transition of ['approve', 'receive'] as const)
      await w.staff.transitionReturn(id, { transition });
    await refused(
      w.staff.transitionReturn(id, {
        transition: 'process',
        restockingFee: 99_999,
      }),
      422,
      'fee_exceeds_refund',
    );
    const adjustment = { amount: 99_999, reason: 'x' };
    await refused(
      w.staff.transitionReturn(id, { transition: 'process', adjustment }),
      422,
      'adjustment_out_of_range',
    );
  },
  'less than announced may arrive, and only what came is refunded': async (w) => {
    const opened = await w.openReturn(await w.delivered(), 2);
    await w.staff.approveReturn(opened.id);
    const items = [
      {
        returnItemId: opened.items[0]?.id ?? '',
        quantity: 1,
        condition: 'new' as const,
      },
    ];
    await w.staff.transitionReturn(opened.id, { transition: 'receive', items });
    await w.staff.transitionReturn(opened.id, { transition: 'process' });
    const done = await until(
      () => w.staff.getReturn(opened.id),
      (one) => one.status === 'refunded',
    );
    same(done.refundAmount, 306);
  },
});

export const payments = section('Payments', {
  'the amount is the open balance when left out, and never more': async (w) => {
    const order = await w.staff.createOrder(w.body());
    const pay = (amount?: number) =>
      until(
        () =>
          w.staff
            .createPayment({
              orderId: order.id,
              method: 'card',
              token: 'tok_visa',
              ...(amount === undefined ? {} : { amount }),
            })
            .catch((error: { code?: string }) => {
              if (error.code === 'order_not_found') return undefined;
              throw error;
            }),
        (one) => one !== undefined,
      );
    await refused(pay(order.total + 1), 422, 'amount_exceeds_balance');
    same((await pay())?.amount, order.total);
  },
  'a decline is an outcome, not an error': async (w) => {
    const order = await w.staff.createOrder(w.body());
    const payment = await until(
      () =>
        w.staff
          .createPayment({
            orderId: order.id,
            method: 'card',
            token: 'tok_insufficientFunds',
          })
          .catch(() => undefined),
      (one) => one !== undefined,
    );
    const { status } = await w.staff.processPayment(payment?.id ?? '');
    same(status, 'failed');
  },
  'never more is refunded than captured, however many ask at once': async (w) => {
    const order = await w.paid();
    const [payment] = (await w.staff.listPayments({ orderId: order.id })).data;
    const half = Math.ceil((payment?.capturedAmount ?? 0) / 2);
    await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        w.staff.refundPayment(payment?.id ?? '', { amount: half }, { retryForMs: 0 }),
      ),
    );
    const after = await w.staff.getPayment(payment?.id ?? '');
    same(after.refundedAmount <= after.capturedAmount, true);
  },
});
