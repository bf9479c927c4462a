import { PaymentSummary } from '../../payment/views.js';
import type { paymentRoutes } from '../payment.js';
import type { AnswersOf } from '../row.js';
import { events, ids, page, times } from './story.js';

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
  createdAt: times.placed,
  updatedAt: times.confirmed,
  refunds: [],
  chargebacks: [],
  attempts: [
    { operation: 'authorize', outcome: 'succeeded', code: null, at: times.confirmed },
    { operation: 'capture', outcome: 'succeeded', code: null, at: times.confirmed },
  ],
  availableTransitions: ['refund'],
  authorizedAt: times.confirmed,
  capturedAt: times.confirmed,
  refundedAt: null,
  failedAt: null,
  voidedAt: null,
};
const summary = PaymentSummary.parse(payment);

/** An answer of each call on payments. */
export const paymentAnswers = {
  createPayment: payment,
  listPayments: page(summary),
  exportPayments: summary,
  getPayment: payment,
  updatePayment: payment,
  processPayment: payment,
  capturePayment: payment,
  voidPayment: payment,
  refundPayment: payment,
  paymentTransitions: {
    data: [{ transition: 'refund', to: 'captured', allowed: true, reasons: [] }],
  },
  paymentHistory: {
    data: [
      {
        from: 'authorized',
        to: 'captured',
        transition: 'captured',
        actor: { type: 'system', id: 'payment-service' },
        reason: null,
        at: times.confirmed,
        eventId: events.paymentCaptured,
        changed: null,
      },
    ],
  },
  reconciliationReport: {
    data: [
      {
        id: 42,
        startedAt: '2026-11-02T03:00:00.000Z',
        finishedAt: '2026-11-02T03:00:01.800Z',
        effects: 1250,
        differenceCount: 1,
        differences: [
          {
            kind: 'amount_differs',
            key: `${ids.payment}:capture:1`,
            paymentId: ids.payment,
            operation: 'capture',
            ours: { amount: 2430, currency: 'GBP', outcome: 'succeeded' },
            theirs: { amount: 2340, currency: 'GBP', outcome: 'succeeded' },
            proposal:
              'Trust the provider for what was moved: refund or capture the difference on the payment, and find out who changed the amount.',
          },
        ],
      },
    ],
  },
} satisfies AnswersOf<typeof paymentRoutes>;
