import { isDeepStrictEqual } from 'node:util';
import type { World } from './world.ts';

/** One promise of the public contract, and how to see whether it holds: `holds` throws when it does not. */
export interface Sentence {
  section: string;
  says: string;
  holds(world: World): Promise<void>;
}

/** Sentences of one section of the contract, in its order and words. */
export const section = (
  name: string,
  sentences: Record<string, (world: World) => Promise<void>>,
): Sentence[] =>
  Object.entries(sentences).map(([says, holds]) => ({
    section: name,
    says,
    holds,
  }));

/** As JSON says it, so that it does not matter in which realm a value was made: a test runner has one of its own. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify([value], (_, one: unknown) => (one === undefined ? 'undefined' : one)));

export function same(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(plain(found), plain(wanted)))
    throw new Error(`${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}

export function holds(what: string, condition: boolean): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** What is not null or undefined; throws with the name of what is missing. */
export function need<T>(what: string, value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error(`there is no ${what}`);
  return value;
}

/** The object has all of these fields, whatever they hold. */
export function fields(found: object | undefined, names: string): void {
  const missing = names.split(' ').filter((name) => !Object.hasOwn(found ?? {}, name));
  if (missing.length > 0) throw new Error(`without ${missing.join(', ')}: ${JSON.stringify(found)}`);
}

/** The code and status of a refusal; throws when there was none. */
export async function refused(
  call: Promise<unknown> | PromiseLike<unknown>,
  status: number,
  code: string,
): Promise<void> {
  try {
    await call;
  } catch (error) {
    const { status: found, code: own } = error as {
      status?: number;
      code?: string;
    };
    return same([found, own], [status, code]);
  }
  throw new Error(`was not refused with ${status} ${code}`);
}
