import { z } from 'zod';
import type { Access } from '../actor.js';

/**
 * A list of which several services keep a part. Each is asked the same, answers `{ data }` in the list's sequence, and the
 * gateway merges: it compares one field and knows nothing else of a line. All parts or none: a list with a hole would look
 * whole (ADR 14).
 */
export interface FanOut {
  /** One a service. Where two lines are equal, the sequence here decides; so does it which of two refusals is the answer. */
  subjects: readonly [string, ...string[]];
  /** The field of a line that the list is ordered by: text that sorts as it is meant, such as a time in UTC. */
  by: string;
  first: 'oldest' | 'newest';
  /**
   * The list is given by pages: the row's query has `limit` and `cursor`, a part answers `{ data, cursors, nextCursor }`, where
   * `cursors[i]` is the place after `data[i]`, and the cursor of the whole is the parts' own, side by side.
   */
  paged?: true;
}

interface Call {
  name: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below /api/v1; parameters in Express' notation. */
  path: string;
  /** One sentence for the reference. */
  does: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  response: z.ZodType;
  /** The answer is a line of JSON for each thing, written as it is read. */
  streams?: true;
  success: 200 | 201;
  /** It is a step of something that is there: just made, and asked again with the same content, it makes nothing and is answered 200. */
  again?: true;
  /** Where the created thing is found; its parameter is the answer's id. */
  location?: string;
  /** The call creates something or moves money: a key is needed, unless the operator switches that off. */
  idempotencyKey?: true;
  /** The least a caller has to be; a customer only on its own things. Enforced again by the service. */
  access: Access;
}

/** Answered by one service. */
interface OneService extends Call {
  /** The service's RPC subject; it gets path, query and body as one JSON object. */
  subject: string;
  fanOut?: never;
  firstOf?: never;
}

/** Answered by several. */
interface SeveralServices extends Call {
  method: 'GET';
  subject?: never;
  fanOut: FanOut;
  firstOf?: never;
}

/**
 * Answered by the one of several services whose thing it is: they are asked in turn until one does not say `not_found`. For
 * ids that do not tell their owner; the gateway keeps no index of them.
 */
interface OneOfSeveral extends Call {
  subject?: never;
  fanOut?: never;
  firstOf: readonly [string, ...string[]];
}

/** One call of the public API: everything the gateway, the OpenAPI document and a client need to know of it. */
export type RestRow = OneService | SeveralServices | OneOfSeveral;

/**
 * Whether a call answers a resource that counts its changes. Its `version` is the answer's ETag, and what a change may be bound
 * to; of what is gone by the answer there is none.
 */
export const isVersioned = (row: RestRow): boolean =>
  row.method !== 'DELETE' &&
  !row.streams &&
  row.response instanceof z.ZodObject &&
  row.response.shape['version'] instanceof z.ZodNumber;

/** Every subject that a call is answered under. */
export const subjectsOf = (row: RestRow): readonly string[] =>
  row.fanOut ? row.fanOut.subjects : (row.firstOf ?? [row.subject]);

/** An example answer for each of some calls, none left out. */
export type AnswersOf<Rows extends readonly RestRow[]> = Readonly<Record<Rows[number]['name'], object>>;
