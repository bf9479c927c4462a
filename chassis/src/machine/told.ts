import type { Saga } from './saga.js';
import type { Who } from './types.js';

/** One move of an aggregate, out of its audit trail. */
export interface Move {
  aggregateId: string;
  from: string | null;
  to: string;
  transition: string;
  actor: Who;
  reason: string | null;
  at: string;
  eventId: string | null;
  traceId: string | null;
  /** The fields that were changed, by their names, where it was no transition; else null. */
  changed: string[] | null;
}

/** How an aggregate is told: a sentence for each input of its table; null is passed over, another tells it. */
export type Titles<On extends string = string> = Readonly<
  Record<On, string | ((move: Move) => string) | null>
>;

/** The inputs that a table of titles passes over. */
export const silentIn = (titles: Titles): string[] => Object.keys(titles).filter((on) => titles[on] === null);

/** How a saga is told: what each step waits for, and what a program may want to know of the case. */
export interface ToldSaga<Data = any> {
  table: Saga<Data>;
  /** By step, as the end of "Waits for …"; a step that is left out waits for nothing. */
  waitsFor: Readonly<Record<string, string>>;
  detail(data: Data): object;
}

/**
 * A line of the audit trail without what is for staff alone: none where nothing but `fields` of theirs was changed, and no
 * reason unless `mayRead` says that it may be read.
 */
export function lineForCustomer<Line extends Pick<Move, 'reason' | 'changed'>>(
  line: Line,
  staff: { fields: ReadonlySet<string>; mayRead: (line: Line) => boolean },
): Line[] {
  const changed = line.changed?.filter((field) => !staff.fields.has(field)) ?? null;
  if (changed?.length === 0) return [];
  return [{ ...line, changed, reason: staff.mayRead(line) ? line.reason : null }];
}
