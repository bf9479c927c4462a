import type { EventPayload } from '@oms/contracts';
import type { OrderInputs, OrderState } from './order.js';
import { costOf, stillCosts } from './quantities.js';

const base = (order: OrderState) => ({
  orderId: order.id,
  number: order.number,
  customerId: order.customerId,
  currency: order.currency,
  status: order.status,
});

const priced = (order: OrderState) => ({
  total: order.total,
  shippingTotal: order.shippingAmount + order.shippingTaxAmount,
  lines: order.items.map((line) => ({
    itemId: line.id,
    sku: line.sku,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    discount: line.discountAmount,
    discountShare: line.orderDiscountShare,
    tax: line.taxAmount,
    total: line.total,
  })),
});

/** What each event of an order says, built from the order as the row left it. No personal data, no token. */
export const orderPayloads = {
  'order.placed': (order: OrderState): EventPayload<'order.placed'> => ({
    ...base(order),
    ...priced(order),
    channel: order.channel,
    externalRef: order.externalRef,
    placedAt: order.placedAt.toISOString(),
    payment: order.paymentWanted,
  }),
  'order.updated': (order: OrderState): EventPayload<'order.updated'> => ({
    ...base(order),
    ...priced(order),
  }),
  'order.confirmed': base,
  'order.processing': base,
  'order.held': (order: OrderState): EventPayload<'order.held'> => ({
    ...base(order),
    reason: order.hold?.reason ?? '',
  }),
  'order.released': base,
  'order.shipment_created': (
    order: OrderState,
    input: OrderInputs['ship'],
  ): EventPayload<'order.shipment_created'> => {
    const shipment = order.shipments.find((one) => one.id === input.shipmentId);
    return {
      ...base(order),
      shipmentId: input.shipmentId,
      items: shipment?.items ?? [],
      carrier: input.carrier,
      trackingNumber: input.trackingNumber,
      trackingUrl: input.trackingUrl,
      amount: shipment?.amount ?? 0,
      complete: order.status === 'shipped',
    };
  },
  'order.shipped': base,
  'order.shipment_delivered': (
    order: OrderState,
    input: OrderInputs['deliver'],
  ): EventPayload<'order.shipment_delivered'> => ({
    ...base(order),
    shipmentIds: input.shipmentIds,
    items: order.shipments.filter((one) => input.shipmentIds.includes(one.id)).flatMap((one) => one.items),
    deliveredAt: input.deliveredAt.toISOString(),
  }),
  'order.delivered': base,
  'order.items_cancelled': (
    order: OrderState,
    input: OrderInputs['cancel_items'],
  ): EventPayload<'order.items_cancelled'> => ({
    ...base(order),
    items: input.items,
    amount: costBefore(order, input),
    total: stillCosts(order),
    reason: input.reason,
  }),
  'order.cancelled': (order: OrderState, input: { reason: string }): EventPayload<'order.cancelled'> => ({
    ...base(order),
    reason: input.reason,
  }),
  'order.items_returned': (
    order: OrderState,
    input: OrderInputs['return_refunded'],
  ): EventPayload<'order.items_returned'> => ({
    ...base(order),
    returnId: input.returnId,
    items: input.items,
  }),
  'order.returned': base,
};

/** What the cancelled units cost, seen from before they were cancelled: the builder runs after the change. */
function costBefore(order: OrderState, input: OrderInputs['cancel_items']): number {
  const before = structuredClone(order.items);
  for (const item of input.items) {
    const line = before.find((one) => one.id === item.itemId);
    if (line) line.cancelled -= item.quantity;
  }
  return costOf({ ...order, items: before }, input.items);
}
