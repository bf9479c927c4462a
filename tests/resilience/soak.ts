import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { commandLine, number } from '../../tools/src/command-line.ts';
import { tokenOf } from '../../tools/src/development-token.ts';
import { schemas } from '../../tools/src/verify/books.ts';
import { Ground } from './ground.ts';
import { endedByThemselves, judge, killed } from './judge.ts';
import { strikeAtRandom } from './random-faults.ts';
import { Random } from './random.ts';
import { Witness } from './witness.ts';
import { workload } from './workload.ts';

/** `npm run soak -- --minutes 20`: the workload again and again under random faults; memory and tables are measured, and everything is judged. */
const { values } = commandLine({
  usage: 'npm run soak -- [--minutes 20] [--seed 1] [--replicas 1]',
  options: {
    minutes: number({ least: 0.1, most: 10_080, fraction: true, default: 20 }),
    seed: number({ least: 0, most: 0xffff_ffff, default: 1 }),
    replicas: number({ least: 1, most: 9, default: 1 }),
  },
});
const SAMPLE_MS = 5_000;
/** A process that grows by more than this from the second quarter of the soak to the last one is not flat. */
const GROWTH = 1.3;
/** A process is measured once it is warm. */
const WARM_MS = 30_000;

/** Retention works in batches, so that it never holds anything for long. */
const PRUNED_MS = 120_000;

interface Sample {
  at: number;
  name: string;
  pid: number;
  mib: number;
}

const residentMib = (pid: number): number => {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};
const median = (sorted: number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

const ground = await Ground.start({
  replicas: values.replicas,
  env: { RETENTION_EVERY_MS: '2000' },
});
const lastsMs = values.minutes * 60_000;
const startedAt = Date.now();
const over = () => Date.now() - startedAt > lastsMs;
const samples: Sample[] = [];
const complaints: string[] = [];
const processes = () => ground.named(/^(gateway|[a-z]+-service)(-\d+)?$/);

async function sample(): Promise<void> {
  const born = new Map<number, number>();
  while (!over()) {
    for (const name of processes()) {
      const pid = ground.pid(name);
      if (!born.has(pid)) born.set(pid, Date.now());
      const mib = residentMib(pid);
      if (mib > 0 && Date.now() - (born.get(pid) ?? 0) > WARM_MS)
        samples.push({ at: Date.now() - startedAt, name, pid, mib });
    }
    await pause(SAMPLE_MS);
  }
}

async function tell(): Promise<void> {
  for (let round = 0; !over(); round++) {
    const api = new Witness(() => ground.gateways, tokenOf({ role: 'staff' }, ground.stack.run.issuer.url));
    const failures = await workload(api, {
      seed: values.seed + round,
      name: `soak-${round}`,
      rounds: 1,
      atOnce: 6,
    });
    complaints.push(...failures, ...api.surprises, ...(await api.repeatAll()));
  }
}

/** Rows and MiB of every table, in all schemas. */
const tables = () =>
  ground.books.query<{ table: string; rows: string; mib: number }>(
    `select schemaname || '.' || relname as table, n_live_tup as rows, round(pg_total_relation_size(relid) / 1048576.0, 1) as mib
       from pg_stat_user_tables where schemaname = any($1) and relname in ('outbox', 'inbox', 'inbox_cursor', 'idempotency', 'history', 'saga', 'provider_call') order by 1`,
    [Object.values(schemas)],
  );

/** Everything becomes old, and whoever is past its time has to go; answers what stayed. */
async function pruned(): Promise<string[]> {
  const old = Object.values(schemas).flatMap((schema) => [
    { table: `${schema}.outbox`, at: 'published_at', over: 'published_at is not null' },
    { table: `${schema}.inbox`, at: 'done_at', over: `state = 'done' and discarded_at is null` },
    { table: `${schema}.idempotency`, at: 'created_at', over: 'true' },
  ]);
  for (const { table, at, over: past } of old)
    await ground.books.query(`update ${table} set ${at} = ${at} - interval '60 days' where ${past}`);
  const staying = async () => {
    const left: string[] = [];
    for (const { table, at, over: past } of old) {
      const [row] = await ground.books.query<{ n: string }>(
        `select count(*) as n from ${table} where ${past} and ${at} < now() - interval '50 days'`,
      );
      if (Number(row?.n) > 0) left.push(`${table} kept ${row?.n} rows that are past their time`);
    }
    return left;
  };
  for (const until = Date.now() + PRUNED_MS; ; await pause(1_000)) {
    const left = await staying();
    if (left.length === 0 || Date.now() > until) return left;
  }
}

let failed = true;
try {
  const telling = Promise.all([tell(), sample()]);
  const struck = await strikeAtRandom(ground, new Random(values.seed), telling);
  await telling;
  const { atRestMs, broken } = await judge(ground);
  complaints.push(...broken, ...endedByThemselves(ground, 0));
  const within = (name: string, from: number, to: number) =>
    samples
      .filter((one) => one.name === name && one.at >= from * lastsMs && one.at < to * lastsMs)
      .map(({ mib }) => mib)
      .sort((a, b) => a - b);
  const memory = processes().map((name) => {
    const [second, last] = [median(within(name, 0.25, 0.5)), median(within(name, 0.75, 1))];
    if (second > 0 && last > second * GROWTH) complaints.push(`${name} grew from ${second} to ${last} MiB`);
    return { name, 'second quarter, MiB': Math.round(second), 'last quarter, MiB': Math.round(last) };
  });
  console.table(memory);
  console.table(await tables());
  complaints.push(...(await pruned()));
  console.table(await tables());
  console.log(killed(ground));
  const total = [...struck.values()].reduce((sum, times) => sum + times, 0);
  console.log(
    `${values.minutes} minutes, seed ${values.seed}: ${total} strikes of ${struck.size} kinds; at rest after ${atRestMs} ms`,
  );
  for (const one of complaints.slice(0, 20)) console.log(`FAIL ${one.slice(0, 1_000)}`);
  failed = complaints.length > 0;
  console.log(failed ? `${complaints.length} complaints` : 'every invariant holds, memory is flat');
} finally {
  await ground.close();
}
process.exit(failed ? 1 : 0);
