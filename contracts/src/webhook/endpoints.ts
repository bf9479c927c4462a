import { z } from 'zod';
import { aggregates, isEventName } from '../events.js';
import { Id } from '../ids.js';
import { line, Metadata, page, PageQuery } from '../primitives.js';

const isFilter = (filter: string): boolean =>
  filter === '*' || isEventName(filter) || aggregates.some((aggregate) => filter === `${aggregate}.*`);

/** `order.confirmed` is one event, `order.*` all of orders, `*` everything, also what does not exist yet. */
export const EventFilter = z.string().refine(isFilter, 'must be an event, an aggregate as in order.*, or *');
const EventFilters = z.array(EventFilter).min(1).max(50);
const Url = z.url({ protocol: /^https?$/ }).max(2000);

/** POST /webhooks. */
export const CreateWebhook = z.strictObject({
  url: Url,
  events: EventFilters,
  description: line(200).nullish(),
  metadata: Metadata.default({}),
});
export type CreateWebhook = z.infer<typeof CreateWebhook>;

export const ByWebhookId = z.strictObject({ webhookId: Id.webhook });
export type ByWebhookId = z.infer<typeof ByWebhookId>;

const WebhookStatus = z.enum(['enabled', 'disabled']);
export const updateWebhookBody = z.strictObject({
  url: Url.optional(),
  events: EventFilters.optional(),
  description: line(200).nullish(),
  metadata: Metadata.optional(),
  status: WebhookStatus.optional(),
});
export const UpdateWebhook = updateWebhookBody.extend(ByWebhookId.shape);
export type UpdateWebhook = z.infer<typeof UpdateWebhook>;

/** For how long the secret of before signs beside the new one. */
export const rotateSecretBody = z.strictObject({ overlapHours: z.number().min(0).max(168).default(24) });
export const RotateSecret = rotateSecretBody.extend(ByWebhookId.shape);
export type RotateSecret = z.infer<typeof RotateSecret>;

/** An endpoint as it is listed: never its secrets, only since when and until when each of them signs. */
export const WebhookView = z.object({
  id: Id.webhook,
  url: z.string(),
  events: z.array(z.string()),
  description: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  status: WebhookStatus,
  /** `gone` (it answered 410), `failing` (for days), or `by_request`. */
  disabledReason: z.string().nullable(),
  /** Since when nothing gets through; null while it works. */
  failingSince: z.string().nullable(),
  secrets: z.array(z.object({ createdAt: z.string(), expiresAt: z.string().nullable() })),
  createdBy: z.string(),
  version: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type WebhookView = z.infer<typeof WebhookView>;
/** The answer to its creation and to a rotation, the only times that the secret is shown. */
export const WebhookCreated = WebhookView.extend({ secret: z.string() });
export const WebhookPage = page(WebhookView);
export const listWebhooksQuery = z.strictObject({ limit: PageQuery.limit, cursor: PageQuery.cursor });
