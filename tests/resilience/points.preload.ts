/**
 * Loaded into each real process of the fault bench (`node --import`), and never into any other: it puts the named points of
 * `points.ts` into the seams of the built code, so that the code itself has no hook, no switch and no cost. A seam that is
 * gone is an error at start: a renamed method must not make the bench blind.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ServerResponse } from 'node:http';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import type { Point, ToBench, ToProcess, Trap } from './points.ts';

const port = Number(process.env['OMS_FAULT_PORT']);
const name = process.env['OMS_PROCESS'] ?? '';
const role = name.replace(/-\d+$/, '');
if (process.env['NODE_ENV'] === 'production') throw new Error('fault points do not go into production');

const traps = new Map<number, Trap>();
const held = new Map<number, () => void>();
const working = new AsyncLocalStorage<string>();

const socket = createConnection(port, '127.0.0.1');
const say = (line: ToBench) => socket.write(`${JSON.stringify(line)}\n`);
await new Promise<void>((done, fail) => {
  socket.once('error', fail);
  socket.once('connect', done);
});
socket.on('error', () => {});
socket.unref();
createInterface({ input: socket })
  .on('error', () => {})
  .on('line', (text) => {
    const line = JSON.parse(text) as ToProcess;
    if ('arm' in line) traps.set(line.arm.id, line.arm);
    else if ('disarm' in line) traps.delete(line.disarm);
    else held.get(line.go)?.();
  });
say({ hello: name });

/** The trap that is sprung by being at `point` now, if any. */
function sprung(point: Point, during: string): Trap | undefined {
  for (const trap of traps.values()) {
    if (trap.point !== point || !during.includes(trap.during)) continue;
    trap.nth -= 1;
    if (trap.nth > 0) continue;
    traps.delete(trap.id);
    // libuv writes at once when nothing waits: the bench hears of it even from a process that is about to die.
    say({ reached: trap.id, during });
    return trap;
  }
  return undefined;
}

/** Answers whether to do the thing twice. */
function strike({ strike: kind, point }: Trap, during: string): boolean {
  if (kind === 'kill') process.kill(process.pid, 'SIGKILL');
  if (kind === 'freeze') process.kill(process.pid, 'SIGSTOP');
  if (kind === 'terminate') process.kill(process.pid, 'SIGTERM');
  // As the client of Postgres or of the broker says it when its connection is gone.
  if (kind === 'fail') throw new Error(`Connection terminated unexpectedly (${point}, ${during})`);
  return kind === 'repeat';
}

/** For places that can't wait: what strikes here is a signal or an exception. */
function reachNow(point: Point, during: string): boolean {
  const trap = sprung(point, during);
  return trap ? strike(trap, during) : false;
}

async function reach(point: Point, during: string): Promise<boolean> {
  const trap = sprung(point, during);
  if (!trap) return false;
  if (trap.strike !== 'hold') return strike(trap, during);
  await new Promise<void>((go) => held.set(trap.id, go));
  held.delete(trap.id);
  return false;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Replaces a method of a class by one that is told of the original. */
function around(owner: object | undefined, method: string, wrap: (original: Method) => Method): void {
  const original = (owner as Record<string, unknown> | undefined)?.[method];
  if (typeof original !== 'function') throw new Error(`no seam for the fault points: ${method} is gone`);
  Object.defineProperty(owner, method, { value: wrap(original as Method), writable: true });
}

/** Names the work, so that what it does on the way (a commit) can be told from the same thing done by other work. */
const named = (owner: object | undefined, method: string, nameOf: (first: never) => string) =>
  around(
    owner,
    method,
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        return working.run(nameOf(args[0] as never), () => original.apply(this, args));
      },
  );

const seam = async (path: string): Promise<Record<string, { prototype: object } | undefined>> =>
  (await import(new URL(`../../${path}`, import.meta.url).href)) as never;

