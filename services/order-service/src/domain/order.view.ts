import { decide, transitionsFrom, type Who } from '@oms/chassis/machine';
import type { OrderSummary, OrderView, TransitionsView } from '@oms/contracts';
import { nothingShipped } from './guards.js';
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

type Transition = TransitionsView['data'][number];

/** What may happen next, and why not what may not: the table, asked for what `viewer` could ask. */
export function transitionsOf(order: OrderState, viewer: Pick<Who, 'type'>): Transition[] {
  const under = order.shipments.filter((one) => one.deliveredAt === null).map((one) => one.id);
  const probes: Record<string, object> = {
    ship: { items: allOpen(order) },
    deliver: { shipmentIds: under, deliveredAt: order.placedAt, at: order.placedAt },
  };
  return transitionsFrom(orderMachine, order.status, order, viewer, (on) => probes[on] ?? {}).map((one) =>
    one.transition === 'cancel' && !one.allowed ? cancelOfRest(order, viewer, one) : one,
  );
}

/** Once a part has shipped, staff cancel the rest by naming it; a customer cancels no more. */
export const isBeyondCustomer = (order: OrderState, viewer: Pick<Who, 'type'>): boolean =>
  viewer.type === 'customer' && nothingShipped(order) !== true;

function cancelOfRest(order: OrderState, viewer: Pick<Who, 'type'>, refused: Transition): Transition {
  if (isBeyondCustomer(order, viewer)) return { ...refused, reasons: ['transition_not_allowed'] };
  const asked = { items: allOpen(order), fingerprint: '' };
  const rest = decide(orderMachine, order.status, order, 'cancel_items', asked);
  return rest.outcome === 'moved' ? { ...refused, to: rest.to, allowed: true, reasons: [] } : refused;
}

/** The transitions that would be taken now. */
export const openTransitions = (order: OrderState, viewer: Pick<Who, 'type'>): string[] =>
  transitionsOf(order, viewer)
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

/** An order, whole, as `viewer` may see it. */
export const viewFor = (viewer: Who, order: OrderState): OrderView => shownTo(viewer, viewOf(order, viewer));

function viewOf(order: OrderState, viewer: Who): OrderView {
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
    availableTransitions: openTransitions(order, viewer),
  };
}
