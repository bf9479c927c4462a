import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { eventually } from '@oms/chassis/testing';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Stack } from '../../deploy/local/src/stack.ts';
import type { OrderView, Shop } from './shop.ts';
import { openShop } from './stack.ts';

/**
 * Two subscribers as the guide shows them, in TypeScript and in Python on the plain protocol, beside one that never reads. A
 * part of a month goes by; `OMS_LEDGER=FILE` puts a whole ledger through instead.
 */
const root = resolve(import.meta.dirname, '../..');
const ledger = process.env['OMS_LEDGER'];
const PATIENCE_MS = ledger ? 3_600_000 : 90_000;
const examples = {
  ts: [process.execPath, '--no-warnings', join(root, 'docs/examples/subscriber.ts')],
  py: ['python3', join(root, 'docs/examples/subscriber.py')],
} as const;

let shop: Shop;
let stack: Stack;
let home: string;
let close: (() => Promise<void>) | undefined;
let sql: pg.Client;
const running = new Map<string, ChildProcess>();

beforeAll(async () => {
  ({ shop, stack, home, close } = await openShop());
  sql = new pg.Client({ connectionString: stack.run.postgres.url });
  await sql.connect();
}, 120_000);
afterAll(async () => {
  for (const name of running.keys()) await kill(name);
  await sql?.end();
  await close?.();
}, 90_000);

/** Runs a tool of the project against the stack of this test. */
async function tool(file: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', join(root, 'tools/src', file), ...args],
    {
      env: { ...process.env, OMS_HOME: home },
      maxBuffer: 1 << 26,
    },
  );
  return stdout;
}
const subscriber = (...args: string[]) => tool('subscriber.ts', ...args);

const tableOf = (name: string): string => join(home, `${name}.db`);

