import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { API_PREFIX } from '@oms/contracts';
import { developmentKeys } from '../../deploy/local/src/keys.ts';
import { developmentToken } from '../../tools/src/development-token.ts';
import type { RunFile } from '../../tools/src/run-file.ts';
import { cpuMs } from './cpu.ts';
import { measure, round } from './load.ts';
import { orderBody } from './scenarios.ts';

const CONNECTIONS = 16;
const ROUNDS = 4;
const SECONDS = 1.2;
const WARM_UP_SECONDS = 0.8;

/** One way into the system: `whole` is the stack's own gateway, the others are the gateway without its door. */
type Way = 'bare' | 'with key' | 'whole';
const WAYS: readonly Way[] = ['bare', 'with key', 'whole'];

/** CPU of one create-order in µs, summed over the gateway, order-service and Postgres; the median of the rounds. */
export interface DoorCost {
  connections: number;
  rounds: number;
  failures: number;
  /** By way, and by process within it. */
  cpuMicrosPerRequest: Record<
    Way,
    { total: number; gateway: number; orderService: number; postgres: number }
  >;
  /** What is on top of `bare`, in percent of it: the Idempotency-Key, the rest of the door (bearer, limits, headers), and both. */
  percent: { key: number; door: number; both: number };
}

/**
 * What authentication, idempotency and limits cost: create-order through the whole gateway and through one without a door,
 * turn by turn, so that a machine that gets slower, or tables that grow, weigh on all alike. Takes about 25 s.
 */
export async function doorCost(run: RunFile, home: string): Promise<DoorCost> {
  const bare = await startBareGateway(run, home);
  try {
    const token = await developmentToken({ role: 'staff', subject: 'bench' }, run['issuer']?.url);
    const doors: Record<Way, { url: string; pid: number; headers: () => Record<string, string> }> = {
      bare: { ...bare, headers: () => ({}) },
      'with key': { ...bare, headers: () => ({ 'idempotency-key': randomUUID() }) },
      whole: {
        ...run.gateway,
        headers: () => ({ authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() }),
      },
    };
    const body = JSON.stringify(orderBody(false));
    const createOrder = async (way: Way) => {
      const { url, headers } = doors[way];
      const answer = await fetch(`${url}/api/v1/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers() },
        body,
      });
      const text = await answer.text();
      if (answer.status !== 201) throw new Error(`${way}: ${answer.status} ${text}`);
    };
    for (const way of WAYS) {
      await createOrder(way);
      await measure(way, CONNECTIONS, WARM_UP_SECONDS, () => createOrder(way));
    }

    const turns: Record<Way, number[][]> = { bare: [], 'with key': [], whole: [] };
    let failures = 0;
    for (let turn = 0; turn < ROUNDS * WAYS.length; turn++) {
      // Each round begins with another way: none is always the one that follows the heaviest.
      const way = WAYS[(turn + Math.floor(turn / WAYS.length)) % WAYS.length] ?? 'bare';
      const pids = [doors[way].pid, run['order-service']?.pid ?? 0, run.postgres.pid];
      const before = pids.map(cpuMs);
      const load = await measure(way, CONNECTIONS, SECONDS, () => createOrder(way));
      await quiet(pids);
      failures += load.failures;
      turns[way].push(
        pids.map((pid, index) => ((cpuMs(pid) - (before[index] ?? 0)) * 1000) / Math.max(1, load.requests)),
      );
    }
    return summary(turns, failures);
  } finally {
    bare.process.kill();
  }
}

const LOOK_MS = 100;
const QUIET_MS_OF_CPU = 20;
const MOST_LOOKS = 10;

/** What a request leaves to be done (outbox, write-ahead log) belongs to its own turn and not to the next one. */
async function quiet(pids: readonly number[]): Promise<void> {
  const used = () => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
  for (let look = 0, last = used(); look < MOST_LOOKS; look++) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    const now = used();
    if (now - last <= QUIET_MS_OF_CPU) return;
    last = now;
  }
}

/** Runs it as the stack runs its gateway, as the same identity at the broker and towards the services. */
async function startBareGateway(
  run: RunFile,
  home: string,
): Promise<{ process: ChildProcess; pid: number; url: string }> {
  const keys = developmentKeys(home, ['gateway']);
  const child = fork(join(import.meta.dirname, 'bare-gateway.ts'), {
    execArgv: ['--no-warnings', '--max-semi-space-size=8'],
    env: {
      ...process.env,
      NATS_URL: run.nats.url,
      ...(run.nats.pid > 0 && { NATS_SEED: keys.broker.seeds['gateway'], NATS_API_PREFIX: API_PREFIX }),
      IDENTITY_KEY: JSON.stringify(keys.identity['gateway']),
      AUTH_ISSUER: run['issuer']?.url,
    },
  });
  const port = await new Promise<number>((listening, fail) => {
    child.once('message', (message) => listening(Number(message)));
    child.once('exit', (code) => fail(new Error(`the gateway without its door ended with ${code}`)));
  });
  return { process: child, pid: child.pid ?? 0, url: `http://127.0.0.1:${port}` };
}

function summary(turns: Record<Way, number[][]>, failures: number): DoorCost {
  const median = (numbers: number[]): number => {
    const sorted = numbers.toSorted((a, b) => a - b);
    const middle = sorted.length / 2;
    return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
  };
  const of = (way: Way) => {
    const part = (index: number) => Math.round(median(turns[way].map((turn) => turn[index] ?? 0)));
    const total = Math.round(median(turns[way].map((turn) => turn.reduce((sum, one) => sum + one, 0))));
    return { total, gateway: part(0), orderService: part(1), postgres: part(2) };
  };
  const cpuMicrosPerRequest = { bare: of('bare'), 'with key': of('with key'), whole: of('whole') };
  const { bare, 'with key': withKey, whole } = cpuMicrosPerRequest;
  const percent = (micros: number) => round((micros / bare.total) * 100);
  return {
    connections: CONNECTIONS,
    rounds: ROUNDS,
    failures,
    cpuMicrosPerRequest,
    percent: {
      key: percent(withKey.total - bare.total),
      door: percent(whole.total - withKey.total),
      both: percent(whole.total - bare.total),
    },
  };
}
