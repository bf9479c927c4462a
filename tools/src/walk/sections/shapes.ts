import type { Order, Return } from '@oms/client';
import { fields, need, refused, same, section } from '../sentence.ts';
import type { World } from '../world.ts';
import { stuck, underPolicy } from '../cases.ts';

const item = (more: object = {}) => ({ sku: 'A', name: 'a', quantity: 1, unitPrice: 1_000, ...more });
const open = (data: { transition: string; allowed: boolean }[]): string[] =>
  data.filter((one) => one.allowed).map((one) => one.transition);
const orderMoves = async (w: World, { id }: Order) => open((await w.staff.orderTransitions(id)).data);
const returnMoves = async (w: World, { id }: Pick<Return, 'id'>) =>
  open((await w.staff.returnTransitions(id)).data);

export const orderMoney = section('Shapes and edges: order money', {
  'subtotal = Σ unitPrice × quantity': async (w) => {
    const items = [item({ quantity: 3, unitPrice: 199 }), item({ sku: 'B', quantity: 2, unitPrice: 50 })];
    same((await w.staff.createOrder(w.body({ items }))).subtotal, 697);
  },
  'item: total = unitPrice × quantity − discountAmount − orderDiscountShare + taxAmount': async (w) => {
    const items = [item({ quantity: 2, discountAmount: 300, taxAmount: 123 })];
    const { items: lines } = await w.staff.createOrder(w.body({ items, discountAmount: 200 }));
    const { discountAmount, orderDiscountShare, taxAmount, total } = need('item', lines[0]);
    same([discountAmount, orderDiscountShare, taxAmount, total], [300, 200, 123, 1_623]);
  },
  "the order's discountAmount is spread by price less own discount, largest remainder, ties to the earlier line":
    async (w) => {
      const shares = async (items: ReturnType<typeof item>[], discountAmount: number) =>
        (await w.staff.createOrder(w.body({ items, discountAmount }))).items.map(
          (one) => one.orderDiscountShare,
        );
      same(await shares([item(), item(), item()], 1_000), [334, 333, 333]);
      same(await shares([item({ discountAmount: 750 }), item({ unitPrice: 750 })], 100), [25, 75]);
    },
  "taxAmount = Σ items' + shippingTaxAmount": async (w) => {
    const items = [item({ taxAmount: 200 }), item({ taxAmount: 50 })];
    same((await w.staff.createOrder(w.body({ items, shippingTaxAmount: 99 }))).taxAmount, 349);
  },
  "total = Σ items' totals + shippingAmount + shippingTaxAmount": async (w) => {
    const items = [item({ taxAmount: 200 }), item()];
    const money = { shippingAmount: 495, shippingTaxAmount: 99, discountAmount: 100 };
    same((await w.staff.createOrder(w.body({ items, ...money }))).total, 2_200 - 100 + 594);
  },
  'a discount larger than the goods is 422': (w) =>
    refused(w.staff.createOrder(w.body({ discountAmount: 999_999 })), 422, 'discount_exceeds_price'),
});

