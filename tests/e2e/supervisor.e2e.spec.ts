import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../deploy/local/src/ports.ts';
import type { Run } from '../../deploy/local/src/stack.ts';
import { developmentToken } from '../../tools/src/development-token.ts';

const main = join(import.meta.dirname, '../../deploy/local/src/main.ts');
const PATIENCE_MS = 120_000;

let home = '';
const runFile = () => join(home, 'run.json');
const run = (): Partial<Run> =>
  existsSync(runFile()) ? (JSON.parse(readFileSync(runFile(), 'utf8')) as Run) : {};

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await holds());) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

/** Pids of whatever works on `home`: it is in the command line or in the environment of each. */
function atWork(): number[] {
  const says = (pid: string, what: string) => {
    try {
      return readFileSync(`/proc/${pid}/${what}`, 'utf8').includes(home);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && (says(pid, 'cmdline') || says(pid, 'environ')))
    .map(Number);
}

/** The supervisor as `npm start` runs it, in a process group of its own as a terminal's. */
class Supervisor {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  out = '';
  err = '';

  constructor(env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, ['--no-warnings', main], {
      env: { ...process.env, OMS_HOME: home, OMS_HTTP_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.process.stdout?.on('data', (text: Buffer) => (this.out += text.toString()));
    this.process.stderr?.on('data', (text: Buffer) => (this.err += text.toString()));
    this.ended = once(this.process, 'close').then(([code]) => code as number | null);
  }

  /** As Ctrl-C does: the whole group is told. */
  interrupt(): void {
    process.kill(-(this.process.pid ?? 0), 'SIGINT');
  }

  ready(): Promise<void> {
    return until(() => {
      if (this.process.exitCode !== null) throw new Error(`ended: ${this.out}${this.err}`);
      return this.out.includes('OMS is ready');
    }, 'ready');
  }
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'oms-supervisor-'));
  chmodSync(home, 0o755);
});
afterEach(() => {
  for (const pid of atWork()) process.kill(pid, 'SIGKILL');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a start that is interrupted leaves no process behind', () => {
  const ctrlC = (one: Supervisor) => one.interrupt();

  it.each([
    ['by Ctrl-C before anything runs', () => existsSync(join(home, 'logs')), ctrlC],
    [
      'by SIGTERM when the first process runs',
      () => existsSync(runFile()),
      (one: Supervisor) => void one.process.kill('SIGTERM'),
    ],
    ['by Ctrl-C when the services are being started', () => 'gateway' in run(), ctrlC],
  ])('%s', async (_, moment, interrupt) => {
    rmSync(runFile(), { force: true });
    const supervisor = new Supervisor();
    await until(() => moment() || supervisor.process.exitCode !== null, 'the moment');
    interrupt(supervisor);
    expect({ code: await supervisor.ended, err: supervisor.err }).toEqual({ code: 0, err: '' });
    expect(atWork()).toEqual([]);
  });
});

it('outlives a kill of any of its processes, is started again over what a killed supervisor left, where it was, and goes with its terminal', async () => {
  const first = new Supervisor();
  await first.ready();
  const token = await developmentToken({ role: 'staff' }, run().issuer?.url);

  const killed = run()['order-service']?.pid ?? 0;
  process.kill(killed, 'SIGKILL');
  await until(() => run()['order-service']?.pid !== killed, 'another pid in run.json');
  const ready = () => fetch(`${run()['order-service']?.health}/readyz`).then((answer) => answer.ok);
  await until(() => ready().catch(() => false), 'ready again');

  const before = run();
  first.process.kill('SIGKILL');
  await first.ended;
  const orphans = atWork();
  expect(orphans).toEqual(expect.arrayContaining([before['order-service']?.pid, before.postgres?.pid]));

  const second = new Supervisor();
  await second.ready();
  expect(atWork().filter((pid) => orphans.includes(pid))).toEqual([]);
  const addresses = (run: Partial<Run>) =>
    Object.entries(run).map(([name, entry]) => [name, { ...entry, pid: 0 }]);
  expect(addresses(run())).toEqual(addresses(before));
  const orders = await fetch(`${run().gateway?.url}/api/v1/orders`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(orders.status).toBe(200);

  // The terminal is closed: nobody reads what it says, and it is told so.
  second.process.stdout?.destroy();
  second.process.stderr?.destroy();
  second.process.kill('SIGHUP');
  expect(await second.ended).toBe(0);
  expect(atWork()).toEqual([]);
});

describe('what can not be started is a sentence', () => {
  const refused = async (env: Record<string, string>) => {
    const supervisor = new Supervisor(env);
    const code = await supervisor.ended;
    expect(atWork()).toEqual([]);
    return { code, err: supervisor.err };
  };

  it('about a port that is taken', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    expect(await refused({ OMS_HTTP_PORT: String(port) })).toEqual({
      code: 1,
      err: `port ${port} is taken: stop what listens there, or choose another with OMS_HTTP_PORT\n`,
    });
    other.close();
  });

  it('about a setting that a service refuses, which is not started again and again', async () => {
    const { code, err } = await refused({ CALLS_PER_MINUTE: 'abc' });
    expect(code).toBe(1);
    expect(err).toMatch(/^gateway: CALLS_PER_MINUTE is wrong: .*\n$/);
  });

  it.each(['abc', '70000', '-1', '80.5', ''])('about OMS_HTTP_PORT=%s', async (port) => {
    expect(await refused({ OMS_HTTP_PORT: port })).toEqual({
      code: 1,
      err: `OMS_HTTP_PORT is "${port}": it must be a whole number from 0 to 65535\n`,
    });
  });

  it('about a number of processes that is none', async () => {
    expect(await refused({ OMS_REPLICAS: 'two' })).toEqual({
      code: 1,
      err: 'OMS_REPLICAS is "two": it must be a whole number from 1 to 9\n',
    });
  });

  it('about a home that can not be made', async () => {
    expect(await refused({ OMS_HOME: '/proc/nope' })).toEqual({
      code: 1,
      err: 'OMS_HOME (/proc/nope) can not be made or written (ENOENT): choose another folder\n',
    });
  });
});