function start(name: string, kind: keyof typeof examples): void {
  const [command, ...args] = examples[kind];
  const child = spawn(command, args, {
    env: {
      ...process.env,
      BROKER: stack.run.nats.url,
      SEED: readFileSync(join(home, `subscribers/${name}.seed`), 'utf8').trim(),
      NAME: name,
      TABLE: tableOf(name),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (part: Buffer) => complaints.push(`${name}: ${part.toString().trim()}`));
  running.set(name, child);
}
const complaints: string[] = [];

async function kill(name: string): Promise<void> {
  const child = running.get(name);
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGKILL');
  await ended;
}

interface Row {
  id: string;
  name: string;
  subject: string;
  sequence: number;
  amount: number;
}

/** A subscriber's own table, in the order in which it was filled. */
function table(name: string): Row[] {
  if (!existsSync(tableOf(name)) || statSync(tableOf(name)).size === 0) return [];
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const db = new DatabaseSync(tableOf(name), { readOnly: true });
  try {
    return db
      .prepare('select id, name, subject, sequence, amount from received order by place')
      .all() as unknown as Row[];
  } catch {
    return []; // Not made yet.
  } finally {
    db.close();
  }
}

async function published(): Promise<string[]> {
  const { rows } = await sql.query<{ event_id: string }>(
    'select event_id from orders.outbox union all select event_id from payments.outbox union all select event_id from returns.outbox',
  );
  return rows.map((row) => row.event_id).sort();
}

const ids = (name: string): string[] =>
  table(name)
    .map(({ id }) => id)
    .sort();

/** Some days of a shop: orders that are paid and delivered, a part of them sent back. */
async function days(count: number): Promise<void> {
  if (ledger) return void (await tool('import.ts', ledger));
  const one = async (index: number) => {
    const order: OrderView = await shop.delivered();
    if (index % 2 === 0) await shop.refunded((await shop.openReturn(order, [1, 0])).id);
  };
  for (let index = 0; index < count; index += 4)
    await Promise.all([0, 1, 2, 3].map((offset) => one(index + offset)));
}

const lag = async (name: string) =>
  JSON.parse(await subscriber('lag', name)) as { waiting: number; 'with it': number; paused: boolean };

it(
  'two subscribers see each event once and in order, whatever happens to them, and agree with the services',
  async () => {
    await shop.paid();
    for (const name of ['warehouse', 'dead']) await subscriber('add', name, '--events', '*');
    await subscriber('add', 'books', '--events', 'order.*,payment.*,return.*', '--ahead', '1');
    await subscriber('add', 'picky', '--events', 'order.placed,return.received', '--from', 'now');
    start('warehouse', 'ts');
    start('books', 'py');
    start('picky', 'ts');
    await eventually(
      'they have what was before them',
      () => ids('warehouse').length > 4 && ids('books').length > 4,
      60_000,
    );
    expect(await subscriber('list')).toMatch(/warehouse.*\n.*dead.*\n.*books.*\n.*picky/);

    const first = days(8);
    await eventually(
      'something has come',
      () => ids('warehouse').length > 20 && ids('books').length > 20,
      PATIENCE_MS,
    );
    await Promise.all([kill('warehouse'), kill('books')]);
    start('warehouse', 'ts');
    start('books', 'py');
    await first;

    await subscriber('pause', 'warehouse');
    const before = ids('warehouse').length;
    if (!ledger) await days(8);
    await eventually(
      'what comes meanwhile waits',
      async () => (await lag('warehouse')).waiting > 0 || Boolean(ledger),
      60_000,
    );
    expect((await lag('warehouse')).paused).toBe(true);
    if (!ledger) expect(ids('warehouse').length).toBeLessThan((await published()).length);
    expect(before).toBeGreaterThan(0);
    stack.kill('nats');
    await subscriber('resume', 'warehouse').catch(() =>
      eventually(
        'the broker is back',
        () =>
          subscriber('resume', 'warehouse').then(
            () => true,
            () => false,
          ),
        60_000,
      ),
    );

    await eventually(
      'both tables hold every event',
      async () => {
        const all = (await published()).length;
        return ids('warehouse').length >= all && ids('books').length >= all;
      },
      PATIENCE_MS,
    );
    const all = await published();
    for (const name of ['warehouse', 'books']) {
      expect(ids(name)).toEqual(all);
      const last = new Map<string, number>();
      for (const { subject, sequence } of table(name)) {
        expect([subject, sequence]).toEqual([subject, (last.get(subject) ?? 0) + 1]);
        last.set(subject, sequence);
      }
      const { rows } = await sql.query<{ sum: string }>(
        "select (select coalesce(sum(total), 0) from orders.orders) - (select coalesce(sum(refund_amount), 0) from returns.return where status = 'refunded') as sum",
      );
      expect(table(name).reduce((sum, row) => sum + row.amount, 0)).toBe(Number(rows[0]?.sum));
    }
    // The one that asked for some kinds only sees numbers missing, as it should.
    expect(complaints.filter((line) => line.includes('gap') && !line.startsWith('picky'))).toEqual([]);
  },
  PATIENCE_MS * 4,
);

it('one that asked for two kinds of event has those only', () => {
  expect(new Set(table('picky').map(({ name }) => name))).toEqual(
    new Set(['order.placed', 'return.received']),
  );
});

it('one that never reads waits by itself: the services and the other subscribers have done everything', async () => {
  const { waiting } = await lag('dead');
  expect(waiting).toBe((await published()).length);
  const { rows } = await sql.query<{ open: string }>(
    ['orders', 'payments', 'returns', 'notifications']
      .map((schema) => `select count(*) as open from ${schema}.inbox where state <> 'done'`)
      .join(' union all '),
  );
  await eventually('the services are done', () => rows.every(({ open }) => Number(open) === 0));
  expect((await lag('warehouse')).waiting).toBe(0);
});

it('one that was removed is refused at once, and its place is forgotten', async () => {
  const seed = new TextEncoder().encode(readFileSync(join(home, 'subscribers/picky.seed'), 'utf8').trim());
  const come = () =>
    connect({
      servers: stack.run.nats.url,
      authenticator: nkeyAuthenticator(seed),
      maxReconnectAttempts: 0,
    });
  await (await come()).close();
  await subscriber('remove', 'picky');
  await eventually('it is refused', () =>
    come().then(
      (nc) => nc.close().then(() => false),
      (error: Error) => /authorization/i.test(error.message),
    ),
  );
  expect(await subscriber('list')).not.toMatch(/picky/);
  await expect(subscriber('lag', 'picky')).rejects.toThrow(/no subscriber is called picky/);
});

it.each([
  ['an event that nobody publishes', ['--events', 'order.exploded'], /no event is called order.exploded/],
  ['a name of ours', ['--events', '*'], /one of our own services/, 'order-service'],
  ['no events', [], /no events are asked for/],
  ['a time that is none', ['--events', '*', '--from', 'yesterday'], /--from is/],
] as [string, string[], RegExp, string?][])('refuses %s', async (_, args, reason, name = 'late') => {
  await expect(subscriber('add', name, ...args)).rejects.toThrow(reason);
});
