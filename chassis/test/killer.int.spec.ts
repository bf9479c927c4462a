import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Part } from '../../deploy/local/src/parts.ts';
import { eventually } from '../src/testing/index.js';
import { openShopSchema } from './shop-schema.ts';

let shop: Awaited<ReturnType<typeof openShopSchema>>;
let postgres: Part;
let orm: MikroORM;
let child: ChildProcess | undefined;
let deaths = 0;
let over = false;

beforeAll(async () => {
  shop = await openShopSchema({ poolMax: 4 });
  ({ postgres, orm } = shop);
});
afterAll(async () => {
  over = true;
  child?.kill('SIGKILL');
  await shop?.close();
});

const sql = <T>(text: string) => orm.em.fork().execute<T[]>(text);
const event = (id: string, aggregate: string, sequence: number, payload: object) =>
  sql(
    `insert into shop.inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, payload, headers)
     values ('${id}', 'payment', '${aggregate}', ${sequence}, 'payment.captured', '/test', '${JSON.stringify(payload)}', '{}')`,
  );
const stateOf = async (id: string) =>
  (await sql<{ state: string }>(`select state from shop.inbox where event_id = '${id}'`))[0]?.state;

/** As an orchestrator does: whatever ends is started again. */
function keepRunning(): void {
  const args = ['--no-warnings', join(import.meta.dirname, 'worker.process.ts'), postgres.url];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  child.once('exit', () => {
    deaths += 1;
    if (!over) keepRunning();
  });
}

it('parks an event that kills the process after three deaths; others flow, its aggregate waits, and the process lives on', async () => {
  await event('killer', 'a', 1, { kill: true });
  await event('behind', 'a', 2, {});
  await event('neighbour', 'b', 1, {});
  keepRunning();
  await eventually('the killer is parked', async () => (await stateOf('killer')) === 'parked', 60_000);
  await eventually('the neighbour is done', async () => (await stateOf('neighbour')) === 'done', 60_000);
  await event('later', 'b', 2, {});
  await eventually('what comes later is done', async () => (await stateOf('later')) === 'done', 60_000);
  expect(deaths).toBe(3);
  expect(await stateOf('behind')).toBe('new');
  const [parked] = await sql(
    `select error, started_attempts, parked_at is not null as timed from shop.inbox where event_id = 'killer'`,
  );
  expect(parked).toEqual({
    error: 'the process ended 3 times while this was handled',
    started_attempts: 3,
    timed: true,
  });
});
