import type { notificationRoutes } from '../notification.js';
import type { AnswersOf } from '../row.js';
import { events, ids, page, times } from './story.js';

const messageId = 'msg_01jdh5s2m0f7r4w9y1k6n3p8cd';
const message = {
  id: messageId,
  eventId: events.returnReceived,
  template: 'return.received',
  channel: 'email',
  status: 'sent',
  reason: null,
  recipient: 'jane@example.com',
  customerId: 'cus_42',
  orderId: ids.order,
  returnId: ids.return,
  locale: 'en-GB',
  subject: 'Your return RET-100001 has reached us',
  body: 'Hello Jane Roe,\n\nWe are looking at the goods of your return RET-100001 and will write again about your refund.\n\n2 × White hanging heart\n',
  messageId: `${messageId}.1@shop.example`,
  attempts: 1,
  resends: 0,
  nextAttemptAt: null,
  sentAt: times.returnReceived,
  version: 3,
  createdAt: times.returnReceived,
  updatedAt: times.returnReceived,
};
const suppression = {
  address: 'bounce@example.com',
  reason: 'EENVELOPE: 550 5.1.1 unknown recipient',
  createdAt: times.confirmed,
};

/** An answer of each call on messages to customers. */
export const notificationAnswers = {
  listNotifications: page(message),
  listSuppressions: page(suppression),
  liftSuppression: suppression,
  getNotificationPreferences: { customerId: 'cus_42', optionalMessages: true },
  updateNotificationPreferences: { customerId: 'cus_42', optionalMessages: false },
  getNotification: message,
  resendNotification: {
    ...message,
    status: 'queued',
    resends: 1,
    nextAttemptAt: times.mended,
    sentAt: null,
    version: 4,
    updatedAt: times.mended,
  },
} satisfies AnswersOf<typeof notificationRoutes>;
