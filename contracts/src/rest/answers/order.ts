import { OrderSummary } from '../../order/views.js';
import { requestExamples } from '../examples.js';
import type { orderRoutes } from '../order.js';
import { problemOf } from '../problem.js';
import type { AnswersOf } from '../row.js';
import { events, ids, page, staff, times, traceId } from './story.js';

const { items: _, payment: __, ...placing } = requestExamples['createOrder'] as Record<string, unknown>;

const order = {
  ...placing,
  id: ids.order,
  number: 'ORD-100001',
  status: 'delivered',
  previousStatus: 'shipped',
  channel: 'default',
  subtotal: 1530,
  taxAmount: 405,
  total: 2430,
  paymentStatus: 'captured',
  hold: null,
  itemCount: 1,
  tags: [],
  version: 6,
  placedAt: times.placed,
  createdAt: times.placed,
  updatedAt: times.delivered,
  confirmedAt: times.confirmed,
  processingAt: times.shipped,
  shippedAt: times.shipped,
  deliveredAt: times.delivered,
  cancelledAt: null,
  returnedAt: null,
  cancelReason: null,
  notes: null,
  items: [
    {
      id: ids.item,
      sku: '85123A',
      name: 'White hanging heart',
      quantity: 6,
      unitPrice: 255,
      discountAmount: 0,
      orderDiscountShare: 0,
      taxAmount: 306,
      total: 1836,
      finalSale: false,
      quantities: { ordered: 6, shipped: 6, delivered: 6, cancelled: 0, returnRequested: 2, returned: 0 },
    },
  ],
  shipments: [
    {
      id: 'shp_01jd3z6q8kf5v9c2x7m4t0b1ha',
      status: 'delivered',
      carrier: 'Royal Mail',
      trackingNumber: 'RM123456789GB',
      trackingUrl: 'https://track.example/RM123456789GB',
      items: [{ itemId: ids.item, quantity: 6 }],
      shippedAt: times.shipped,
      deliveredAt: times.delivered,
    },
  ],
  availableTransitions: ['return'],
};
const summary = OrderSummary.parse(order);

/** An answer of each call on orders. */
export const orderAnswers = {
  createOrder: order,
  listOrders: page(summary),
  createOrders: {
    results: [
      { index: 0, status: 201, order },
      { index: 1, status: 409, problem: problemOf('external_ref_taken') },
    ],
  },
  exportOrders: summary,
  getOrder: order,
  updateOrder: order,
  transitionOrder: order,
  cancelOrder: order,
  holdOrder: order,
  releaseOrder: order,
  orderTransitions: {
    data: [
      { transition: 'confirm', to: 'confirmed', allowed: false, reasons: ['order_on_hold'] },
      { transition: 'cancel', to: 'cancelled', allowed: true, reasons: [] },
    ],
  },
  orderHistory: {
    data: [
      {
        from: 'pending',
        to: 'confirmed',
        transition: 'confirm',
        actor: staff,
        reason: 'paid by bank transfer',
        at: times.confirmed,
        eventId: events.orderConfirmed,
        changed: null,
      },
    ],
  },
  orderTimeline: {
    data: [
      {
        at: times.confirmed,
        source: 'order',
        kind: 'transition',
        title: 'The order was confirmed',
        actor: staff,
        eventId: events.orderConfirmed,
        traceId,
        detail: { transition: 'confirm', from: 'pending', to: 'confirmed', reason: 'paid by bank transfer' },
      },
    ],
  },
  createShipment: order,
  deliverShipment: order,
} satisfies AnswersOf<typeof orderRoutes>;
