import { isDeepStrictEqual } from 'node:util';
import type { World } from './world.ts';

/** One promise of the public contract, and how to see whether it holds: `holds` throws when it does not. */
export interface Sentence {
  section: string;
  says: string;
  holds(world: World): Promise<void>;
}

export function same(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted))
    throw new Error(`${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
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

/** Sentences of one section. */
export const section = (
  name: string,
  sentences: Record<string, (world: World) => Promise<void>>,
): Sentence[] =>
  Object.entries(sentences).map(([says, holds]) => ({
    section: name,
    says,
    holds,
  }));
