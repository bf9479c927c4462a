import { DeadLetterSummary } from '../../dead-letters.js';
import { SagaSummary } from '../../sagas.js';
import { requestExamples } from '../examples.js';
import type { operationRoutes } from '../operations.js';
import type { AnswersOf } from '../row.js';
import { admin, events, ids, page, times, traceId } from './story.js';

const deadLetter = {
  service: 'order-service',
  eventId: events.paymentCaptured,
  type: 'payment.captured',
  aggregateType: 'payment',
  aggregateId: ids.payment,
  sequence: 3,
  state: 'parked',
  error: 'capturedAmount: Invalid input: expected int, received string',
  attempts: 5,
  receivedAt: '2026-11-01T09:30:01.402118Z',
  parkedAt: '2026-11-01T09:32:07.930541Z',
  correlationId: 'req_01jd3z6q8kf5v9c2x7m4t0b1ha',
  traceId,
  source: '/oms/payment-service',
  headers: {
    'ce-specversion': '1.0',
    'ce-id': events.paymentCaptured,
    'ce-type': 'payment.captured.v1',
    'ce-source': '/oms/payment-service',
    'ce-subject': ids.payment,
    'ce-time': times.confirmed,
    'ce-sequence': '0000000003',
  },
  payload: {
    paymentId: ids.payment,
    orderId: ids.order,
    status: 'captured',
    currency: 'GBP',
    capturedAmount: '24.30',
  },
  raw: null,
  waiting: 1,
  history: [],
};
/** What was done about it. */
const mended = (transition: string, reason: string | null) => ({
  ...deadLetter,
  state: transition === 'discard' ? 'discarded' : 'redriven',
  waiting: 0,
  history: [{ transition, actor: admin, reason, at: times.mended }],
});
const reasonOf = (call: string): string => (requestExamples[call] as { reason: string }).reason;

const step = (
  at: string,
  from: string | null,
  to: string,
  on: string,
  because: string,
  causationId: string | null = null,
  code: string | null = null,
) => ({ at, from, to, on, because, code, causationId, late: false });

const saga = {
  id: 'sga_01jd3z6q8kf5v9c2x7m4t0b1ha',
  kind: 'refund',
  aggregateType: 'return',
  aggregateId: ids.return,
  state: 'needs_attention',
  step: 'needs_attention',
  reason: 'asking again cannot help: a person decides',
  code: 'refund_refused',
  attempts: 1,
  deadline: null,
  waitsFor: [
    'payment.created',
    'return.refund_requested',
    'payment.refunded',
    'payment.refund_failed',
    'return.refunded',
  ],
  createdAt: times.returnAsked,
  updatedAt: times.refundFailed,
  version: 4,
  steps: [
    step(
      times.returnAsked,
      null,
      'awaiting_goods',
      'return.approved',
      'an approval does not last for ever',
      events.returnApproved,
    ),
    step(
      times.returnReceived,
      'awaiting_goods',
      'inspecting',
      'return.received',
      'the goods are here',
      events.returnReceived,
    ),
    step(
      times.returnProcessed,
      'inspecting',
      'refunding',
      'return.processed',
      'the amount is fixed',
      events.returnProcessed,
    ),
    step(
      times.refundFailed,
      'refunding',
      'needs_attention',
      'payment.refund_failed',
      'asking again cannot help: a person decides',
      events.refundFailed,
      'refund_refused',
    ),
  ],
  moves: [
    { move: 'retry', because: 'the last refund failed for good, so that another can not pay twice' },
    { move: 'close', because: 'staff settled it another way, and said how' },
  ],
  links: ['manual', 'store_credit'].map((refundMethod) => ({
    name: `refund_${refundMethod}`,
    method: 'POST',
    path: `/returns/${ids.return}/state`,
    body: { transition: 'refund', refundMethod, ...(refundMethod === 'manual' ? { note: '' } : {}) },
  })),
};
/** The same case once staff moved it on. */
const moved = (move: string, to: string, because: string) => ({
  ...saga,
  step: to,
  reason: because,
  code: null,
  updatedAt: times.mended,
  version: 5,
  steps: [...saga.steps, step(times.mended, 'needs_attention', to, move, because)],
  moves: [],
  links: [],
});
const refunding = {
  state: 'running',
  deadline: { name: 'refund_deadline', at: '2026-11-12T08:30:00.000Z' },
  waitsFor: [
    'return.refund_requested',
    'payment.refunded',
    'payment.refund_failed',
    'refund_deadline',
    'return.refunded',
  ],
};

/** An answer of each call of those who look after what does not go on by itself. */
export const operationAnswers = {
  listDeadLetters: page(DeadLetterSummary.parse(deadLetter)),
  redriveDeadLetters: { service: 'order-service', redriven: 12, unreadable: 0, until: times.mended },
  getDeadLetter: deadLetter,
  redriveDeadLetter: mended('redrive', null),
  discardDeadLetter: mended('discard', reasonOf('discardDeadLetter')),
  listSagas: page(SagaSummary.parse(saga)),
  getSaga: saga,
  resumeSaga: {
    ...moved(
      'resume',
      'refunding',
      'a refund is still under way: its answer is waited for once more, and no second one asked',
    ),
    ...refunding,
  },
  retrySaga: {
    ...moved('retry', 'refunding', 'the last refund failed for good, so that another can not pay twice'),
    ...refunding,
  },
  closeSaga: {
    ...moved('close', 'closed', 'staff settled it another way, and said how'),
    state: 'finished',
    waitsFor: ['return.refund_requested', 'payment.refunded', 'return.refunded', 'payment.refund_failed'],
  },
} satisfies AnswersOf<typeof operationRoutes>;
