import { z } from 'zod';
import { Id } from '../ids.js';
import { Instant, page, PageQuery, repeatable } from '../primitives.js';
import { EventFilter, ByWebhookId } from './endpoints.js';

export const deliveryStatuses = ['pending', 'succeeded', 'failed'] as const;
/** How far an event's way to one endpoint has come. */
export const DeliveryStatus = z.enum(deliveryStatuses);
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

const delivery = {
  webhookId: Id.webhook,
  /** The `webhook-id` header: the same for every try, so that a receiver knows what it has. */
  eventId: z.string(),
  type: z.string(),
  status: DeliveryStatus,
  attempts: z.int(),
  nextAttemptAt: z.string().nullable(),
  /** What the endpoint answered last, or null when there was no answer. */
  responseStatus: z.int().nullable(),
  error: z.string().nullable(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
};
export const DeliverySummary = z.object(delivery);
export type DeliverySummary = z.infer<typeof DeliverySummary>;

/** One delivery with every try, oldest first. */
export const DeliveryView = z.object({
  ...delivery,
  log: z.array(
    z.object({
      at: z.string(),
      responseStatus: z.int().nullable(),
      error: z.string().nullable(),
      durationMs: z.int(),
      /** The beginning of what it answered. */
      response: z.string().nullable(),
    }),
  ),
});
export type DeliveryView = z.infer<typeof DeliveryView>;
export const DeliveryPage = page(DeliverySummary);

export const listDeliveriesQuery = z.strictObject({
  limit: PageQuery.limit,
  cursor: PageQuery.cursor,
  status: repeatable(DeliveryStatus).describe('in one of these states; may be repeated'),
  type: z.string().max(64).optional().describe('of this event, as in `order.confirmed`'),
});
export const ListDeliveries = listDeliveriesQuery.extend(ByWebhookId.shape);
export type ListDeliveries = z.infer<typeof ListDeliveries>;

export const ByDelivery = ByWebhookId.extend({ eventId: Id.event });
export type ByDelivery = z.infer<typeof ByDelivery>;

/** Which events go (again) to an endpoint: those of a time, and among them what failed, or whatever its filters ask for. */
export const resendRangeBody = z.strictObject({
  after: Instant,
  before: Instant.optional(),
  events: z.array(EventFilter).min(1).max(50).optional(),
  only: z.enum(['failed', 'all']).default('failed'),
});
export const ResendRange = resendRangeBody.extend(ByWebhookId.shape);
export type ResendRange = z.infer<typeof ResendRange>;
/** How many were put to work; with `more`, ask again from `until`. */
export const ResendResult = z.object({ count: z.int(), more: z.boolean(), until: z.string().nullable() });
