import { z } from 'zod';
import { Actor } from './actor.js';
import { line, page, PageQuery, text } from './primitives.js';
import { serviceNames } from './subjects.js';

const Service = z.enum(serviceNames);
/** Of an event the event's own id; of what could not be read at all, an id made of its content. */
const EventId = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);
const aggregateId = line(64, 1).optional();
const type = line(128, 1).optional();

/** Which dead letter: an event may be parked in one service and done in another. */
export const ByDeadLetter = z.strictObject({ service: Service, eventId: EventId });
export type ByDeadLetter = z.infer<typeof ByDeadLetter>;
export const ByService = z.strictObject({ service: Service });

export const listDeadLettersQuery = z.strictObject({
  limit: PageQuery.limit,
  cursor: PageQuery.cursor,
  service: Service.optional().describe('of this service'),
  state: z
    .enum(['parked', 'discarded'])
    .default('parked')
    .describe('parked ones wait for somebody; discarded ones were given up'),
  type: type.describe('of this event, as in `payment.captured`'),
  aggregateType: line(64, 1).optional().describe('about an `order`, a `payment` or a `return`'),
  aggregateId: aggregateId.describe('about this order, payment or return'),
});
export type ListDeadLetters = z.infer<typeof listDeadLettersQuery>;

/** What of several is redriven: those named, or all that are parked, within the filters. */
const selection = {
  eventIds: z.array(EventId).min(1).max(1_000).optional(),
  all: z.literal(true).optional(),
  type,
  aggregateId,
  /** How many are put back to work in a second. */
  perSecond: z.int().min(1).max(1_000).default(50),
};
const ONE_OF = { path: ['eventIds'], message: 'either `eventIds` or `all`' };
const oneOf = (body: { eventIds?: unknown; all?: unknown }) =>
  (body.eventIds === undefined) !== (body.all === undefined);

/** POST /dead-letters/{service}/redrive. */
export const RedriveDeadLettersBody = z.strictObject(selection).refine(oneOf, ONE_OF);
export const RedriveDeadLetters = z.strictObject({ service: Service, ...selection }).refine(oneOf, ONE_OF);
export type RedriveDeadLetters = z.infer<typeof RedriveDeadLetters>;

/** POST /dead-letters/{service}/{eventId}/discard. */
export const DiscardDeadLetterBody = z.strictObject({ reason: text(500, 1) });
export const DiscardDeadLetter = z.strictObject({ service: Service, eventId: EventId, reason: text(500, 1) });
export type DiscardDeadLetter = z.infer<typeof DiscardDeadLetter>;

/** An event that a service could not handle or read, and that waits for a person. */
export const DeadLetterSummary = z.object({
  service: Service,
  eventId: z.string(),
  type: z.string(),
  aggregateType: z.string(),
  aggregateId: z.string(),
  /** Its place in its aggregate's events; null when it could not be read, and nothing waits for it. */
  sequence: z.int().nullable(),
  state: z.enum(['parked', 'redriven', 'discarded']),
  /** Why the last attempt failed. */
  error: z.string().nullable(),
  attempts: z.int(),
  receivedAt: z.string(),
  parkedAt: z.string(),
  correlationId: z.string().nullable(),
  traceId: z.string().nullable(),
});
export type DeadLetterSummary = z.infer<typeof DeadLetterSummary>;
export const DeadLetterPage = page(DeadLetterSummary);

export const DeadLetterView = DeadLetterSummary.extend({
  source: z.string(),
  headers: z.record(z.string(), z.string()),
  payload: z.record(z.string(), z.unknown()).nullable(),
  /** The body as it came, in base64, of what could not be read. */
  raw: z.string().nullable(),
  /** Later events of its aggregate that wait behind it. */
  waiting: z.int(),
  /** What was done about it, by whom, and why; oldest first. */
  history: z.array(
    z.object({ transition: z.string(), actor: Actor, reason: z.string().nullable(), at: z.string() }),
  ),
});
export type DeadLetterView = z.infer<typeof DeadLetterView>;

export const Redriven = z.object({
  service: Service,
  redriven: z.int(),
  /** Still parked, because this release can not read them either. */
  unreadable: z.int(),
  /** When the last of them is put back to work. */
  until: z.string(),
});
export type Redriven = z.infer<typeof Redriven>;
