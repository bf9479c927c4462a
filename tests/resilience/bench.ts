import { parseArgs } from 'node:util';
import { faults, type Fault } from './faults.ts';
import { Ground } from './ground.ts';
import { Random } from './random.ts';
import { keep, report } from './report.ts';
import { runFault, type Outcome } from './run.ts';
import { runWithout } from './without.ts';

/**
 * `npm run test:resilience`: every fault under every seed, judged by the invariants; a run that breaks one is replayed by
 * `--fault` and `--seed`. `--short` takes a few faults, drawn by the day, and no more of them than fit into a minute and a half.
 * `--without` takes protections out and demands that the checks that watch them fail.
 */
const { values } = parseArgs({
  options: {
    fault: { type: 'string', multiple: true },
    seed: { type: 'string', multiple: true },
    /** How often each kind of story is told in a run. */
    rounds: { type: 'string', default: '1' },
    replicas: { type: 'string', default: '1' },
    /** Keeps the results, and writes the table in docs. */
    record: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    /** Names of protections, or `all`. */
    without: { type: 'string', multiple: true },
  },
});

const SHORT_MS = 60_000;
const SHORT_FAULTS = 4;
const DAY_MS = 86_400_000;
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
  const replicas = Number(values.replicas);
  let ground: Ground | undefined;
  let bad = 0;
  try {
    for (const { fault, seed } of runs) {
      if (Date.now() > until) break;
      ground ??= await Ground.start({ replicas });
      const outcome = await runFault(ground, fault, { seed, rounds: Number(values.rounds) });
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
if (values.without) {
  const blind = await runWithout(values.without, { record: values.record });
  process.exit(blind === 0 ? 0 : 1);
}
const today = Math.floor(Date.now() / DAY_MS);
const seeds = (values.seed ?? (values.short ? [String(today)] : ['1', '2', '3', '4', '5'])).map(Number);
const named = faults.filter(({ name }) => !values.fault || values.fault.includes(name));
if (named.length === 0) throw new Error('no such fault; --list names them');
const chosen = values.short
  ? new Random(seeds[0] ?? today).shuffled(named.filter(({ name }) => !LONG.has(name))).slice(0, SHORT_FAULTS)
  : named;
const runs = seeds.flatMap((seed) => chosen.map((fault) => ({ fault, seed })));
const bad = await runAll(runs, values.short ? Date.now() + SHORT_MS : Infinity);
if (values.record) report();
process.exit(bad === 0 ? 0 : 1);
