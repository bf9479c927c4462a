import { setTimeout as pause } from 'node:timers/promises';
import { perform } from './acts.ts';
import type { Fault, Step } from './faults.ts';
import type { Ground } from './ground.ts';
import type { Random } from './random.ts';
import { springFirst } from './spring.ts';

/** Carries a step out, until `over` at the latest; answers how often it struck. */
async function carryOut(ground: Ground, step: Step, random: Random, over: Promise<unknown>): Promise<number> {
  const times = step.times ?? 1;
  let isOver = false;
  void over.then(() => (isOver = true));
  for (let time = 0; time < times; time++) {
    // All along ends with the workload, and does it once more then.
    if (times === Infinity && time > 0 && isOver) return time;
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

/** All steps of a fault side by side; answers how often they struck. Each step draws from a seed of its own, so that their order is no matter. */
export async function strike(
  ground: Ground,
  fault: Fault,
  random: Random,
  over: Promise<unknown>,
): Promise<number> {
  const own = fault.steps.map(() => random.branch());
  const struck = await Promise.all(
    fault.steps.map((step, index) => carryOut(ground, step, own[index] ?? random, over)),
  );
  return struck.reduce((sum, times) => sum + times, 0);
}
