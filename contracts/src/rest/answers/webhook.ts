import { DeliverySummary } from '../../webhook/deliveries.js';
import type { AnswersOf } from '../row.js';
import type { webhookRoutes } from '../webhook.js';
import { events, page, times } from './story.js';

const webhookId = 'whk_01jd3z6q8kf5v9c2x7m4t0b1ha';
const secret = 'whsec_EXAMPLE';
const endpoint = {
  id: webhookId,
  url: 'https://warehouse.example/oms',
  events: ['order.confirmed', 'return.*'],
  description: 'the warehouse',
  metadata: {},
  status: 'enabled',
  disabledReason: null,
  failingSince: null,
  secrets: [{ createdAt: times.placed, expiresAt: null }],
  createdBy: 'otto',
  version: 1,
  createdAt: times.placed,
  updatedAt: times.placed,
};
const delivery = {
  webhookId,
  eventId: events.returnReceived,
  type: 'return.received',
  status: 'succeeded',
  attempts: 2,
  nextAttemptAt: null,
  responseStatus: 204,
  error: null,
  createdAt: times.returnReceived,
  finishedAt: '2026-11-10T11:40:05.400Z',
  log: [
    {
      at: times.returnReceived,
      responseStatus: 503,
      error: 'answered_503',
      durationMs: 120,
      response: 'closed for a moment',
    },
    { at: '2026-11-10T11:40:05.400Z', responseStatus: 204, error: null, durationMs: 85, response: '' },
  ],
};

/** An answer of each call on endpoints that get events by HTTP. */
export const webhookAnswers = {
  createWebhook: { ...endpoint, secret },
  listWebhooks: page(endpoint),
  getWebhook: endpoint,
  updateWebhook: { ...endpoint, events: ['order.*'], version: 2, updatedAt: times.mended },
  deleteWebhook: endpoint,
  rotateWebhookSecret: {
    ...endpoint,
    secrets: [
      { createdAt: times.mended, expiresAt: null },
      { createdAt: times.placed, expiresAt: '2026-11-12T08:30:00.000Z' },
    ],
    version: 2,
    updatedAt: times.mended,
    secret,
  },
  testWebhook: {
    ...delivery,
    eventId: 'evt_01jdk7v4q9f2t6x1z3m8p5r0de',
    type: 'webhook.test',
    attempts: 1,
    createdAt: times.mended,
    finishedAt: times.mended,
    log: [{ at: times.mended, responseStatus: 204, error: null, durationMs: 85, response: '' }],
  },
  listWebhookDeliveries: page(DeliverySummary.parse(delivery)),
  getWebhookDelivery: delivery,
  resendWebhookDelivery: delivery,
  resendWebhookRange: { count: 3, more: false, until: null },
} satisfies AnswersOf<typeof webhookRoutes>;
