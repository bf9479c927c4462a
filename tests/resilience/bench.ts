import { commandLine, flag, number, numbers, words } from '../../tools/src/command-line.ts';
import { faults, type Fault } from './faults.ts';
import { Ground } from './ground.ts';
import { protections } from './protections.ts';
import { Random } from './random.ts';
import { keep, report } from './report.ts';
import { runFault, type Outcome } from './run.ts';
import { runWithout } from './without.ts';

/**
 * `npm run test:resilience`: every fault under every seed, judged by the invariants; a run that breaks one is replayed by
 * `--fault` and `--seed`. `--short` takes a few faults, drawn by the day, and no more of them than fit into a minute and a half.
 * `--without` takes protections out and demands that the checks that watch them fail.
 */
const SHORT_MS = 60_000;
const SHORT_FAULTS = 4;
const DAY_MS = 86_400_000;
const today = Math.floor(Date.now() / DAY_MS);

const { values } = commandLine({
  usage: `npm run test:resilience -- [--fault NAME]… [--seed N]… [--rounds 1] [--replicas 1] [--record] [--short]
npm run test:resilience -- --list
npm run test:resilience -- --without NAME|all… [--record]`,
  options: {
    fault: words(faults.map(({ name }) => name)),
    seed: numbers({ least: 0, most: 0xffff_ffff, default: [] }),
    /** How often each kind of story is told in a run. */
    rounds: number({ least: 1, most: 1_000, default: 1 }),
    replicas: number({ least: 1, most: 9, default: 1 }),
    /** Keeps the results, and writes the table in docs. */
    record: flag,
    short: flag,
    list: flag,
    without: words(['all', ...protections.map(({ name }) => name)]),
  },
});
/** They take longer than the short form has. */
const LONG = new Set([
  'broker-frozen',
  'poison',
  'poison-that-kills',
  'cut-off-from-the-broker',
  'postgres-frozen',
]);

function tell({
  fault,
  seed,
  strikes,
  writes,
  sentAgain,
  notReadyMs,
  atRestMs,
  broken,
  statuses,
}: Outcome): void {
  console.log(
    `${broken.length === 0 ? 'ok  ' : 'FAIL'} ${fault.padEnd(32)} seed ${seed}  ${strikes} strikes, ${writes} writes, ${sentAgain} sent again, not ready ${notReadyMs} ms, at rest after ${atRestMs} ms  ${JSON.stringify(statuses)}`,
  );
  if (broken.length === 0) return;
  for (const one of broken.slice(0, 12)) console.log(`       ${one.slice(0, 1_500)}`);
  console.log(`       again: npm run test:resilience -- --fault ${fault} --seed ${seed}`);
}

/** Runs them one after the other on one ground; what is broken stays broken, so that the next run starts on fresh ground. */
async function runAll(runs: readonly { fault: Fault; seed: number }[], until: number): Promise<number> {
  const { replicas, rounds } = values;
  let ground: Ground | undefined;
  let bad = 0;
  try {
    for (const { fault, seed } of runs) {
      if (Date.now() > until) break;
      ground ??= await Ground.start({ replicas });
      const outcome = await runFault(ground, fault, { seed, rounds });
      tell(outcome);
      if (values.record) keep(outcome);
      if (outcome.broken.length === 0) continue;
      bad += 1;
      console.log(`       logs: ${ground.keepLogs()}`);
      await ground.close();
      ground = undefined;
    }
  } finally {
    await ground?.close();
  }
  return bad;
}

if (values.list) {
  for (const { name, what } of faults) console.log(`${name.padEnd(32)} ${what}`);
  process.exit(0);
}
if (values.without.length > 0) {
  const blind = await runWithout(values.without, { record: values.record });
  process.exit(blind === 0 ? 0 : 1);
}
const seeds = values.seed.length > 0 ? values.seed : values.short ? [today] : [1, 2, 3, 4, 5];
const named = faults.filter(({ name }) => values.fault.length === 0 || values.fault.includes(name));
const chosen = values.short
  ? new Random(seeds[0] ?? today).shuffled(named.filter(({ name }) => !LONG.has(name))).slice(0, SHORT_FAULTS)
  : named;
const runs = seeds.flatMap((seed) => chosen.map((fault) => ({ fault, seed })));
const bad = await runAll(runs, values.short ? Date.now() + SHORT_MS : Infinity);
if (values.record) report();
process.exit(bad === 0 ? 0 : 1);
