import { setTimeout as pause } from 'node:timers/promises';
import { tokenOf } from '../../tools/src/development-token.ts';
import { violations } from '../../tools/src/verify/invariants.ts';
import { perform } from './acts.ts';
import type { Fault, Step } from './faults.ts';
import type { Ground } from './ground.ts';
import { Random } from './random.ts';
import { springFirst } from './spring.ts';
import { Witness } from './witness.ts';
import { workload } from './workload.ts';

/** What one run came to. Times in ms. */
export interface Outcome {
  fault: string;
  seed: number;
  /** Times a step struck; a trap that the workload never came to does not count. */
  strikes: number;
  writes: number;
  /** Writes that were sent more than once, because an answer was lost or said to ask again. */
  sentAgain: number;
  statuses: Record<string, number>;
  /** The longest time in which some process was not ready. */
  notReadyMs: number;
  /** From the end of the workload and of the last fault until every invariant held. */
  atRestMs: number;
  /** What did not hold. Empty is the only good answer. */
  broken: string[];
}

const QUIET_MS = 60_000;
const POLL_MS = 250;

/** Everything of a run follows from its seed and its name, so that both replay it. */
function seedOf(fault: string, seed: number): number {
  let hash = seed;
  for (const character of fault) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash;
}

/** Carries a step out, until `over` at the latest; answers how often it struck. */
async function carryOut(ground: Ground, step: Step, random: Random, over: Promise<unknown>): Promise<number> {
  const times = step.times ?? 1;
  for (let time = 0; time < times; time++) {
    if ('do' in step) {
      await pause(random.between(...step.afterMs));
      await perform(ground, step, random);
      continue;
    }
    const nth = random.between(...(step.nth ?? [1, 1]));
    const trap = springFirst(ground, step.in, {
      point: step.at,
      during: step.during,
      nth,
      strike: step.strike,
    });
    const hit = await Promise.race([trap.reached, over.then(() => undefined)]);
    if (!hit) {
      trap.disarm();
      return time;
    }
    if (step.strike === 'kill' || step.strike === 'terminate') ground.doomed.add(hit.pid);
    if (step.strike === 'freeze') {
      await pause(step.forMs ?? 1_000);
      process.kill(hit.pid, 'SIGCONT');
    }
    for (const act of step.then ?? []) await perform(ground, act, random);
    if (step.strike === 'hold') ground.control.release(hit.process, hit.id);
  }
  return times;
}

/** Looks at who is ready until told to stop; answers the longest time in which somebody was not. */
function watchReadiness(ground: Ground): { stop(): Promise<number> } {
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

/** What does not hold now: of processes, answers and books. */
async function broken(ground: Ground): Promise<string[]> {
  const missing = await ground.notReady();
  if (missing.length > 0) return [`not ready: ${missing.join(', ')}`];
  await ground.books.refresh();
  const found = await violations(ground.books);
  return found.map(({ invariant, rows }) => `${invariant}: ${JSON.stringify(rows)}`);
}

/** One fault under the whole workload, then silence, then judgement. */
export async function runFault(
  ground: Ground,
  fault: Fault,
  options: { seed: number; rounds: number },
): Promise<Outcome> {
  const random = new Random(seedOf(fault.name, options.seed));
  const api = new Witness(() => ground.gateways, tokenOf({ role: 'staff' }, ground.stack.run.issuer.url));
  const endingsBefore = ground.stack.endings.length;
  const watch = watchReadiness(ground);
  const name = `${fault.name}-${options.seed}-${Date.now().toString(36)}`;
  const told = workload(api, { seed: random.between(1, 2 ** 31), name, rounds: options.rounds, atOnce: 8 });
  const seeds = fault.steps.map(() => random.between(1, 2 ** 31));
  const struck = await Promise.all(
    fault.steps.map((step, index) => carryOut(ground, step, new Random(seeds[index] ?? 0), told)),
  );
  const found = (await told).map((failure) => `a story could not be told: ${failure}`);
  const strikes = struck.reduce((sum, times) => sum + times, 0);
  if (strikes === 0 && fault.steps.length > 0) found.push('the fault never struck');

  const quietAt = Date.now();
  let left: string[] = ['not judged'];
  while (left.length > 0 && Date.now() - quietAt < QUIET_MS) {
    left = await broken(ground).catch((error: Error) => [`could not be judged: ${error.message}`]);
    if (left.length > 0) await pause(POLL_MS);
  }
  const atRestMs = Date.now() - quietAt;
  found.push(...left, ...api.surprises);
  if (left.length === 0) {
    found.push(...(await api.repeatAll()).map((one) => `another answer under the same key: ${one}`));
    // Repetitions must have changed nothing: all books are read once more.
    found.push(...(await broken(ground)));
  }
  const ended = ground.stack.endings.slice(endingsBefore).filter(({ pid }) => !ground.doomed.has(pid));
  found.push(
    ...ended.map(({ name: who, code, signal }) => `${who} ended by itself (${signal ?? `exit ${code}`})`),
  );
  return {
    fault: fault.name,
    seed: options.seed,
    strikes,
    writes: api.deeds.length,
    sentAgain: api.deeds.filter(({ sent }) => sent > 1).length,
    statuses: Object.fromEntries(api.statuses),
    notReadyMs: await watch.stop(),
    atRestMs,
    broken: found,
  };
}
