import { tokenOf } from '../../tools/src/development-token.ts';
import type { Fault } from './faults.ts';
import type { Ground } from './ground.ts';
import { broken, endedByThemselves, judge, watchReadiness } from './judge.ts';
import { Random } from './random.ts';
import { strike } from './strike.ts';
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

/** Everything of a run follows from its seed and its name, so that both replay it. */
function seedOf(fault: string, seed: number): number {
  let hash = seed;
  for (const character of fault) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash;
}

/** One fault under the whole workload, then silence, then judgement. */
export async function runFault(
  ground: Ground,
  fault: Fault,
  options: {
    seed: number;
    rounds: number;
    enough?: (broken: readonly string[]) => boolean;
  },
): Promise<Outcome> {
  const random = new Random(seedOf(fault.name, options.seed));
  const staff = tokenOf({ role: 'staff' }, ground.stack.run.issuer.url);
  const api = new Witness(() => ground.gateways, staff);
  const endingsBefore = ground.stack.endings.length;
  const watch = watchReadiness(ground);
  const name = `${fault.name}-${options.seed}-${Date.now().toString(36)}`;
  const told = workload(api, { seed: random.between(1, 2 ** 31), name, rounds: options.rounds, atOnce: 8 });
  const strikes = await strike(ground, fault, random, told);
  const found = (await told).map((failure) => `a story could not be told: ${failure}`);
  if (strikes === 0 && fault.steps.length > 0) found.push('the fault never struck');

  const verdict = await judge(ground, options.enough);
  found.push(...verdict.broken, ...api.surprises);
  if (verdict.broken.length === 0) {
    found.push(...(await api.repeatAll()).map((one) => `another answer under the same key: ${one}`));
    // Repetitions must have changed nothing: all books are read once more.
    found.push(...(await broken(ground)));
  }
  found.push(...endedByThemselves(ground, endingsBefore));
  return {
    fault: fault.name,
    seed: options.seed,
    strikes,
    writes: api.deeds.length,
    sentAgain: api.deeds.filter(({ sent }) => sent > 1).length,
    statuses: Object.fromEntries(api.statuses),
    notReadyMs: await watch.stop(),
    atRestMs: verdict.atRestMs,
    broken: found,
  };
}
