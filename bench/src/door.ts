import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { API_PREFIX } from '@oms/contracts';
import pg from 'pg';
import { developmentKeys } from '../../deploy/local/src/keys.ts';
import { developmentToken } from '../../tools/src/development-token.ts';
import type { RunFile } from '../../tools/src/run-file.ts';
import { ownCpuMs } from './cpu.ts';
import { round } from './load.ts';
import { differenceOf, median, shuffled, type Difference } from './pairs.ts';
import { orderBody } from './scenarios.ts';

const CONNECTIONS = 16;
/** Of one turn: a second and more of CPU, against which the 10 ms that the kernel counts in are little. */
const REQUESTS = 150;
const WARM_UP_REQUESTS = 600;

/** From nothing to everything: each way has what the one before has, and one thing more. */
const WAYS = ['bare', 'with key', 'with caller', 'whole'] as const;
type Way = (typeof WAYS)[number];
/** Who answers a create-order; everybody else only hears of it. */
const ANSWERING = ['gateway', 'orderService', 'postgres'] as const;
type Process = (typeof ANSWERING)[number] | 'others';

/** CPU of one create-order in µs. */
export interface DoorCost {
  connections: number;
  rounds: number;
  requests: number;
  failures: number;
  /**
   * By way, and by process within it: the medians of the rounds. `answering` are the gateway, order-service and its Postgres
   * sessions; `others` the services that hear of the order, their sessions and the broker.
   */
  cpuMicrosPerRequest: Record<Way, Record<Process | 'answering', number>>;
  /**
   * What is on top, in percent of what `bare` costs those who answer: each with its spread. `limits` is the rest of the door, its
   * headers among it.
   */
  percent: Record<'idempotency' | 'auth' | 'limits' | 'all', Difference>;
  /** `percent.all` of what a bare create-order costs everybody. */
  percentOfEverybody: Difference;
}

interface Door {
  url: string;
  headers: () => Record<string, string>;
}

/**
 * What authentication, idempotency and limits cost: create-order behind no door, and with one part of it more from way to way.
 * Every round makes a turn of each, in a sequence of its own, and a way is compared with the other one of the same round: a
 * machine that gets slower, or tables that grow, weigh on both. All gateways are one process. About 1 s a turn, 4 turns a round.
 */
export async function doorCost(run: RunFile, home: string, rounds: number): Promise<DoorCost> {
  const gateway = await startDoors(run, home);
  const postgres = new pg.Client({ connectionString: run.postgres.url });
  await postgres.connect();
  try {
    const token = await developmentToken({ role: 'staff', subject: 'bench' }, run['issuer']?.url);
    const key = () => ({ 'idempotency-key': randomUUID() });
    const both = () => ({ authorization: `Bearer ${token}`, ...key() });
    const doors: Record<Way, Door> = {
      bare: { url: gateway.urlOf('none'), headers: () => ({}) },
      'with key': { url: gateway.urlOf('none'), headers: key },
      'with caller': { url: gateway.urlOf('identified'), headers: both },
      whole: { url: gateway.urlOf('whole'), headers: both },
    };
    let failures = 0;
    for (const way of WAYS) failures += await createOrders(doors[way], WARM_UP_REQUESTS);

    const meter = new Meter(postgres, gateway.pid, run);
    const turns: Record<Way, Record<Process, number>[]> = {
      bare: [],
      'with key': [],
      'with caller': [],
      whole: [],
    };
    for (let turn = 0; turn < rounds; turn++)
      for (const way of shuffled(WAYS)) {
        const before = await meter.read();
        failures += await createOrders(doors[way], REQUESTS);
        await meter.settled();
        turns[way].push(perRequest(before, await meter.read()));
      }
    return { connections: CONNECTIONS, rounds, requests: REQUESTS, failures, ...summary(turns) };
  } finally {
    await postgres.end();
    gateway.process.kill();
  }
}

