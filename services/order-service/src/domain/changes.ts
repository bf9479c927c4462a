import type { LineQuantity, OrderInputs, OrderLine, OrderState } from './order.js';
import { costOf, lineOf, open, paymentStatusOf, stillCosts } from './quantities.js';

const each = (
  order: OrderState,
  items: readonly LineQuantity[],
  change: (line: OrderLine, quantity: number) => void,
): void => {
  for (const item of items) {
    const line = lineOf(order, item.itemId);
    if (line) change(line, item.quantity);
  }
};

export function addShipment(order: OrderState, input: OrderInputs['ship']): void {
  order.shipments.push({
    id: input.shipmentId,
    items: input.items.map(({ itemId, quantity }) => ({ itemId, quantity })),
    carrier: input.carrier,
    trackingNumber: input.trackingNumber,
    trackingUrl: input.trackingUrl,
    amount: costOf(order, input.items),
    shippedAt: input.at.toISOString(),
    deliveredAt: null,
  });
  each(order, input.items, (line, quantity) => (line.shipped += quantity));
}

export function deliverShipments(order: OrderState, input: OrderInputs['deliver']): void {
  for (const shipment of order.shipments) {
    if (!input.shipmentIds.includes(shipment.id)) continue;
    shipment.deliveredAt = input.deliveredAt.toISOString();
    each(order, shipment.items, (line, quantity) => (line.delivered += quantity));
  }
}

/** The order was delivered when its last parcel was, whenever that is told. */
export function deliverLast(order: OrderState, input: OrderInputs['deliver']): void {
  deliverShipments(order, input);
  const last = order.shipments
    .flatMap((one) => one.deliveredAt ?? [])
    .sort()
    .at(-1);
  order.statusTimes = { ...order.statusTimes, delivered: last ?? input.deliveredAt.toISOString() };
}

export function cancelAll(order: OrderState, input: OrderInputs['cancel']): void {
  for (const line of order.items) line.cancelled += open(line);
  order.cancelReason = input.reason;
  order.paymentToken = null;
}

export function cancelLines(order: OrderState, input: OrderInputs['cancel_items']): void {
  each(order, input.items, (line, quantity) => (line.cancelled += quantity));
}

export function cancelRest(order: OrderState, input: OrderInputs['cancel_items']): void {
  cancelLines(order, input);
  order.cancelReason = input.reason;
  order.paymentToken = null;
}

export const putOnHold = (order: OrderState, input: OrderInputs['hold']): void => {
  order.hold = { reason: input.reason, note: input.note, at: input.at.toISOString() };
};
export const releaseHold = (order: OrderState): void => {
  order.hold = null;
};

export function knowPayment(order: OrderState, input: OrderInputs['payment_changed']): void {
  order.payments = { ...order.payments, [input.paymentId]: input.payment };
  order.paymentStatus = paymentStatusOf(order.payments, stillCosts(order));
  if (input.payment.status !== 'pending') order.paymentToken = null;
}

export function openReturn(order: OrderState, input: OrderInputs['return_opened']): void {
  order.openReturns = { ...order.openReturns, [input.returnId]: input.items };
  each(order, input.items, (line, quantity) => (line.returnRequested += quantity));
}

export function closeReturn(order: OrderState, input: { returnId: string }): void {
  const { [input.returnId]: asked = [], ...others } = order.openReturns;
  order.openReturns = others;
  each(order, asked, (line, quantity) => (line.returnRequested -= quantity));
}

export function takeBack(order: OrderState, input: OrderInputs['return_refunded']): void {
  closeReturn(order, input);
  each(order, input.items, (line, quantity) => (line.returned += quantity));
}
