import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { eventually } from '@oms/chassis/testing';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { untilAtRest } from './at-rest.ts';
import type { OrderView, Shop } from './shop.ts';
import { openShop } from './stack.ts';

/**
 * Two subscribers as the guide shows them, in TypeScript and in Python on the plain protocol, beside one that never reads. A
 * part of a month goes by; `OMS_LEDGER=FILE` puts a whole ledger through instead.
 */
const root = resolve(import.meta.dirname, '../..');
const ledger = process.env['OMS_LEDGER'];
const PATIENCE_MS = ledger ? 3_600_000 : 90_000;
/** Events of an hour: a retailer's month had 24 orders in its busiest one and 8 in its usual one, of ten events each. */
const HOUR = ledger ? 240 : 80;
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
});
afterAll(async () => {
  for (const name of running.keys()) await kill(name);
  await sql?.end();
  await close?.();
});

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

/** What was sold and what came back; money in minor units. */
interface Books {
  orders: number;
  taken: number;
  returns: number;
  refunded: number;
}

/** As a subscriber has them, from nothing but the events that it was sent. */
function booksOf(rows: readonly Row[]): Books {
  const [placed, back] = ['order.placed', 'return.refunded'].map((name) =>
    rows.filter((row) => row.name === name),
  ) as [Row[], Row[]];
  const sum = (some: readonly Row[]) => some.reduce((total, { amount }) => total + amount, 0);
  return { orders: placed.length, taken: sum(placed), returns: back.length, refunded: -sum(back) };
}

/** As the three services that own them have them. */
async function booksOfServices(): Promise<Books> {
  const { rows } = await sql.query<Books>(
    `select (select count(*) from orders.orders)::float8 as orders,
            (select sum(captured_amount) from payments.payment)::float8 as taken,
            (select count(*) from returns.return where status = 'refunded')::float8 as returns,
            (select sum(refunded_amount) from payments.payment)::float8 as refunded`,
  );
  return { ...rows[0] } as Books;
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

    const business = days(8);
    const received = (name: string, count: number) =>
      eventually(`${name} has ${count} events`, () => ids(name).length >= count, PATIENCE_MS);
    await Promise.all(['warehouse', 'books'].map((name) => received(name, 20)));
    await Promise.all([kill('warehouse'), kill('books')]);
    start('warehouse', 'ts');
    start('books', 'py');
    await Promise.all(['warehouse', 'books'].map((name) => received(name, 40)));

    await subscriber('pause', 'warehouse');
    const meanwhile = ledger ? business : days(12);
    await eventually(
      'as much as happens in an hour waits',
      async () => (await lag('warehouse')).waiting >= HOUR,
      PATIENCE_MS,
    );
    expect((await lag('warehouse')).paused).toBe(true);
    // While it is paused it dies, and so does the broker: neither forgets that it is paused, or where it was.
    await kill('warehouse');
    stack.kill('nats');
    start('warehouse', 'ts');
    await eventually(
      'the broker is back',
      () =>
        lag('warehouse').then(
          () => true,
          () => false,
        ),
      PATIENCE_MS,
    );
    const { paused, waiting } = await lag('warehouse');
    expect(paused).toBe(true);
    expect(waiting).toBeGreaterThanOrEqual(HOUR);
    await subscriber('resume', 'warehouse');
    await Promise.all([business, meanwhile]);

    await untilAtRest(stack, PATIENCE_MS);
    await eventually(
      'both tables hold every event',
      async () => {
        const all = await published();
        return ['warehouse', 'books'].every((name) => ids(name).length >= all.length);
      },
      PATIENCE_MS,
    );
    const all = await published();
    const books = await booksOfServices();
    if (ledger) process.stderr.write(`${all.length} events, ${JSON.stringify(books)}\n`);
    for (const name of ['warehouse', 'books']) {
      expect(ids(name)).toEqual(all);
      const last = new Map<string, number>();
      for (const { subject, sequence } of table(name)) {
        expect([subject, sequence]).toEqual([subject, (last.get(subject) ?? 0) + 1]);
        last.set(subject, sequence);
      }
      expect(booksOf(table(name))).toEqual(books);
    }
    // The one that asked for some kinds only sees numbers missing, as it should.
    expect(
      complaints.filter((line) => /gap|not every event/.test(line) && !line.startsWith('picky')),
    ).toEqual([]);
  },
  PATIENCE_MS * 4,
);

it('one that asked for two kinds of event, from now, has those only', async () => {
  const { orders, returns } = await booksOfServices();
  const kinds = () => Object.groupBy(table('picky'), ({ name }) => name);
  // All orders but the one that was there before it.
  await eventually(
    'it has what came after it was added',
    () => table('picky').length >= returns + orders - 1,
    PATIENCE_MS,
  );
  expect(Object.keys(kinds()).sort()).toEqual(['order.placed', 'return.received']);
  expect(kinds()['return.received']).toHaveLength(returns);
  expect(kinds()['order.placed']).toHaveLength(orders - 1);
});

it(
  'one that asked for a time begins there, and one that asked for the beginning with the first event of all',
  async () => {
    await untilAtRest(stack);
    const from = new Date().toISOString();
    const { id } = await shop.paid();
    await untilAtRest(stack);
    const { rows } = await sql.query<{ event_id: string }>(
      `select event_id from orders.outbox where aggregate_id = $1
     union all select o.event_id from payments.outbox o join payments.payment p on p.id = o.aggregate_id and p.order_id = $1`,
      [id],
    );
    for (const [name, since] of [
      ['since', from],
      ['all', 'beginning'],
    ] as const) {
      await subscriber('add', name, '--events', '*', '--from', since);
      start(name, 'ts');
    }
    const all = await published();
    await eventually(
      'both are there',
      () => ids('since').length >= rows.length && ids('all').length >= all.length,
      PATIENCE_MS,
    );
    expect(ids('since')).toEqual(rows.map((row) => row.event_id).sort());
    expect(ids('all')).toEqual(all);
  },
  PATIENCE_MS * 2,
);

it('one that never reads waits by itself: the services and the other subscribers have done everything', async () => {
  const { waiting } = await lag('dead');
  expect(waiting).toBe((await published()).length);
  await untilAtRest(stack);
  await eventually('the others have it all', async () => (await lag('warehouse')).waiting === 0);
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