/** So many in a closed loop on all connections; answers how many failed. */
async function createOrders({ url, headers }: Door, count: number): Promise<number> {
  const body = JSON.stringify(orderBody(false));
  let left = count;
  let failures = 0;
  const loop = async () => {
    while (left-- > 0) {
      const answer = await fetch(`${url}/api/v1/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers() },
        body,
      });
      const text = await answer.text();
      if (answer.status !== 201 && failures++ === 0) console.error(`${answer.status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, loop));
  return failures;
}

type Reading = Record<Process, Map<number, number>>;

const LOOK_MS = 100;
const IDLE_MS_OF_CPU = 20;
const MOST_LOOKS = 20;

const COUNTED_APART = new Set(['supervisor', 'gateway', 'order-service', 'postgres']);

/** Reads the CPU time of everybody who works because of a create-order, and of Postgres' own upkeep with the others. */
class Meter {
  private readonly postgres: pg.Client;
  private readonly gateway: number;
  private readonly orderService: number;
  private readonly others: number[];

  constructor(postgres: pg.Client, gateway: number, run: RunFile) {
    this.postgres = postgres;
    this.gateway = gateway;
    this.orderService = run['order-service']?.pid ?? 0;
    this.others = Object.entries(run).flatMap(([name, { pid }]) => (COUNTED_APART.has(name) ? [] : [pid]));
  }

  async read(): Promise<Reading> {
    const { rows } = await this.postgres.query<{ pid: number; orders: boolean }>(
      `select pid, coalesce(usename like 'order%' and backend_type = 'client backend', false) as orders
         from pg_stat_activity where pid <> pg_backend_pid()`,
    );
    const of = (...pids: number[]) => new Map(pids.map((pid) => [pid, ownCpuMs(pid)]));
    const sessions = (orders: boolean) => rows.filter((row) => row.orders === orders).map(({ pid }) => pid);
    return {
      gateway: of(this.gateway),
      orderService: of(this.orderService),
      postgres: of(...sessions(true)),
      others: of(...this.others, ...sessions(false)),
    };
  }

  /** What a request leaves to be done (outbox, what other services ask for) belongs to its own turn and not to the next one. */
  async settled(): Promise<void> {
    for (let look = 0, last = sum(await this.read()); look < MOST_LOOKS; look++) {
      await new Promise((done) => setTimeout(done, LOOK_MS));
      const now = sum(await this.read());
      if (now - last <= IDLE_MS_OF_CPU) return;
      last = now;
    }
  }
}

const sum = (reading: Reading): number =>
  Object.values(reading).reduce((all, pids) => [...pids.values()].reduce((a, b) => a + b, all), 0);

/** µs a request. A session that ended meanwhile is left out, one that began is counted whole. */
function perRequest(before: Reading, after: Reading): Record<Process, number> {
  const of = (name: Process) =>
    ([...after[name]].reduce((all, [pid, ms]) => all + ms - (before[name].get(pid) ?? 0), 0) * 1000) /
    REQUESTS;
  return {
    gateway: of('gateway'),
    orderService: of('orderService'),
    postgres: of('postgres'),
    others: of('others'),
  };
}

/** Runs them as the stack runs its gateway, as the same identity at the broker and towards the services. */
async function startDoors(
  run: RunFile,
  home: string,
): Promise<{ process: ChildProcess; pid: number; urlOf: (door: string) => string }> {
  const keys = developmentKeys(home, ['gateway']);
  const child = fork(join(import.meta.dirname, 'doors.process.ts'), {
    execArgv: ['--no-warnings', '--max-semi-space-size=4'],
    env: {
      ...process.env,
      NATS_URL: run.nats.url,
      ...(run.nats.pid > 0 && { NATS_SEED: keys.broker.seeds['gateway'], NATS_API_PREFIX: API_PREFIX }),
      IDENTITY_KEY: JSON.stringify(keys.identity['gateway']),
      AUTH_ISSUER: run['issuer']?.url,
    },
  });
  const ports = await new Promise<Record<string, number>>((listening, fail) => {
    child.once('message', (message) => listening(message as Record<string, number>));
    child.once('exit', (code) => fail(new Error(`the gateway behind several doors ended with ${code}`)));
  });
  return { process: child, pid: child.pid ?? 0, urlOf: (door) => `http://127.0.0.1:${ports[door]}` };
}

function summary(turns: Record<Way, Record<Process, number>[]>) {
  const answering = (way: Way) =>
    turns[way].map((turn) => ANSWERING.reduce((all, name) => all + turn[name], 0));
  const everybody = (way: Way) =>
    answering(way).map((total, index) => total + (turns[way][index]?.others ?? 0));
  const of = (way: Way) => {
    const part = (name: Process) => Math.round(median(turns[way].map((turn) => turn[name])));
    return {
      answering: Math.round(median(answering(way))),
      gateway: part('gateway'),
      orderService: part('orderService'),
      postgres: part('postgres'),
      others: part('others'),
    };
  };
  const percent = (less: Way, more: Way, whole = median(answering('bare'))) => {
    const { median: middle, from, to } = differenceOf(answering(less), answering(more));
    const ofWhole = (micros: number) => round((micros / whole) * 100);
    return { median: ofWhole(middle), from: ofWhole(from), to: ofWhole(to) };
  };
  return {
    cpuMicrosPerRequest: {
      bare: of('bare'),
      'with key': of('with key'),
      'with caller': of('with caller'),
      whole: of('whole'),
    },
    percent: {
      idempotency: percent('bare', 'with key'),
      auth: percent('with key', 'with caller'),
      limits: percent('with caller', 'whole'),
      all: percent('bare', 'whole'),
    },
    percentOfEverybody: percent('bare', 'whole', median(everybody('bare'))),
  };
}
