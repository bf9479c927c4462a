import { z } from 'zod';
import { Actor } from './actor.js';

/** Who tells a line of a timeline: the owner of what it is about. */
export const TimelineSource = z.enum(['order', 'payment', 'return', 'message']);
export type TimelineSource = z.infer<typeof TimelineSource>;

/**
 * `transition`: something moved. `saga`: a saga took a step. `waiting`: what a saga waits for now, and until when.
 * `attempt`: the provider was asked. `message`: the customer was written to.
 */
export const TimelineKind = z.enum(['transition', 'saga', 'waiting', 'attempt', 'message']);
export type TimelineKind = z.infer<typeof TimelineKind>;

/** One thing that happened, as a sentence for a person, and what a program needs to find more. */
export const TimelineEntry = z.object({
  at: z.string(),
  source: TimelineSource,
  kind: TimelineKind,
  title: z.string(),
  /** Who did it; null where nobody of ours did. */
  actor: Actor.nullable(),
  eventId: z.string().nullable(),
  traceId: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** Everything that happened to an order or a return, oldest first; of each service at most its newest {@link TIMELINE_PART}. */
export const TimelineView = z.object({ data: z.array(TimelineEntry) });
export type TimelineView = z.infer<typeof TimelineView>;

/** The most lines that one service adds to a timeline: what a client may have to read at once is bounded. */
export const TIMELINE_PART = 1_000;
