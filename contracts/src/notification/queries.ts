import { z } from 'zod';
import { Id } from '../ids.js';
import { page, PageQuery } from '../primitives.js';

export const listNotificationsQuery = z.strictObject({
  limit: PageQuery.limit,
  cursor: PageQuery.cursor,
  orderId: Id.order.optional(),
  returnId: Id.return.optional(),
  recipient: z.string().max(254).optional(),
  status: z.string().max(32).optional(),
});
export type ListNotifications = z.infer<typeof listNotificationsQuery>;

export const MessageView = z.object({
  id: Id.message,
  eventId: z.string(),
  template: z.string(),
  locale: z.string(),
  recipient: z.string().nullable(),
  orderId: Id.order.nullable(),
  returnId: Id.return.nullable(),
  subject: z.string(),
  body: z.string(),
  status: z.string(),
  createdAt: z.string(),
});
export type MessageView = z.infer<typeof MessageView>;
export const MessagePage = page(MessageView);
