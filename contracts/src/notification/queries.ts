import { z } from 'zod';
import { Id } from '../ids.js';
import { CustomerId, page, PageQuery, repeatable } from '../primitives.js';
import { MessageStatus } from './status.js';

export const listNotificationsQuery = z.strictObject({
  limit: PageQuery.limit,
  cursor: PageQuery.cursor,
  sort: z.enum(['createdAt', '-createdAt']).default('-createdAt').describe('`-` is the newest first'),
  orderId: Id.order.optional().describe('about this order'),
  returnId: Id.return.optional().describe('about this return'),
  recipient: z
    .string()
    .max(254)
    .optional()
    .describe('to an address, to `staff`, or to a customer by its reference'),
  status: repeatable(MessageStatus).describe('in one of these states; may be repeated'),
});
export type ListNotifications = z.infer<typeof listNotificationsQuery>;

export const ByMessageId = z.strictObject({ messageId: Id.message });
export type ByMessageId = z.infer<typeof ByMessageId>;

/** One message about one event. What it says and to whom is known once it is first offered, and null before. */
export const MessageView = z.object({
  id: Id.message,
  eventId: z.string(),
  template: z.string(),
  channel: z.enum(['email', 'chat']),
  status: MessageStatus,
  /** Why it was put off, failed or was not sent; a code, with what the mail server said behind a colon. */
  reason: z.string().nullable(),
  /** The address, or `staff`. */
  recipient: z.string().nullable(),
  customerId: z.string().nullable(),
  orderId: Id.order.nullable(),
  returnId: Id.return.nullable(),
  locale: z.string().nullable(),
  subject: z.string().nullable(),
  /** The text part. */
  body: z.string().nullable(),
  /** The mail's `Message-ID` without its brackets. */
  messageId: z.string().nullable(),
  attempts: z.int(),
  /** How often staff sent it again. */
  resends: z.int(),
  nextAttemptAt: z.string().nullable(),
  sentAt: z.string().nullable(),
  version: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type MessageView = z.infer<typeof MessageView>;
export const MessagePage = page(MessageView);

/** An address that a mail server refused for good: nothing is sent there until somebody lifts it. */
export const SuppressionView = z.object({ address: z.string(), reason: z.string(), createdAt: z.string() });
export const SuppressionPage = page(SuppressionView);
export const listSuppressionsQuery = z.strictObject({ limit: PageQuery.limit, cursor: PageQuery.cursor });
export const ByAddress = z.strictObject({ address: z.string().min(1).max(254) });
export type ByAddress = z.infer<typeof ByAddress>;

export const ByCustomerId = z.strictObject({ customerId: CustomerId });
export type ByCustomerId = z.infer<typeof ByCustomerId>;
export const updatePreferencesBody = z.strictObject({ optionalMessages: z.boolean() });
export const UpdatePreferences = updatePreferencesBody.extend(ByCustomerId.shape);
export type UpdatePreferences = z.infer<typeof UpdatePreferences>;

/** What a customer wants to hear of. What carries out the contract is always sent. */
export const PreferencesView = z.object({ customerId: z.string(), optionalMessages: z.boolean() });

/** Internal: the token of an unsubscribe link. */
export const Unsubscribe = z.strictObject({ token: z.string().regex(/^[A-Za-z0-9_-]{20,64}$/) });
export type Unsubscribe = z.infer<typeof Unsubscribe>;
