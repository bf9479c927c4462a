import type { z } from 'zod';
import { HistoryView, TransitionsView } from '../history.js';
import { OrderBatch, OrderPage, OrderSummary, OrderView } from '../order/views.js';
import { PaymentPage, PaymentSummary, PaymentView } from '../payment/views.js';
import {
  ReturnCalculationView,
  ReturnPage,
  ReturnQuoteView,
  ReturnSummary,
  ReturnView,
} from '../return/views.js';
import { TimelineView } from '../timeline.js';
import { requestExamples } from './examples.js';
import { problemOf } from './problem.js';

/*
 * One story: the order of the request examples was paid, shipped and delivered; two of its six hearts come back. What is
 * created shows the same thing as what is read: an example tells the shape, not the moment.
 */
const ids = {
  order: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha',
  item: 'itm_01jd3z6q8kf5v9c2x7m4t0b1ha',
  payment: 'pay_01jd3z6q8kf5v9c2x7m4t0b1ha',
  return: 'ret_01jd3z6q8kf5v9c2x7m4t0b1ha',
  returnItem: 'rit_01jd3z6q8kf5v9c2x7m4t0b1ha',
  refund: 'ref_01jd3z6q8kf5v9c2x7m4t0b1ha',
};
const eventId = 'evt_01jd3z6q8kf5v9c2x7m4t0b1ha';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const placed = '2026-11-01T09:30:00.000Z';
const confirmed = '2026-11-01T09:30:01.250Z';
const shipped = '2026-11-02T14:05:00.000Z';
const delivered = '2026-11-04T10:15:00.000Z';
const asked = '2026-11-06T18:20:00.000Z';
const staff = { type: 'staff', id: 'anna' };
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
  placedAt: placed,
  createdAt: placed,
  updatedAt: delivered,
  confirmedAt: confirmed,
  processingAt: shipped,
  shippedAt: shipped,
  deliveredAt: delivered,
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
      shippedAt: shipped,
      deliveredAt: delivered,
    },
  ],
  availableTransitions: [],
};

const payment = {
  id: ids.payment,
  orderId: ids.order,
  customerId: 'cus_42',
  status: 'captured',
  previousStatus: 'authorized',
  method: 'card',
  provider: 'sandbox',
  capture: 'automatic',
  currency: 'GBP',
  amount: 2430,
  authorizedAmount: 2430,
  capturedAmount: 2430,
  refundedAmount: 0,
  chargedBackAmount: 0,
  failureCode: null,
  metadata: {},
  note: null,
  version: 3,
  createdAt: placed,
  updatedAt: confirmed,
  refunds: [],
  chargebacks: [],
  attempts: [
    { operation: 'authorize', outcome: 'succeeded', code: null, at: confirmed },
    { operation: 'capture', outcome: 'succeeded', code: null, at: confirmed },
  ],
  availableTransitions: ['refund'],
  authorizedAt: confirmed,
  capturedAt: confirmed,
  refundedAt: null,
  failedAt: null,
  voidedAt: null,
};

const breakdown = {
  items: [{ returnItemId: ids.returnItem, quantity: 2, price: 510, discount: 0, tax: 102, amount: 612 }],
  shipping: 0,
  restockingFee: 0,
  adjustment: 0,
  total: 612,
};
const returned = {
  id: ids.return,
  number: 'RET-100001',
  orderId: ids.order,
  customerId: 'cus_42',
  status: 'processed',
  previousStatus: 'received',
  currency: 'GBP',
  externalRef: null,
  refundMethod: 'original',
  refundAmount: 612,
  refundStatus: 'requested',
  itemCount: 1,
  metadata: {},
  version: 5,
  createdAt: asked,
  updatedAt: asked,
  approvedAt: asked,
  pickupScheduledAt: null,
  inTransitAt: asked,
  receivedAt: asked,
  processedAt: asked,
  refundedAt: null,
  rejectedAt: null,
  cancelledAt: null,
  note: 'the box is open',
  override: null,
  policyVersion: 'standard',
  pickup: null,
  carrier: 'Royal Mail',
  trackingNumber: 'RM987654321GB',
  returnAddress: null,
  endReason: null,
  items: [
    {
      id: ids.returnItem,
      orderItemId: ids.item,
      sku: '85123A',
      quantity: 2,
      reason: 'size_or_fit',
      comment: 'too small',
      receivedQuantity: 2,
      acceptedQuantity: 2,
      condition: 'opened',
      disposition: 'restock',
    },
  ],
  refundBreakdown: breakdown,
  paymentRefunds: [{ id: ids.refund, paymentId: ids.payment, amount: 612, status: 'pending' }],
  availableTransitions: [],
};
const quote = {
  eligible: true,
  items: [{ orderItemId: ids.item, quantity: 2, eligible: true, reasons: [], refundAmount: 612 }],
  restockingFee: 0,
  shippingRefundAmount: 0,
  refundAmount: 612,
  policyVersion: 'standard',
};

const page = (one: object) => ({ data: [one], nextCursor: null });

/** One answer for each schema that the calls on orders, payments and returns answer; a test holds each against it. */
export const answerExamples: ReadonlyMap<z.ZodType, object> = new Map<z.ZodType, object>([
  [OrderView, order],
  [OrderSummary, OrderSummary.parse(order)],
  [OrderPage, page(OrderSummary.parse(order))],
  [
    OrderBatch,
    {
      results: [
        { index: 0, status: 201, order },
        { index: 1, status: 409, problem: problemOf('external_ref_taken') },
      ],
    },
  ],
  [PaymentView, payment],
  [PaymentSummary, PaymentSummary.parse(payment)],
  [PaymentPage, page(PaymentSummary.parse(payment))],
  [ReturnView, returned],
  [ReturnSummary, ReturnSummary.parse(returned)],
  [ReturnPage, page(ReturnSummary.parse(returned))],
  [ReturnQuoteView, quote],
  [
    ReturnCalculationView,
    { policyVersion: 'standard', inputs: {}, stored: breakdown, replayed: breakdown, same: true },
  ],
  [
    HistoryView,
    {
      data: [
        {
          from: 'pending',
          to: 'confirmed',
          transition: 'confirm',
          actor: staff,
          reason: 'paid by bank transfer',
          at: confirmed,
          eventId,
          changed: null,
        },
      ],
    },
  ],
  [
    TransitionsView,
    {
      data: [
        { transition: 'confirm', to: 'confirmed', allowed: false, reasons: ['order_on_hold'] },
        { transition: 'cancel', to: 'cancelled', allowed: true, reasons: [] },
      ],
    },
  ],
  [
    TimelineView,
    {
      data: [
        {
          at: confirmed,
          source: 'order',
          kind: 'transition',
          title: 'The order was confirmed',
          actor: staff,
          eventId,
          traceId,
          detail: { from: 'pending', to: 'confirmed' },
        },
      ],
    },
  ],
]);
