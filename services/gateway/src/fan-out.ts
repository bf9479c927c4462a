import { errors, type FanOut } from '@oms/contracts';
import type { Answer } from './call.js';
import { Problem } from './problem.js';

type Line = Record<string, unknown>;
interface Part {
  data: Line[];
  cursors?: string[];
  nextCursor?: string | null;
}
interface Page {
  limit?: number;
  cursor?: string;
}

/** The cursors of the parts, in the sequence of their subjects; null is the beginning. */
function readCursor(cursor: string | undefined, parts: number): (string | null)[] {
  if (cursor === undefined) return Array<null>(parts).fill(null);
  try {
    const own: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const known =
      Array.isArray(own) &&
      own.length === parts &&
      own.every((one) => one === null || typeof one === 'string');
    if (known) return own as (string | null)[];
  } catch {
    // Falls through: whatever else it is, it is none of ours. What is in it, each part judges for itself.
  }
  throw new Problem('malformed_cursor');
}

/**
 * Asks every part at once and waits for all of them. The answer to the first subject is told first when several fail: it is
 * the owner of what was asked for, and its `not_found` says more than another's silence.
 */
async function ask(
  subjects: readonly string[],
  call: (subject: string, index: number) => Promise<Answer>,
): Promise<Part[]> {
  const answers = await Promise.allSettled(subjects.map(call));
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value.body as Part;
  });
}

/** One list out of several that are sorted already; lines that are equal keep the sequence of their parts. At most `most` lines. */
export function merge(
  parts: readonly Line[][],
  { by, first }: FanOut,
  most: number,
): { data: Line[]; taken: number[] } {
  const taken = parts.map(() => 0);
  const data: Line[] = [];
  const before = (a: string, b: string): boolean => (first === 'oldest' ? a < b : a > b);
  while (data.length < most) {
    let next: number | undefined;
    for (const [index, part] of parts.entries()) {
      const line = part[taken[index] ?? 0];
      const best = next === undefined ? undefined : parts[next]?.[taken[next] ?? 0];
      if (line && (!best || before(String(line[by]), String(best[by])))) next = index;
    }
    if (next === undefined) break;
    const line = parts[next]?.[taken[next] ?? 0];
    if (line) data.push(line);
    taken[next] = (taken[next] ?? 0) + 1;
  }
  return { data, taken };
}

/** The answer of a row that several services answer. */
export async function answerOfSeveral(
  fanOut: FanOut,
  query: Page & Record<string, unknown>,
  call: (subject: string, query: object) => Promise<Answer>,
): Promise<Answer> {
  const whole = { version: undefined, replayed: false };
  if (!fanOut.paged) {
    const parts = await ask(fanOut.subjects, (subject) => call(subject, query));
    const { data } = merge(
      parts.map((part) => part.data),
      fanOut,
      Infinity,
    );
    return { body: { data }, ...whole };
  }
  const { cursor, ...rest } = query;
  const places = readCursor(cursor, fanOut.subjects.length);
  const parts = await ask(fanOut.subjects, (subject, index) =>
    call(subject, { ...rest, ...(places[index] === null ? {} : { cursor: places[index] }) }),
  );
  const { data, taken } = merge(
    parts.map((part) => part.data),
    fanOut,
    query.limit ?? Infinity,
  );
  const more = parts.some((part, index) => (taken[index] ?? 0) < part.data.length || part.nextCursor);
  const next = parts.map((part, index) => part.cursors?.[(taken[index] ?? 0) - 1] ?? places[index] ?? null);
  return {
    body: { data, nextCursor: more ? Buffer.from(JSON.stringify(next)).toString('base64url') : null },
    ...whole,
  };
}

const ELSEWHERE = new Set(['not_found', 'unavailable', 'timeout']);

/**
 * The answer of the one whose thing it is. One that does not answer may be the owner, so that its silence is told rather than
 * the others' `not_found`.
 */
export async function answerOfFirst(
  subjects: readonly string[],
  call: (subject: string) => Promise<Answer>,
): Promise<Answer> {
  let failure: Problem | undefined;
  for (const subject of subjects) {
    try {
      return await call(subject);
    } catch (error) {
      if (!(error instanceof Problem) || !ELSEWHERE.has(errors[error.code].kind)) throw error;
      if (!failure || failure.code === 'not_found') failure = error;
    }
  }
  throw failure ?? new Problem('not_found');
}
