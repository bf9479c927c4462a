import { ReturnSummary } from '../../return/views.js';
import { requestExamples } from '../examples.js';
import type { returnRoutes } from '../return.js';
import type { AnswersOf } from '../row.js';
import { events, ids, page, staff, times, traceId } from './story.js';

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
  createdAt: times.returnAsked,
  updatedAt: times.returnProcessed,
  approvedAt: times.returnAsked,
  pickupScheduledAt: null,
  inTransitAt: times.returnAsked,
  receivedAt: times.returnReceived,
  processedAt: times.returnProcessed,
  refundedAt: null,
  rejectedAt: null,
  cancelledAt: null,
  note: 'the box is open',
  override: null,
  policyVersion: 'standard-1',
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
  paymentRefunds: [
    {
      refundId: ids.refund,
      attempt: 1,
      amount: 612,
      method: 'original',
      status: 'requested',
      code: null,
      note: null,
      at: times.returnProcessed,
    },
  ],
  availableTransitions: ['refund'],
};
const summary = ReturnSummary.parse(returned);

const policy = {
  ...requestExamples['createReturnPolicy'],
  inForce: true,
  createdAt: '2026-11-15T09:00:00.000Z',
  createdBy: 'otto',
};

/** An answer of each call on returns and their policies. */
export const returnAnswers = {
  createReturn: returned,
  quoteReturn: {
    eligible: true,
    items: [{ orderItemId: ids.item, quantity: 2, eligible: true, reasons: [], refundAmount: 612 }],
    restockingFee: 0,
    shippingRefundAmount: 0,
    refundAmount: 612,
    policyVersion: 'standard-1',
  },
  listReturns: page(summary),
  exportReturns: summary,
  getReturn: returned,
  updateReturn: returned,
  transitionReturn: returned,
  approveReturn: returned,
  rejectReturn: returned,
  cancelReturn: returned,
  returnTransitions: {
    data: [{ transition: 'refund', to: 'processed', allowed: false, reasons: ['refund_in_progress'] }],
  },
  returnHistory: {
    data: [
      {
        from: 'received',
        to: 'processed',
        transition: 'process',
        actor: staff,
        reason: null,
        at: times.returnProcessed,
        eventId: events.returnProcessed,
        changed: null,
      },
    ],
  },
  returnTimeline: {
    data: [
      {
        at: times.returnProcessed,
        source: 'return',
        kind: 'transition',
        title: 'The goods were inspected and the refund is fixed: 6.12 GBP',
        actor: staff,
        eventId: events.returnProcessed,
        traceId,
        detail: { transition: 'process', from: 'received', to: 'processed', reason: null, refundAmount: 612 },
      },
    ],
  },
  returnCalculation: {
    policyVersion: 'standard-1',
    inputs: {
      units: [
        {
          returnItemId: ids.returnItem,
          orderItemId: ids.item,
          line: { quantity: 6, unitPrice: 255, discount: 0, tax: 306 },
          from: 0,
          count: 2,
        },
      ],
      terms: {
        restockingFee: 0,
        shippingRefundAmount: 0,
        adjustment: 0,
        shippingPaid: 594,
        shippingRefunded: 0,
        paidForOrder: 2430,
        refundedBefore: 0,
      },
      decidedBy: { restockingFee: 'policy', shipping: 'policy' },
    },
    stored: breakdown,
    replayed: breakdown,
    same: true,
  },
  createReturnPolicy: policy,
  listReturnPolicies: { data: [policy] },
} satisfies AnswersOf<typeof returnRoutes>;