export const orderTable = section('Shapes and edges: order table', {
  'pending: confirm, cancel · confirmed: process, cancel · processing: ship, cancel · shipped: deliver':
    async (w) => {
      const { id } = await w.staff.createOrder(w.body());
      const seen = [await orderMoves(w, await w.staff.getOrder(id))];
      for (const transition of ['confirm', 'process', 'ship'] as const) {
        await w.staff.transitionOrder(id, { transition });
        seen.push(await orderMoves(w, await w.staff.getOrder(id)));
      }
      same(seen, [['confirm', 'cancel'], ['process', 'cancel'], ['ship', 'cancel'], ['deliver']]);
    },
  'delivered: return (when all that was delivered has come back; the return saga asks for it)': async (w) => {
    const { id } = await w.moved(['confirm', 'process', 'ship', 'deliver']);
    const early = w.staff.transitionOrder(id, { transition: 'return' });
    await refused(early, 409, 'transition_not_allowed');
    const paid = await w.delivered();
    await w.refunded(paid, 6);
    const { status } = await w.orderUntil(paid.id, (order) => order.status === 'returned');
    same(status, 'returned');
  },
  'cancelled, returned: nothing': async (w) => {
    same(await orderMoves(w, await w.moved(['cancel'])), []);
    const order = await w.delivered();
    await w.refunded(order, 6);
    same(await orderMoves(w, await w.orderUntil(order.id, (one) => one.status === 'returned')), []);
  },
  'a held order does not go forward (confirm, process, ship: 409 order_on_hold)': async (w) => {
    for (const [before, transition] of [
      [[], 'confirm'],
      [['confirm'], 'process'],
      [['confirm', 'process'], 'ship'],
    ] as const) {
      const { id } = await w.moved(before);
      await w.staff.holdOrder(id, { reason: 'manual' });
      await refused(w.staff.transitionOrder(id, { transition }), 409, 'order_on_hold');
    }
  },
  'it may be cancelled, and parcels under way are delivered': async (w) => {
    const { id } = await w.moved(['confirm']);
    await w.staff.holdOrder(id, { reason: 'fraud' });
    same((await w.staff.cancelOrder(id, { reason: 'fraud' })).status, 'cancelled');
    const { id: other, items } = await w.moved(['confirm', 'process']);
    const parcel = {
      items: [{ itemId: need('item', items[0]).id, quantity: 1 }],
      carrier: 'c',
      trackingNumber: 't',
    };
    const { shipments } = await w.staff.createShipment(other, parcel);
    await w.staff.holdOrder(other, { reason: 'fraud' });
    const { items: after } = await w.staff.deliverShipment(other, need('parcel', shipments[0]).id);
    same(after[0]?.quantities.delivered, 1);
  },
  'ship and deliver by /state take all that is left, as one shipment': async (w) => {
    const { id, items } = await w.moved(['confirm', 'process']);
    const parcel = {
      items: [{ itemId: need('item', items[0]).id, quantity: 2 }],
      carrier: 'c',
      trackingNumber: 't',
    };
    await w.staff.createShipment(id, parcel);
    const shipped = await w.staff.transitionOrder(id, { transition: 'ship', carrier: 'DHL' });
    same(
      shipped.shipments.map((one) => one.items[0]?.quantity),
      [2, 4],
    );
    const delivered = await w.staff.transitionOrder(id, { transition: 'deliver' });
    same([delivered.status, delivered.items[0]?.quantities.delivered], ['delivered', 6]);
  },
  'deliver (both ways) takes deliveredAt?, not in the future and not before the order was placed': async (
    w,
  ) => {
    const { id, createdAt, shipments } = await w.moved(['confirm', 'process', 'ship']);
    const parcel = need('parcel', shipments[0]).id;
    for (const deliveredAt of ['2099-01-01T00:00:00Z', '2000-01-01T00:00:00Z']) {
      const byState = w.staff.transitionOrder(id, { transition: 'deliver', deliveredAt });
      await refused(byState, 422, 'invalid_delivery_time');
      await refused(w.staff.deliverShipment(id, parcel, { deliveredAt }), 422, 'invalid_delivery_time');
    }
    const { deliveredAt } = await w.staff.deliverShipment(id, parcel, { deliveredAt: createdAt });
    same(deliveredAt, createdAt);
  },
  'times: confirmedAt, processingAt, shippedAt, deliveredAt, cancelledAt, returnedAt': async (w) =>
    fields(await w.moved([]), 'confirmedAt processingAt shippedAt deliveredAt cancelledAt returnedAt'),
});