async function intoService(): Promise<void> {
  const { default: pg } = (await import('pg')) as { default: { Client: { prototype: object } } };
  around(
    pg.Client.prototype,
    'query',
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const asked = args[0] as string | { text?: string; name?: string };
        const text = typeof asked === 'string' ? asked : (asked?.text ?? '');
        const statement = typeof asked === 'string' ? '' : (asked?.name ?? '');
        const during = working.getStore() ?? '';
        const send = () => original.apply(this, args) as Promise<{ rows: { type?: string | null }[] }>;
        if (/^commit/i.test(text))
          return (async () => {
            await reach('before commit', during);
            const result = await send();
            await reach('after commit', during);
            return result;
          })();
        if (statement === 'relay-mark')
          return (async () => {
            await reach('before mark', 'relay');
            const result = await send();
            await reach('after mark', 'relay');
            return result;
          })();
        if (statement === 'inbox-next')
          return (async () => {
            const result = await send();
            for (const { type } of result.rows) if (type) await reach('after claim', `claim ${type}`);
            return result;
          })();
        return send();
      },
  );

  const { Executor } = await seam('chassis/dist/execute.js');
  named(Executor?.prototype, 'execute', (work: { name: string }) => work.name);
  const { InboxWorker } = await seam('chassis/dist/inbox/work.js');
  named(InboxWorker?.prototype, 'handle', (row: { type: string }) => `handle ${row.type}`);
  const { SagaTimers } = await seam('chassis/dist/saga-timers.js');
  named(SagaTimers?.prototype, 'fireOne', (saga: { deadline_name: string }) => `timer ${saga.deadline_name}`);
  const { Relay } = await seam('chassis/dist/outbox/relay.js');
  around(
    Relay?.prototype,
    'publish',
    (original) =>
      async function (this: unknown, ...args: unknown[]) {
        const during = `publish ${(args[0] as { type: string }).type}`;
        if (await reach('before publish', during)) await original.apply(this, args);
        const sequence = await original.apply(this, args);
        await reach('after publish', during);
        return sequence;
      },
  );
  const { Ingest } = await seam('chassis/dist/inbox/ingest.js');
  around(
    Ingest?.prototype,
    'storeReadable',
    (original) =>
      async function (this: unknown, ...args: unknown[]) {
        const during = `store ${(args[0] as { headers: Record<string, string> }[]).map(({ headers }) => headers['ce-type']).join(' ')}`;
        await reach('before store', during);
        const work = await original.apply(this, args);
        await reach('before ack', during);
        setImmediate(() => reachNow('after ack', during));
        return work;
      },
  );
  if (role !== 'payment-service') return;
  const { OperationRunner } = await seam('services/payment-service/dist/features/operation-runner.js');
  named(
    OperationRunner?.prototype,
    'askAndStore',
    (operation: { kind: string }) => `perform ${operation.kind}`,
  );
  const { SandboxProvider } = await seam('services/payment-service/dist/adapters/provider.js');
  around(
    SandboxProvider?.prototype,
    'perform',
    (original) =>
      async function (this: unknown, ...args: unknown[]) {
        const during = `provider ${(args[0] as { kind: string }).kind}`;
        if (await reach('before provider', during)) await original.apply(this, args);
        const result = await original.apply(this, args);
        await reach('after provider', during);
        return result;
      },
  );
}

async function intoProvider(): Promise<void> {
  const { Ledger } = await seam('services/payment-service/dist/sandbox/ledger.js');
  around(
    Ledger?.prototype,
    'append',
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const during = (args[0] as { operation: string }).operation;
        reachNow('before effect', during);
        const effect = original.apply(this, args);
        reachNow('after effect', during);
        return effect;
      },
  );
}

function intoGateway(): void {
  around(
    ServerResponse.prototype,
    'end',
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const { req } = this as ServerResponse;
        if (req.method === 'GET') return original.apply(this, args);
        const during = `${req.method} ${req.url}`;
        reachNow('before answer', during);
        const ended = original.apply(this, args);
        reachNow('after answer', during);
        return ended;
      },
  );
}

if (role === 'gateway') intoGateway();
else if (role === 'payment-sandbox') await intoProvider();
else if (/^(order|return|payment|notification)-service$/.test(role)) await intoService();
