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
type Process = 'gateway' | 'orderService' | 'postgres';

/** CPU of one create-order in µs, of the gateway, order-service and the Postgres sessions of order-service. */
export interface DoorCost {
  connections: number;
  rounds: number;
  requests: number;
  failures: number;
  /** By way, and by process within it: the medians of the rounds. */
  cpuMicrosPerRequest: Record<Way, Record<Process | 'total', number>>;
  /** What is on top, in percent of `bare`: each with its spread. `limits` is the rest of the door, its headers among it. */
  percent: Record<'idempotency' | 'auth' | 'limits' | 'all', Difference>;
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

    const meter = new Meter(postgres, gateway.pid, run['order-service']?.pid ?? 0);
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

/** Reads the CPU time of those who work on a create-order: not that of services which hear of it, nor of Postgres' own upkeep. */
class Meter {
  private readonly postgres: pg.Client;
  private readonly gateway: number;
  private readonly orderService: number;

  constructor(postgres: pg.Client, gateway: number, orderService: number) {
    this.postgres = postgres;
    this.gateway = gateway;
    this.orderService = orderService;
  }

  async read(): Promise<Reading> {
    const { rows } = await this.postgres.query<{ pid: number }>(
      `select pid from pg_stat_activity where usename like 'order%' and backend_type = 'client backend'`,
    );
    const of = (...pids: number[]) => new Map(pids.map((pid) => [pid, ownCpuMs(pid)]));
    return {
      gateway: of(this.gateway),
      orderService: of(this.orderService),
      postgres: of(...rows.map(({ pid }) => pid)),
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
  return { gateway: of('gateway'), orderService: of('orderService'), postgres: of('postgres') };
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
  const totals = (way: Way) => turns[way].map((turn) => turn.gateway + turn.orderService + turn.postgres);
  const of = (way: Way) => {
    const part = (name: Process) => Math.round(median(turns[way].map((turn) => turn[name])));
    return {
      total: Math.round(median(totals(way))),
      gateway: part('gateway'),
      orderService: part('orderService'),
      postgres: part('postgres'),
    };
  };
  const bare = median(totals('bare'));
  const percent = (less: Way, more: Way) => {
    const { median: middle, from, to } = differenceOf(totals(less), totals(more));
    const ofBare = (micros: number) => round((micros / bare) * 100);
    return { median: ofBare(middle), from: ofBare(from), to: ofBare(to) };
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
  };
}