export const returnTable = section('Shapes and edges: return table', {
  'initiated: approve, reject, cancel · approved: schedule_pickup, mark_in_transit, receive, cancel · pickup_scheduled: the same (a new date) · in_transit: receive · received: process, reject':
    async (w) => {
      const { id } = await w.openReturn(await w.delivered(), 1);
      const seen = [await returnMoves(w, { id })];
      const pickup = (day: number) =>
        ({ transition: 'schedule_pickup', pickupAt: `2030-01-0${day}T10:00:00Z`, carrier: 'DHL' }) as const;
      for (const step of [
        { transition: 'approve' },
        pickup(1),
        { transition: 'mark_in_transit' },
        { transition: 'receive' },
      ] as const) {
        await w.staff.transitionReturn(id, step);
        if (step.transition === 'schedule_pickup')
          same((await w.staff.transitionReturn(id, pickup(2))).pickup?.at, '2030-01-02T10:00:00.000Z');
        seen.push(await returnMoves(w, { id }));
      }
      const underWay = ['schedule_pickup', 'mark_in_transit', 'receive', 'cancel'];
      const sorted = (all: string[][]) => all.map((one) => one.toSorted());
      same(
        sorted(seen),
        sorted([['approve', 'reject', 'cancel'], underWay, underWay, ['receive'], ['process', 'reject']]),
      );
    },
  'approved is cancelled also by its timer, reason expired': (w) =>
    underPolicy(w, { shipBackDays: 0.000_005 }, async () => {
      const { id } = await w.openReturn(await w.delivered(), 1);
      await w.staff.approveReturn(id);
      const { endReason, status } = await w.returnUntil(id, (one) => one.status === 'cancelled');
      same([status, endReason], ['cancelled', 'expired']);
    }),
  'received: reject (the goods go back)': async (w) => {
    const { id } = await w.received(await w.delivered(), 1);
    same((await w.staff.rejectReturn(id, { reason: 'worn' })).status, 'rejected');
  },
  'processed: refund · refunded, rejected, cancelled: nothing': async (w) => {
    same(await returnMoves(w, await stuck(w)), ['refund']);
    same(await returnMoves(w, await w.refunded(await w.delivered(), 1)), []);
    const order = await w.delivered();
    const [a, b] = [await w.openReturn(order, 1), await w.openReturn(order, 1)];
    await w.staff.rejectReturn(a.id, { reason: 'x' });
    await w.staff.cancelReturn(b.id);
    same([await returnMoves(w, a), await returnMoves(w, b)], [[], []]);
  },
  'a refundAmount of 0 is refunded at once': async (w) => {
    const { id } = await w.received(await w.delivered(), 1);
    const step = { transition: 'process', restockingFee: 306 } as const;
    const { status, refundAmount } = await w.staff.transitionReturn(id, step);
    same([status, refundAmount], ['refunded', 0]);
  },
  'times: approvedAt, pickupScheduledAt, inTransitAt, receivedAt, processedAt, refundedAt, rejectedAt, cancelledAt':
    async (w) =>
      fields(
        await w.refunded(await w.delivered(), 1),
        'approvedAt pickupScheduledAt inTransitAt receivedAt processedAt refundedAt rejectedAt cancelledAt',
      ),
  'creating takes externalRef?, metadata?': async (w) => {
    const more = { externalRef: crypto.randomUUID(), metadata: { a: 'b' } };
    const { externalRef, metadata } = await w.openReturn(await w.delivered(), 1, more);
    same({ externalRef, metadata }, more);
  },
  'and from staff override?: { reason }, which goes past the policy (never past the delivered quantity) and stays in the history':
    async (w) => {
      const { id: orderId } = await w.admin.createOrder(w.body({ placedAt: '2020-01-01T00:00:00Z' }));
      for (const transition of ['confirm', 'process', 'ship'] as const)
        await w.staff.transitionOrder(orderId, { transition });
      const old = await w.staff.transitionOrder(orderId, {
        transition: 'deliver',
        deliveredAt: '2020-01-05T00:00:00Z',
      });
      const override = { reason: 'a good customer' };
      await refused(w.openReturn(old, 7, { override }), 422, 'quantity_not_returnable');
      const { id } = await w.openReturn(old, 1, { override });
      same((await w.staff.returnHistory(id)).data[0]?.reason, override.reason);
      const own = await w.delivered({}, w.jane);
      await refused(w.openReturn(own, 1, { override }, w.jane), 403, 'forbidden');
    },
  'nothing came of a line: quantity: 0, condition: "missing"; units that did not come may be returned again':
    async (w) => {
      const order = await w.delivered();
      const { id, items } = await w.openReturn(order, 6);
      await w.staff.approveReturn(id);
      const came = [{ returnItemId: need('item', items[0]).id, quantity: 0, condition: 'missing' as const }];
      await w.staff.transitionReturn(id, { transition: 'receive', items: came });
      same((await w.staff.transitionReturn(id, { transition: 'process' })).refundAmount, 0);
      same((await w.openReturn(order, 6)).status, 'initiated');
    },
  'shippingRefundAmount includes tax and is at most the shipping paid, over all returns of the order (422 shipping_already_refunded)':
    async (w) => {
      const order = await w.delivered({ shippingAmount: 495, shippingTaxAmount: 99 });
      const process = async (shippingRefundAmount: number) =>
        w.staff.transitionReturn((await w.received(order, 1)).id, {
          transition: 'process',
          shippingRefundAmount,
        });
      same((await process(500)).refundBreakdown?.shipping, 500);
      await refused(process(95), 422, 'shipping_already_refunded');
      same((await process(94)).refundBreakdown?.shipping, 94);
    },
  'a fee larger than the goods is 422 fee_exceeds_refund': async (w) => {
    const { id } = await w.received(await w.delivered(), 1);
    const step = { transition: 'process', restockingFee: 307 } as const;
    await refused(w.staff.transitionReturn(id, step), 422, 'fee_exceeds_refund');
  },
  'adjustment.amount has a sign': async (w) => {
    const order = await w.delivered();
    const adjusted = async (amount: number) => {
      const { id } = await w.received(order, 1);
      const adjustment = { amount, reason: 'worn' };
      return (await w.staff.transitionReturn(id, { transition: 'process', adjustment })).refundAmount;
    };
    same([await adjusted(-6), await adjusted(10)], [300, 316]);
  },
  'POST /returns/{id}/state { "transition": "refund", refundMethod?, note? } pays a failed refund again, or as store credit':
    async (w) => {
      const { id } = await stuck(w);
      const step = { transition: 'refund', refundMethod: 'store_credit' } as const;
      const { status, refundMethod } = await w.staff.transitionReturn(id, step);
      same([status, refundMethod], ['refunded', 'store_credit']);
    },
  'manual: paid outside, with a note that stays': async (w) => {
    const { id } = await stuck(w);
    const unsaid = { transition: 'refund', refundMethod: 'manual' } as const;
    await refused(w.staff.transitionReturn(id, unsaid), 400, 'validation_failed');
    const step = { ...unsaid, note: 'bank transfer 17' };
    const { status, paymentRefunds } = await w.staff.transitionReturn(id, step);
    same([status, paymentRefunds.at(-1)?.note], ['refunded', 'bank transfer 17']);
    same((await w.sagaOf(id, (state) => state === 'finished')).step, 'refunded');
  },
  'refundMethod of the return itself: store_credit is granted at once, manual waits for staff': async (w) => {
    const order = await w.delivered();
    same((await w.refunded(order, 1, { refundMethod: 'store_credit' })).refundStatus, 'succeeded');
    const { id } = await w.received(order, 1, { refundMethod: 'manual' });
    same((await w.staff.transitionReturn(id, { transition: 'process' })).status, 'processed');
    same((await w.sagaOf(id, (state) => state !== 'running')).step, 'needs_attention');
    const step = { transition: 'refund', refundMethod: 'manual', note: 'cash' } as const;
    same((await w.staff.transitionReturn(id, step)).status, 'refunded');
    same((await w.paymentOf(order.id)).refundedAmount, 0);
  },
  'owed more than is left on the payments: needs_attention, nothing paid by itself': async (w) => {
    const order = await w.delivered();
    const payment = await w.paymentOf(order.id);
    await w.staff.refundPayment(payment.id, { amount: 1_700 });
    const { id } = await w.received(order, 1);
    await w.staff.transitionReturn(id, { transition: 'process' });
    const saga = await w.sagaOf(id, (state) => state === 'needs_attention');
    same(saga.code, 'refund_exceeds_captured');
    same((await w.paymentOf(order.id)).refundedAmount, 1_700);
  },
  'no payment at all: needs_attention at once, and paid another way': async (w) => {
    const order = await w.moved(['confirm', 'process', 'ship', 'deliver']);
    const { id } = await w.received(order, 1);
    await w.staff.transitionReturn(id, { transition: 'process' });
    same((await w.sagaOf(id, (state) => state === 'needs_attention')).attempts, 0);
    await refused(w.staff.transitionReturn(id, { transition: 'refund' }), 422, 'order_not_paid');
    const step = { transition: 'refund', refundMethod: 'manual', note: 'cash' } as const;
    same((await w.staff.transitionReturn(id, step)).status, 'refunded');
  },
  'a staff refund with returnId that gives what was missing ends the return': async (w) => {
    const { id: orderId } = await w.moved(['confirm', 'process', 'ship', 'deliver']);
    await w.charged('tok_refundFails', { orderId, amount: 700 });
    const other = await w.charged('tok_visa', { orderId });
    const { id } = await w.received(await w.staff.getOrder(orderId), 2);
    await w.staff.transitionReturn(id, { transition: 'process' });
    await w.sagaOf(id, (state) => state === 'needs_attention');
    await w.staff.refundPayment(other.id, { amount: 612, returnId: id });
    same((await w.returnUntil(id, (one) => one.status === 'refunded')).refundStatus, 'succeeded');
  },
});
