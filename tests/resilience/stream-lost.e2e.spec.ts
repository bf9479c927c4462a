import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { eventually } from '@oms/chassis/testing';
import { STREAM } from '@oms/contracts';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { connectAs } from '../../deploy/nats/connect.ts';
import type { Stack } from '../../deploy/local/src/stack.ts';
import type { Shop } from '../e2e/shop.ts';
import { openShop } from '../e2e/stack.ts';

let stack: Stack;
let shop: Shop;
let home: string;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ shop, stack, home, close } = await openShop({ forges: true }));
});
afterAll(() => close?.());

/** A command of an operator, as a process of its own; answers what it said and how it ended. */
function operate(...args: string[]): Promise<{ text: string; status: number }> {
  const file = join(import.meta.dirname, '../../tools/src', `${args.shift()}.ts`);
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['--no-warnings', file, ...args],
      { env: { ...process.env, OMS_HOME: home } },
      (error, stdout, stderr) => done({ text: stdout + stderr, status: error ? Number(error.code ?? 1) : 0 }),
    );
  });
}
/**
 * What was on its way to the broker in the moment of the loss is in the new stream before what is published again; the
 * sequence numbers tell, and every inbox waits.
 */
const OVERTAKEN = /DIFF the stream has the events of an aggregate in their order|"place":/;
const clean = async () => {
  expect(await operate('events', 'verify', '--settle', '120')).toMatchObject({ status: 0 });
  const differences = async () =>
    (await operate('verify')).text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('ok') && !OVERTAKEN.test(line));
  // What is under way is no difference yet.
  let found = await differences();
  for (const until = Date.now() + 120_000; found.length > 0 && Date.now() < until;)
    found = await differences();
  expect(found).toEqual([]);
};
const asAdmin = async <T>(work: (jsm: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>) => {
  const nc = await connectAs(stack.run.nats.admin);
  try {
    return await work(await jetstreamManager(nc));
  } finally {
    await nc.close();
  }
};
const metric = async (service: string, name: string): Promise<number> => {
  const text = await (await fetch(`${stack.run[service]?.health}/metrics`)).text();
  return Number(new RegExp(`^oms_${name}\\S* (\\S+)$`, 'm').exec(text)?.[1]);
};

/** Orders with a return of every second one, while `disaster` happens. */
async function underLoad(disaster: () => Promise<void>): Promise<void> {
  const one = async (index: number): Promise<void> => {
    const order = await shop.delivered();
    if (index % 2 === 0) await shop.refunded((await shop.openReturn(order, [1, 0])).id);
  };
  const load = Promise.all(Array.from({ length: 6 }, (_, index) => one(index)));
  await shop.paid();
  await disaster();
  await load;
}

it('makes the stream anew when it was deleted, publishes again what it held, and no effect happens twice', async () => {
  await underLoad(async () => {
    await asAdmin((jsm) => jsm.streams.delete(STREAM));
  });
  await clean();
  expect(await metric('order-service', 'stream_lost')).toBe(1);
}, 600_000);

it('lets a service read everything anew when its consumer was deleted or an operator asks, and no effect happens twice', async () => {
  await underLoad(async () => {
    await asAdmin((jsm) => jsm.consumers.delete(STREAM, 'order-service'));
  });
  await clean();
  const replay = await operate('events', 'replay', '--service', 'return-service');
  expect(replay).toMatchObject({ status: 0 });
  await clean();
}, 600_000);

it('goes on after the broker lost its whole store', async () => {
  await underLoad(async () => {
    const { supervisor, nats } = stack.run;
    expect(supervisor.pid).toBe(process.pid);
    process.kill(nats.pid, 'SIGKILL');
    rmSync(join(home, 'nats'), { recursive: true, force: true });
  });
  await clean();
}, 600_000);

it('publishes again only what was marked as published and never was', async () => {
  const client = new pg.Client({ connectionString: stack.run.postgres.url });
  await client.connect();
  try {
    const lost = await shop.paid();
    await clean();
    const before = await asAdmin(async (jsm) => (await jsm.streams.info(STREAM)).state.messages);
    // As after an acknowledgement that the disk forgot: the outbox believes in it, and nobody received it.
    await client.query(
      `insert into orders.outbox (event_id, aggregate_type, aggregate_id, agg_seq, subject, type, payload, headers, published_at, stream_seq)
       select 'evt_01k0000000000000000000lost', aggregate_type, aggregate_id, agg_seq + 1, replace(subject, 'confirmed', 'updated'), 'order.updated', payload,
              headers || jsonb_build_object('ce-id', 'evt_01k0000000000000000000lost', 'ce-type', 'order.updated.v1', 'ce-sequence', (agg_seq + 1)::text), now(), 1
         from orders.outbox where aggregate_id = $1 order by agg_seq desc limit 1`,
      [lost.id],
    );
    expect(await operate('events', 'verify', '--settle', '0')).toMatchObject({
      status: 1,
      text: expect.stringContaining('evt_01k0000000000000000000lost'),
    });
    const republished = await operate('events', 'republish');
    expect(republished.text).toContain('1 events are published again');
    expect(republished.status).toBe(0);
    await eventually('it is in the stream, alone', async () =>
      asAdmin(async (jsm) => (await jsm.streams.info(STREAM)).state.messages === before + 1),
    );
  } finally {
    await client.end();
  }
}, 600_000);
