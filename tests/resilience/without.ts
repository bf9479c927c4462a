import { faults } from './faults.ts';
import { Ground } from './ground.ts';
import { protections, type Protection } from './protections.ts';
import { keepFailed, reportFailed } from './report.ts';
import { runFault } from './run.ts';

/** Runs the fault that a protection is there for on a ground without it; answers what was found broken. */
async function brokenWithout(protection: Protection): Promise<string[]> {
  const fault = faults.find(({ name }) => name === protection.fault);
  if (!fault) throw new Error(`no fault ${protection.fault}`);
  const ground = await Ground.start({ replicas: protection.replicas ?? 1, without: protection.name });
  try {
    const { broken } = await runFault(ground, fault, {
      seed: protection.seed ?? 1,
      rounds: 1,
      enough: (found) =>
        protection.breaks.every((check) => found.some((line) => line.startsWith(`${check}: [`))),
    });
    return broken;
  } finally {
    await ground.close();
  }
}

/** Takes protections out one by one (`all`, or by name); answers how many checks did not see what they watch for. */
export async function runWithout(names: readonly string[], { record }: { record: boolean }): Promise<number> {
  const chosen = protections.filter(({ name }) => names.includes('all') || names.includes(name));
  let blind = 0;
  for (const protection of chosen) {
    const broken = await brokenWithout(protection);
    for (const check of protection.breaks) {
      const seen = broken.find((line) => line.includes(check));
      if (!seen) blind += 1;
      console.log(`${seen ? 'fails' : 'BLIND'} without ${protection.name}: ${seen?.slice(0, 300) ?? check}`);
    }
    const missed = protection.breaks.filter((check) => !broken.some((line) => line.includes(check)));
    if (missed.length > 0)
      console.log(`      found instead: ${broken.map((line) => line.slice(0, 200)).join('\n        ')}`);
    if (record && missed.length === 0) keepFailed(protection.name, broken);
  }
  if (record) reportFailed();
  return blind;
}
