import type { MessageView } from '@oms/contracts';
import type { MessageState } from './message.js';

/** A message as staff see it. */
export const viewOf = (message: MessageState): MessageView => ({
  id: message.id,
  eventId: message.eventId,
  template: message.template,
  channel: message.channel,
  status: message.status,
  reason: message.reason,
  recipient: message.recipient,
  customerId: message.customerId,
  orderId: message.orderId,
  returnId: message.returnId,
  locale: message.locale,
  subject: message.subject,
  body: message.body,
  messageId: message.messageId,
  attempts: message.attempts,
  resends: message.round - 1,
  nextAttemptAt: message.nextAt?.toISOString() ?? null,
  sentAt: message.status === 'sent' ? (message.statusTimes['sent'] ?? null) : null,
  version: message.version,
  createdAt: message.createdAt.toISOString(),
  updatedAt: message.updatedAt.toISOString(),
});
