import { z } from 'zod';
import { Id } from './ids.js';
import { line, page, PageQuery, text } from './primitives.js';

export const SagaState = z.enum(['running', 'needs_attention', 'finished']);

/** What cases there are: one for each saga's table. */
export const SagaKind = z.enum(['placing', 'paying', 'refund']);

export const BySagaId = z.strictObject({ sagaId: Id.saga });
export type BySagaId = z.infer<typeof BySagaId>;

export const listSagasQuery = z.strictObject({
  limit: PageQuery.limit,
  cursor: PageQuery.cursor,
  state: SagaState.optional().describe('in this state'),
  kind: SagaKind.optional().describe('of this kind: of an order, a payment, or a refund'),
  aggregateId: line(64, 1).optional().describe('about this order, payment or return'),
});
export type ListSagas = z.infer<typeof listSagasQuery>;

/** POST /sagas/{sagaId}/resume and /retry. */
export const MoveSagaBody = z.strictObject({ reason: text(500, 1).optional() });
export const MoveSaga = z.strictObject({ sagaId: Id.saga, reason: text(500, 1).optional() });
export type MoveSaga = z.infer<typeof MoveSaga>;

/** POST /sagas/{sagaId}/close. */
export const CloseSagaBody = z.strictObject({ reason: text(500, 1) });
export const CloseSaga = z.strictObject({ sagaId: Id.saga, reason: text(500, 1) });

/** A case that goes through several services, as its owner keeps it. */
export const SagaSummary = z.object({
  id: Id.saga,
  kind: z.string(),
  aggregateType: z.string(),
  aggregateId: z.string(),
  state: SagaState,
  step: z.string(),
  /** Why it is in this step, and, after a failure, the code that came with it. */
  reason: z.string().nullable(),
  code: z.string().nullable(),
  /** How often it asked for what it waits for. */
  attempts: z.int(),
  /** What fires next by itself, and when. */
  deadline: z.object({ name: z.string(), at: z.string() }).nullable(),
  /** The events and deadlines that move it on. */
  waitsFor: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type SagaSummary = z.infer<typeof SagaSummary>;
export const SagaPage = page(SagaSummary);

const SagaMove = z.enum(['resume', 'retry', 'close']);
export const SagaView = SagaSummary.extend({
  version: z.int(),
  steps: z.array(
    z.object({
      at: z.string(),
      from: z.string().nullable(),
      to: z.string(),
      on: z.string(),
      because: z.string(),
      code: z.string().nullable(),
      causationId: z.string().nullable(),
      /** It came after it was waited for, and changed nothing. */
      late: z.boolean(),
    }),
  ),
  /** What staff may do now: `POST /sagas/{id}/{move}`. */
  moves: z.array(z.object({ move: SagaMove, because: z.string() })),
  /** Calls that end the case another way, such as paying a refund outside; an empty text in a body is needed, and staff's to write. */
  links: z.array(
    z.object({
      name: z.string(),
      method: z.string(),
      path: z.string(),
      body: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type SagaView = z.infer<typeof SagaView>;
