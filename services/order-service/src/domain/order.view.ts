import { transitionsFrom, type Who } from '@oms/chassis/machine';
import type { OrderSummary, OrderView, TransitionsView } from '@oms/contracts';
import type { OrderState } from './order.js';
import { orderMachine } from './order.machine.js';
import { allOpen } from './quantities.js';

export type SummaryState = Omit<OrderState, 'items' | 'shipments' | 'openReturns' | 'payments'>;

/** An order as a list shows it. */
export function summaryOf(order: SummaryState, itemCount: number): OrderSummary {
  const time = (status: string) => order.statusTimes[status] ?? null;
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    previousStatus: order.previousStatus as OrderSummary['previousStatus'],
    customerId: order.customerId,
    email: order.email,
    locale: order.locale,
    channel: order.channel,
    externalRef: order.externalRef,
    currency: order.currency,
    subtotal: order.subtotal,
    discountAmount: order.discountAmount,
    taxAmount: order.taxAmount,
    shippingAmount: order.shippingAmount,
    shippingTaxAmount: order.shippingTaxAmount,
    total: order.total,
    paymentStatus: order.paymentStatus,
    hold: order.hold,
    itemCount,
    tags: order.tags,
    metadata: order.metadata,
    version: order.version,
    placedAt: order.placedAt.toISOString(),
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
    confirmedAt: time('confirmed'),
    processingAt: time('processing'),
    shippedAt: time('shipped'),
    deliveredAt: time('delivered'),
    cancelledAt: time('cancelled'),
    returnedAt: time('returned'),
  };
}

/** What may happen next, and why not what may not: the table, asked. */
export function transitionsOf(order: OrderState): TransitionsView['data'] {
  const under = order.shipments.filter((one) => one.deliveredAt === null).map((one) => one.id);
  const probes: Record<string, object> = {
    ship: { items: allOpen(order) },
    deliver: { shipmentIds: under, deliveredAt: order.placedAt, at: order.placedAt },
  };
  return transitionsFrom(orderMachine, order.status, order, (on) => probes[on] ?? {});
}

/** The transitions that would be taken now. */
export const openTransitions = (order: OrderState): string[] =>
  transitionsOf(order)
    .filter((one) => one.allowed)
    .map((one) => one.transition);

/** Notes and tags are for staff, and so is why an order is held; that it is, its customer may know. */
export const shownTo = <V extends { tags: string[]; notes?: string | null; hold: OrderSummary['hold'] }>(
  viewer: Who,
  view: V,
): V =>
  viewer.type === 'customer'
    ? {
        ...view,
        tags: [],
        hold: view.hold && { ...view.hold, reason: 'on_hold', note: null },
        ...('notes' in view ? { notes: null } : {}),
      }
    : view;

/** An order, whole. */
export function viewOf(order: OrderState): OrderView {
  return {
    ...summaryOf(order, order.items.length),
    cancelReason: order.cancelReason,
    notes: order.notes,
    shippingAddress: order.shippingAddress,
    billingAddress: order.billingAddress,
    items: order.items.map((line) => ({
      id: line.id,
      sku: line.sku,
      name: line.name,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      discountAmount: line.discountAmount,
      orderDiscountShare: line.orderDiscountShare,
      taxAmount: line.taxAmount,
      total: line.total,
      finalSale: line.finalSale,
      quantities: {
        ordered: line.quantity,
        shipped: line.shipped,
        delivered: line.delivered,
        cancelled: line.cancelled,
        returnRequested: line.returnRequested,
        returned: line.returned,
      },
    })),
    shipments: order.shipments.map((one) => ({
      id: one.id,
      status: one.deliveredAt === null ? 'shipped' : 'delivered',
      carrier: one.carrier,
      trackingNumber: one.trackingNumber,
      trackingUrl: one.trackingUrl,
      items: one.items,
      shippedAt: one.shippedAt,
      deliveredAt: one.deliveredAt,
    })),
    availableTransitions: openTransitions(order),
  };
}
