import { setTimeout as pause } from 'node:timers/promises';
import { violations } from '../../tools/src/verify/invariants.ts';
import type { Ground } from './ground.ts';

/** How long everything is left alone before what does not hold is held against it (issue "Nothing is lost", item 1). */
const QUIET_MS = 60_000;
/** How long something is to be found broken without a pause until that is believed. */
const ENOUGH_MS = 20_000;
const POLL_MS = 250;

/** What does not hold now: of processes, answers and books. */
export async function broken(ground: Ground): Promise<string[]> {
  const missing = await ground.notReady();
  if (missing.length > 0) return [`not ready: ${missing.join(', ')}`];
  await ground.books.refresh();
  const found = await violations(ground.books);
  return found.map(({ invariant, rows }) => `${invariant}: ${JSON.stringify(rows)}`);
}

/**
 * Leaves everything alone until all holds, a minute at most. Answers how long that took, and what still does not hold. With
 * `enough`, it ends before that when that was found broken for a while without a pause.
 */
export async function judge(
  ground: Ground,
  enough: (broken: readonly string[]) => boolean = () => false,
): Promise<{ atRestMs: number; broken: string[] }> {
  const quietAt = Date.now();
  let left: string[] = ['not judged'];
  let enoughSince = Infinity;
  while (left.length > 0 && Date.now() - quietAt < QUIET_MS && Date.now() - enoughSince < ENOUGH_MS) {
    left = await broken(ground).catch((error: Error) => [`could not be judged: ${error.message}`]);
    enoughSince = enough(left) ? Math.min(enoughSince, Date.now()) : Infinity;
    if (left.length > 0) await pause(POLL_MS);
  }
  return { atRestMs: Date.now() - quietAt, broken: left };
}

/** The processes that ended by themselves since there were so many endings. */
export const endedByThemselves = (ground: Ground, since: number): string[] =>
  ground.stack.endings
    .slice(since)
    .filter(({ pid }) => !ground.doomed.has(pid))
    .map(({ name, code, signal }) => `${name} ended by itself (${signal ?? `exit ${code}`})`);

/** How often each process was ended since the ground was laid, as a line to print. */
export function killed(ground: Ground): string {
  const times = new Map<string, number>();
  for (const { name, pid } of ground.stack.endings)
    if (ground.doomed.has(pid)) times.set(name, (times.get(name) ?? 0) + 1);
  return `ended by force: ${[...times].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}`;
}

/** Looks at who is ready until told to stop; answers the longest time in which somebody was not. */
export function watchReadiness(ground: Ground): { stop(): Promise<number> } {
  let longest = 0;
  let stopped = false;
  const watching = (async () => {
    let since: number | undefined;
    while (!stopped) {
      const missing = await ground.notReady();
      if (missing.length === 0) since = undefined;
      else since ??= Date.now();
      if (since) longest = Math.max(longest, Date.now() - since);
      await pause(POLL_MS);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await watching;
      return longest;
    },
  };
}
