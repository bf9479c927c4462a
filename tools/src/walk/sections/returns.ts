import type { CreateReturn, ListReturnsQuery, Return, TransitionReturnBody } from '@oms/client';
import { fields, holds, need, refused, same, section } from '../sentence.ts';
import type { World } from '../world.ts';
import { longAgo, stuck, underPolicy } from '../cases.ts';

const itemOf = (one: Return) => need('item', one.items[0]).id;

async function steps(w: World, id: string, ...all: TransitionReturnBody[]): Promise<string[]> {
  const seen = [];
  for (const step of all) seen.push((await w.staff.transitionReturn(id, step)).status);
  return seen;
}

export const returns = section('Returns', {
  'states: initiated → approved → pickup_scheduled → in_transit → received → processed → refunded': async (
    w,
  ) => {
    const { id, status } = await w.openReturn(await w.delivered(), 1);
    const pickupAt = '2030-01-01T10:00:00Z';
    const seen = await steps(
      w,
      id,
      { transition: 'approve' },
      { transition: 'schedule_pickup', pickupAt, carrier: 'DHL' },
      { transition: 'mark_in_transit' },
      { transition: 'receive' },
      { transition: 'process' },
    );
    same(
      [status, ...seen],
      ['initiated', 'approved', 'pickup_scheduled', 'in_transit', 'received', 'processed'],
    );
    same((await w.returnUntil(id, (one) => one.status === 'refunded')).previousStatus, 'processed');
  },
  'and rejected (reject)': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    same(await steps(w, id, { transition: 'reject', reason: 'worn' }), ['rejected']);
  },
  'and cancelled (cancel)': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    same(await steps(w, id, { transition: 'cancel' }), ['cancelled']);
  },
  'a customer who ships by themself skips the pickup (approved → in_transit)': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    const seen = await steps(w, id, { transition: 'approve' }, { transition: 'mark_in_transit' });
    same(seen, ['approved', 'in_transit']);
  },
  'goods handed over a counter go approved → received': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    same(await steps(w, id, { transition: 'approve' }, { transition: 'receive' }), ['approved', 'received']);
  },
  "refund is the saga's own, and staff may ask for it again on a processed return whose refund failed":
    async (w) => {
      const { id, refundStatus } = await stuck(w);
      same(refundStatus, 'failed');
      const again = await w.staff.transitionReturn(id, { transition: 'refund' });
      same([again.status, again.paymentRefunds.length], ['processed', 2]);
    },
  'POST /returns: customer and staff; { orderId, items: [{ orderItemId, quantity, reason, comment? }], refundMethod?, note? }':
    async (w) => {
      const order = await w.delivered({}, w.jane);
      for (const by of [w.jane, w.staff]) {
        const items = [
          {
            orderItemId: need('item', order.items[0]).id,
            quantity: 1,
            reason: 'defective',
            comment: 'broken',
          },
        ] satisfies CreateReturn['items'];
        const back = await by.createReturn({
          orderId: order.id,
          items,
          refundMethod: 'store_credit',
          note: 'n',
        });
        const { reason, comment } = need('item', back.items[0]);
        same([reason, comment, back.refundMethod, back.note], ['defective', 'broken', 'store_credit', 'n']);
      }
    },
  'GET /returns: filters status, orderId, customerId, reason, createdAfter, createdBefore': async (w) => {
    const order = await w.delivered({ customerId: `cus_${crypto.randomUUID()}` });
    const a = await w.openReturn(order, 1, { reason: 'defective' });
    const b = await w.openReturn(order, 1, { reason: 'changed_mind' });
    await w.staff.approveReturn(b.id);
    const ids = async (query: ListReturnsQuery) =>
      (await w.staff.listReturns({ orderId: order.id, ...query })).data.map((one) => one.id);
    const later = new Date(Date.parse(b.createdAt) + 1).toISOString();
    same(await ids({}), [b.id, a.id]);
    same(await ids({ status: ['approved'] }), [b.id]);
    same(await ids({ status: ['approved', 'initiated'] }), [b.id, a.id]);
    same(await ids({ customerId: need('customer', order.customerId) }), [b.id, a.id]);
    same(await ids({ customerId: 'cus_nobody' }), []);
    same(await ids({ reason: 'defective' }), [a.id]);
    same([await ids({ createdAfter: later }), await ids({ createdBefore: later })], [[], [b.id, a.id]]);
  },
  'PATCH /returns/{id}: return address, tracking, note, metadata': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    const returnAddress = { name: 'Depot', line1: '3 Dock Road', city: 'Hull', country: 'GB' };
    const change = { carrier: 'DHL', trackingNumber: 'T1', note: 'n', metadata: { a: 'b' } };
    const changed = await w.staff.updateReturn(id, { ...change, returnAddress });
    const { carrier, trackingNumber, note, metadata } = changed;
    same({ carrier, trackingNumber, note, metadata }, change);
    same(changed.returnAddress?.['city'], 'Hull');
    const last = (await w.staff.returnHistory(id)).data.at(-1);
    same(
      [last?.transition, last?.actor.type, last?.changed?.toSorted()],
      ['update', 'staff', ['carrier', 'metadata', 'note', 'returnAddress', 'trackingNumber']],
    );
  },
  'POST /returns/{id}/approve { note? } (staff) · /reject { reason } (staff) · /cancel { reason? } (both)':
    async (w) => {
      const order = await w.delivered({}, w.jane);
      const open = () => w.openReturn(order, 1, {}, w.jane);
      const [a, b, c] = [await open(), await open(), await open()];
      await refused(w.jane.approveReturn(a.id), 403, 'forbidden');
      await refused(w.jane.rejectReturn(b.id, { reason: 'x' }), 403, 'forbidden');
      same((await w.staff.approveReturn(a.id, { note: 'n' })).status, 'approved');
      const rejected = await w.staff.rejectReturn(b.id, { reason: 'worn' });
      same([rejected.status, rejected.endReason], ['rejected', 'worn']);
      same((await w.jane.cancelReturn(c.id)).status, 'cancelled');
      same((await w.staff.cancelReturn(a.id, { reason: 'kept' })).endReason, 'kept');
    },
  'GET /returns/{id}/transitions · /history: as for orders': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    const { data } = await w.staff.returnTransitions(id);
    const open = data.filter((one) => one.allowed).map((one) => one.transition);
    same(open, ['approve', 'reject', 'cancel']);
    same(data.find((one) => one.transition === 'process')?.reasons.length, 1);
    const history = await w.staff.returnHistory(id);
    fields(history.data[0], 'from to transition actor reason at eventId');
    same(history.data[0]?.to, 'initiated');
  },
  '/timeline: every step of the saga with attempts, deadlines and what it waits for': async (w) => {
    const back = await w.openReturn(await w.delivered(), 1);
    const waiting = async (id: string) =>
      need(
        'line',
        (await w.staff.returnTimeline(id)).data.find((one) => one.kind === 'waiting'),
      );
    same((await waiting(back.id)).title, 'Waits for staff to approve or reject it');
    await w.staff.approveReturn(back.id);
    const goods = await waiting(back.id);
    same([goods.detail['deadline'], /^Waits for the goods, until /.test(goods.title)], ['ship_back', true]);
    const failed = await stuck(w);
    const { data } = await w.staff.returnTimeline(failed.id);
    const sagas = data.filter((one) => one.kind === 'saga').map((one) => one.detail['to']);
    same(sagas, [
      'awaiting_goods',
      'awaiting_goods',
      'inspecting',
      'refunding',
      'refunding',
      'needs_attention',
    ]);
    const person = await waiting(failed.id);
    same([person.detail['attempt'], /person/.test(person.title)], [1, true]);
    holds(
      'the provider was asked',
      data.some((one) => one.kind === 'attempt'),
    );
  },
  'POST /returns/quote: eligible or not per item and why, and the refund it would give, line by line': async (
    w,
  ) => {
    const order = await w.delivered();
    const quote = (quantity: number) =>
      w.staff.quoteReturn({
        orderId: order.id,
        items: [{ orderItemId: need('item', order.items[0]).id, quantity, reason: 'other' }],
      });
    const good = await quote(2);
    same([good.eligible, good.refundAmount, good.items[0]?.refundAmount], [true, 612, 612]);
    const bad = await quote(7);
    same([bad.eligible, bad.items[0]?.reasons], [false, ['quantity_not_returnable']]);
    same((await w.staff.listReturns({ orderId: order.id })).data, []);
  },
  'reasons: defective, damaged_in_transit, wrong_item, not_as_described, size_or_fit, changed_mind, arrived_late, other':
    async (w) => {
      const order = await w.delivered({ items: [{ sku: 'A', name: 'a', quantity: 8, unitPrice: 1 }] });
      const reasons = [
        'defective',
        'damaged_in_transit',
        'wrong_item',
        'not_as_described',
        'size_or_fit',
        'changed_mind',
        'arrived_late',
        'other',
      ] as const;
      for (const reason of reasons) same((await w.openReturn(order, 1, { reason })).items[0]?.reason, reason);
    },
  'conditions: new, opened, used, damaged, missing': async (w) => {
    const order = await w.delivered();
    for (const condition of ['new', 'opened', 'used', 'damaged', 'missing'] as const) {
      const { id, items } = await w.openReturn(order, 1);
      await w.staff.approveReturn(id);
      const came = [
        { returnItemId: need('item', items[0]).id, quantity: condition === 'missing' ? 0 : 1, condition },
      ];
      const back = await w.staff.transitionReturn(id, { transition: 'receive', items: came });
      same(back.items[0]?.condition, condition);
    }
  },
  'dispositions: restock, refurbish, dispose, return_to_vendor': async (w) => {
    const order = await w.delivered();
    for (const disposition of ['restock', 'refurbish', 'dispose', 'return_to_vendor'] as const) {
      const back = await w.received(order, 1);
      const items = [{ returnItemId: itemOf(back), disposition }];
      const done = await w.staff.transitionReturn(back.id, { transition: 'process', items });
      same(done.items[0]?.disposition, disposition);
    }
  },
  'schedule_pickup { pickupAt, carrier, address? }': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    await w.staff.approveReturn(id);
    const address = { name: 'Jane Roe', line1: '1 High Street', city: 'Leeds', country: 'GB' };
    const pickupAt = '2030-01-01T10:00:00.000Z';
    const { pickup } = await w.staff.transitionReturn(id, {
      transition: 'schedule_pickup',
      pickupAt,
      carrier: 'DHL',
      address,
    });
    same([pickup?.at, pickup?.carrier, pickup?.address?.['city']], [pickupAt, 'DHL', 'Leeds']);
  },
  'mark_in_transit { carrier?, trackingNumber? }': async (w) => {
    const { id } = await w.openReturn(await w.delivered(), 1);
    await w.staff.approveReturn(id);
    const step = { transition: 'mark_in_transit', carrier: 'UPS', trackingNumber: 'T9' } as const;
    const { carrier, trackingNumber } = await w.staff.transitionReturn(id, step);
    same([carrier, trackingNumber], ['UPS', 'T9']);
  },
  'receive: all as asked when left out': async (w) => {
    const { items } = await w.received(await w.delivered(), 2);
    same([items[0]?.receivedQuantity, items[0]?.condition], [2, 'new']);
  },
  'receive { items? }: less or more than asked is recorded, and only what came is refunded': async (w) => {
    const order = await w.delivered();
    for (const [came, refund] of [
      [1, 306],
      [4, 612],
    ] as const) {
      const { id, items } = await w.openReturn(order, 2);
      await w.staff.approveReturn(id);
      const counted = [
        { returnItemId: need('item', items[0]).id, quantity: came, condition: 'new' as const },
      ];
      const back = await w.staff.transitionReturn(id, { transition: 'receive', items: counted });
      same(back.items[0]?.receivedQuantity, came);
      same((await w.staff.transitionReturn(id, { transition: 'process' })).refundAmount, refund);
    }
  },
  'process { items? [{ returnItemId, disposition, acceptedQuantity? }], restockingFee?, shippingRefundAmount?, adjustment? { amount, reason } } → refundAmount is fixed and the saga pays it':
    async (w) => {
      const order = await w.delivered({ shippingAmount: 495 });
      const { id, items } = await w.received(order, 3);
      const returnItemId = need('item', items[0]).id;
      const done = await w.staff.transitionReturn(id, {
        transition: 'process',
        items: [{ returnItemId, disposition: 'restock', acceptedQuantity: 2 }],
        restockingFee: 100,
        shippingRefundAmount: 495,
        adjustment: { amount: -7, reason: 'worn' },
      });
      same([done.items[0]?.acceptedQuantity, done.refundAmount], [2, 612 - 100 + 495 - 7]);
      await w.returnUntil(id, (one) => one.status === 'refunded');
      same((await w.paymentOf(order.id)).refundedAmount, 1_000);
    },
  'what one item gives back is what was really paid for it: its price less its share of discounts, plus its tax, exact to the minor unit':
    async (w) => {
      const item = {
        sku: 'A',
        name: 'a',
        quantity: 2,
        unitPrice: 5_000,
        discountAmount: 2_000,
        taxAmount: 800,
      };
      const order = await w.delivered({ items: [item] });
      same((await w.refunded(order, 1)).refundAmount, 4_400);
    },
  'the parts of a line returned one by one add up to the line to the last penny': async (w) => {
    const items = [{ sku: 'A', name: 'a', quantity: 3, unitPrice: 3_333, taxAmount: 1_001 }];
    const order = await w.delivered({ items, discountAmount: 1_000 });
    let back = 0;
    for (let turn = 0; turn < 3; turn += 1) back += (await w.refunded(order, 1)).refundAmount ?? 0;
    same(back, order.total);
  },
  'an item may be returned once delivered': async (w) => {
    await refused(w.openReturn(await w.paid(), 1), 422, 'quantity_not_returnable');
    same((await w.openReturn(await w.delivered(), 1)).status, 'initiated');
  },
  "within the policy's window (30 days unless configured)": async (w) =>
    refused(w.openReturn(await longAgo(w), 1), 422, 'return_window_closed'),
  'configured, and per reason: the policy is data, in versions': (w) =>
    underPolicy(w, { windowDaysByReason: { changed_mind: 0 } }, async () => {
      const order = await w.delivered();
      await refused(w.openReturn(order, 1, { reason: 'changed_mind' }), 422, 'return_window_closed');
      same((await w.openReturn(order, 1, { reason: 'defective' })).status, 'initiated');
    }),
  'never more than was delivered less what other returns hold; returns created at the same moment can’t break that':
    async (w) => {
      const order = await w.delivered();
      const tries = await Promise.allSettled(Array.from({ length: 10 }, () => w.openReturn(order, 1)));
      same(tries.filter((one) => one.status === 'fulfilled').length, 6);
    },
  'the answer adds id, number, status, previousStatus, refundAmount, refundBreakdown, refundStatus, paymentRefunds, availableTransitions, version, times per state':
    async (w) => {
      const back = await w.refunded(await w.delivered(), 1);
      fields(
        back,
        'id number status previousStatus refundAmount refundBreakdown refundStatus paymentRefunds availableTransitions version',
      );
      fields(back.refundBreakdown ?? undefined, 'items shipping restockingFee adjustment total');
      same([back.refundStatus, back.paymentRefunds[0]?.status], ['succeeded', 'succeeded']);
      same((await w.openReturn(await w.delivered(), 1)).refundStatus, 'none');
    },
});
