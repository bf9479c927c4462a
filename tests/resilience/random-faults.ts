import { setTimeout as pause } from 'node:timers/promises';
import { faults } from './faults.ts';
import type { Ground } from './ground.ts';
import type { Random } from './random.ts';
import { strike } from './strike.ts';

/** Not among random faults: poison stays parked for ever, and a ledger published again and again only measures the disk. */
const LEFT_OUT = new Set(['poison', 'poison-that-kills', 'published-again', 'nothing']);
const LONGEST_MS = 20_000;

/** One fault after the other, at random, until `over`; between two of them everything becomes ready. Answers what struck how often. */
export async function strikeAtRandom(
  ground: Ground,
  random: Random,
  over: Promise<unknown>,
): Promise<ReadonlyMap<string, number>> {
  const struck = new Map<string, number>();
  let going = true;
  const ended = over.finally(() => (going = false));
  const choice = faults.filter(({ name }) => !LEFT_OUT.has(name));
  while (going) {
    const fault = random.pick(choice);
    const patience = Promise.race([ended, pause(LONGEST_MS, undefined, { ref: false })]);
    struck.set(fault.name, (struck.get(fault.name) ?? 0) + (await strike(ground, fault, random, patience)));
    while (going && (await ground.notReady()).length > 0) await pause(250);
    await Promise.race([ended, pause(random.between(500, 3_000), undefined, { ref: false })]);
  }
  return struck;
}
