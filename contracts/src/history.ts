import { z } from 'zod';
import { Actor } from './actor.js';

/** The audit trail of one aggregate, oldest first. */
export const HistoryView = z.object({
  data: z.array(
    z.object({
      from: z.string().nullable(),
      to: z.string(),
      transition: z.string(),
      actor: Actor,
      reason: z.string().nullable(),
      at: z.string(),
      eventId: z.string().nullable(),
      /** The fields that a PATCH changed, by their names (`transition` is `update`); null for a transition. */
      changed: z.array(z.string()).nullable(),
    }),
  ),
});
export type HistoryView = z.infer<typeof HistoryView>;

/** What may happen next, and why not what may not. */
export const TransitionsView = z.object({
  data: z.array(
    z.object({ transition: z.string(), to: z.string(), allowed: z.boolean(), reasons: z.array(z.string()) }),
  ),
});
export type TransitionsView = z.infer<typeof TransitionsView>;
