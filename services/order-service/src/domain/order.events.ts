import type { EventPayload } from '@oms/contracts';
import type { OrderInputs, OrderState } from './order.js';
import { stillCosts } from './quantities.js';

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
    ...(line.finalSale ? { finalSale: true } : {}),
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
    amount: cancelledAmount(order, input),
    total: stillCosts(order),
    reason: input.reason,
  }),
  'order.cancelled': (order: OrderState, input: { reason: string }): EventPayload<'order.cancelled'> => ({
    ...base(order),
    reason: input.reason,
  }),
  'order.refund_requested': (order: OrderState): EventPayload<'order.refund_requested'> => ({
    ...base(order),
    reason: order.cancelReason ?? 'cancelled',
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

/**
 * What the order costs less by this cancellation: the difference of one running sum, so that amount and new total add up
 * to the old total however many units had shipped. The builder runs after the change, so the units are taken out again.
 */
function cancelledAmount(order: OrderState, input: OrderInputs['cancel_items']): number {
  const asked = new Map(input.items.map((item) => [item.itemId, item.quantity]));
  const before = order.items.map((line) => ({
    ...line,
    cancelled: line.cancelled - (asked.get(line.id) ?? 0),
  }));
  return stillCosts({ ...order, items: before }) - stillCosts(order);
}
