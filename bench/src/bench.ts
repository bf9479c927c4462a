import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { commandLine, flag, number, numbers } from '../../tools/src/command-line.ts';
import { readRunFile } from '../../tools/src/run-file.ts';
import { Baseline } from './baseline.ts';
import { committedToDelivered, throughOneSubscriber } from './events.ts';
import { cpuMs, residentMib } from './cpu.ts';
import { doorCost } from './door.ts';
import { measure, measureEach, round, type Load } from './load.ts';
import { Scenarios } from './scenarios.ts';
import { Witness } from './witness.ts';

/** One measurement with what it cost: CPU per request in µs, by process, and the ratio to the baseline's rate. */
interface Result extends Load {
  ratioToBaseline: number | null;
  cpuMicrosPerRequest: Record<string, number>;
}

const { values } = commandLine({
  usage: 'npm run bench -- [--seconds 5] [--connections 16,64] [--door] [--rounds 30]',
  options: {
    seconds: number({ least: 1, most: 3_600, default: 5 }),
    connections: numbers({ least: 1, most: 1_024, default: [16, 64] }),
    /** Only what authentication, idempotency and limits cost. */
    door: flag,
    /** Of turns, for that: the more, the narrower its interval. */
    rounds: number({ least: 2, most: 1_000, default: 30 }),
  },
});
const home = process.env['OMS_HOME'] ?? '.oms';
const { seconds } = values;
const connectionCounts = values.door ? [] : values.connections;

const run = readRunFile();
const witness = await Witness.of(run.nats.admin ?? run.nats.url);
const scenarios = new Scenarios(run.gateway.url, witness);
/** The supervisor is left out: its children are the others. */
const processes = Object.entries(run).filter(([name, entry]) => name !== 'supervisor' && entry.pid > 0);
const idleMib = Object.fromEntries(processes.map(([name, entry]) => [name, round(residentMib(entry.pid))]));

async function withCpu(work: () => Promise<Load>): Promise<Omit<Result, 'ratioToBaseline'>> {
  const before = new Map(processes.map(([name, entry]) => [name, cpuMs(entry.pid)]));
  const load = await work();
  const cpuMicrosPerRequest = Object.fromEntries(
    processes.map(([name, entry]) => [
      name,
      Math.round(((cpuMs(entry.pid) - (before.get(name) ?? 0)) * 1000) / Math.max(1, load.requests)),
    ]),
  );
  return { ...load, cpuMicrosPerRequest };
}

const results: Result[] = [];
const sample = await scenarios.createOrder();
for (let warm = 0; warm < 200; warm++) await scenarios.createOrder();
const received: string[] = [];

for (const connections of connectionCounts) {
  const baseline = await Baseline.of(run.postgres.url, sample.id, connections);
  if (results.length === 0) console.log(`baseline writes ${baseline.tables.join(', ')}`);
  const yardstick = await withCpu(() =>
    measure('baseline: same rows, straight to Postgres', connections, seconds, () => baseline.write()),
  );
  await baseline.close();
  const add = (result: Omit<Result, 'ratioToBaseline'>) =>
    results.push({
      ...result,
      ratioToBaseline: round((result.requestsPerSecond / yardstick.requestsPerSecond) * 100) / 100,
    });
  add(yardstick);
  add(
    await withCpu(() =>
      measure('create-order', connections, seconds, async () => void (await scenarios.createOrder())),
    ),
  );
  add(await withCpu(() => measure('get-order', connections, seconds, () => scenarios.getOrder(sample.id))));
  add(await withCpu(() => measure('list-orders', connections, seconds, () => scenarios.listOrders())));
  add(
    await withCpu(() =>
      measure(
        'placed-to-confirmed',
        connections,
        seconds,
        async () => void (await scenarios.placedToConfirmed()),
      ),
    ),
  );
  add(
    await withCpu(() =>
      measure('whole return chain', connections, seconds, () => scenarios.wholeReturnChain()),
    ),
  );
}
if (!values.door) {
  for (let index = 0; index < 60; index++) received.push(await scenarios.returnUntilReceived());
  const last = await withCpu(() =>
    measureEach('last command to refunded', received, scenarios.processedToRefunded),
  );
  results.push({ ...last, ratioToBaseline: null });
  const admin = run.nats.admin ?? run.nats.url;
  const delivered = await withCpu(() =>
    committedToDelivered(admin, () =>
      measure('traffic', 8, seconds, async () => void (await scenarios.placedToConfirmed())),
    ),
  );
  results.push({ ...delivered, ratioToBaseline: null });
  results.push({ ...(await withCpu(() => throughOneSubscriber(admin))), ratioToBaseline: null });
}
const door = await doorCost(run, home, values.rounds);
await witness.close();

if (results.length > 0)
  console.table(
    results.map(
      ({
        name,
        connections,
        requestsPerSecond,
        p50Ms,
        p99Ms,
        ratioToBaseline,
        failures,
        cpuMicrosPerRequest,
      }) => ({
        name,
        connections,
        'req/s': requestsPerSecond,
        'p50 ms': p50Ms,
        'p99 ms': p99Ms,
        'of baseline': ratioToBaseline,
        failures,
        'cpu µs/req': Object.values(cpuMicrosPerRequest).reduce((sum, value) => sum + value, 0),
      }),
    ),
  );
const { all, idempotency, auth, limits } = door.percent;
const spread = ({ median, from, to }: typeof all) => `${median} % (${from} to ${to})`;
console.log(
  `what the door costs a create-order, in percent of the CPU that it costs without one (95 % interval):
  ${spread(door.percentOfEverybody)} of all that it sets going, ${spread(all)} of those who answer it; of the latter
  idempotency ${spread(idempotency)}, authentication ${spread(auth)}, limits and headers ${spread(limits)}; ${door.failures} failures`,
);
console.table(door.cpuMicrosPerRequest);
console.log('resident MiB before the load:', idleMib);
const folder = join(import.meta.dirname, '../results');
mkdirSync(folder, { recursive: true });
const file = join(folder, values.door ? 'door.json' : 'latest.json');
writeFileSync(
  file,
  `${JSON.stringify({ at: new Date().toISOString(), cores: cpus().length, cpu: cpus()[0]?.model, node: process.version, idleMib, door, results }, null, 2)}\n`,
);
console.log(`written to ${file}`);
