import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@oms/chassis/testing';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenOf } from '../../tools/src/development-token.ts';
import { faults } from './faults.ts';
import { Ground } from './ground.ts';
import { endedByThemselves, judge } from './judge.ts';
import { Random } from './random.ts';
import { runFault } from './run.ts';
import { Witness } from './witness.ts';
import { workload } from './workload.ts';

const HANDOVER_MS = 20_000;

let ground: Ground | undefined;
afterEach(async () => {
  await ground?.close();
  ground = undefined;
}, 120_000);

const fault = (name: string) => {
  const found = faults.find((one) => one.name === name);
  if (!found) throw new Error(`no fault ${name}`);
  return found;
};

const staff = (on: Ground, gateways = () => on.gateways): Witness =>
  new Witness(gateways, tokenOf({ role: 'staff' }, on.stack.run.issuer.url));

/** The replica whose log said last that it leads. */
function leaderOf(on: Ground, role: string): string {
  const said = on.replicasOf(role).map((name) => {
    const lines = readFileSync(join(on.home, 'logs', `${name}.log`), 'utf8').split('\n');
    const last = lines.filter((line) => line.includes('relay: leads')).at(-1) ?? '{"time":""}';
    return { name, at: (JSON.parse(last) as { time: string }).time };
  });
  return said.sort((one, other) => other.at.localeCompare(one.at))[0]?.name ?? role;
}

const order = (token: string) => ({
  email: 'jane@example.com',
  currency: 'GBP',
  items: [{ sku: '85123A', name: 'White hanging heart', quantity: 2, unitPrice: 333 }],
  shippingAddress: {
    name: 'Jane Roe',
    line1: '1 High Street',
    city: 'Leeds',
    postalCode: 'LS1 1AA',
    country: 'GB',
  },
  payment: { method: 'card', token, capture: 'automatic' },
});

describe.each([2, 3])('with %i of each process', (replicas) => {
  it('nothing is lost when some of them are killed at the worst of points', async () => {
    ground = await Ground.start({ replicas });
    for (const name of [
      'after-refund',
      'order-before-mark',
      'return-hears-of-the-refund',
      'everything-dies',
    ]) {
      const { broken } = await runFault(ground, fault(name), { seed: replicas, rounds: 1 });
      expect({ name, broken }).toEqual({ name, broken: [] });
    }
  }, 600_000);
});

it('one relay leads, and when it is killed another one does within seconds', async () => {
  ground = await Ground.start({ replicas: 2 });
  const api = staff(ground);
  const gaps: number[] = [];
  for (let drill = 0; drill < 3; drill++) {
    const leader = leaderOf(ground, 'order-service');
    ground.signal(leader, 'SIGKILL');
    const killedAt = Date.now();
    const { id } = await api.write('POST', '/orders', order('tok_visa'), randomUUID());
    const { books } = ground;
    await eventually(
      'the other one publishes',
      async () =>
        (
          await books.query(
            `select 1 from orders.outbox where aggregate_id = $1 and published_at is not null`,
            [id],
          )
        ).length === 1,
      HANDOVER_MS,
    );
    gaps.push(Date.now() - killedAt);
    await api.until(`/orders/${id}`, (view) => view.status === 'confirmed');
    expect((await judge(ground)).broken).toEqual([]);
  }
  console.log(`hand-over of the relay, ms from the kill to the next event published: ${gaps.join(', ')}`);
}, 300_000);

it('a deadline fires once, however many look for it', async () => {
  ground = await Ground.start({ replicas: 3 });
  const api = staff(ground);
  const returns = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { id } = await api.write('POST', '/orders', order('tok_visa'), randomUUID());
      await api.until(`/orders/${id}`, (view) => view.status === 'confirmed');
      for (const transition of ['process', 'ship', 'deliver'])
        await api.write('POST', `/orders/${id}/state`, { transition }, randomUUID());
      const [item] = (await api.read(`/orders/${id}`))['items'] as { id: string }[];
      const items = [{ orderItemId: item?.id, quantity: 1, reason: 'defective' }];
      const opened = await api.write('POST', '/returns', { orderId: id, items }, randomUUID());
      await api.write('POST', `/returns/${opened.id}/approve`, {}, randomUUID());
      return opened.id;
    }),
  );
  await ground.books.query(
    `update returns.saga set deadline_at = now() where aggregate_id = any($1) and deadline_name = 'ship_back'`,
    [returns],
  );
  for (const id of returns) {
    await api.until(`/returns/${id}`, (view) => view.status === 'cancelled');
    const { data } = await api.read<{ data: { transition: string }[] }>(`/returns/${id}/history`);
    expect(data.map(({ transition }) => transition)).toEqual(['initiate', 'approve', 'expire']);
  }
  expect((await judge(ground)).broken).toEqual([]);
}, 300_000);

it('a rolling restart under load fails no request but with a 503 that may be sent again', async () => {
  // Patient: a busy machine is slow to answer, and only a request that was lost must be told by its 504.
  ground = await Ground.start({ replicas: 2, env: { RPC_TIMEOUT_MS: '15000' } });
  const on = ground;
  const endings = on.stack.endings.length;
  // As a load balancer does: a gateway is taken out before it is asked to stop, and is back when it says that it is ready.
  let out = '';
  const api = staff(on, () =>
    on
      .replicasOf('gateway')
      .filter((name) => name !== out)
      .map((name) => on.stack.run[name]?.url ?? ''),
  );
  let restarting = true;
  const telling = (async () => {
    const failures: string[] = [];
    for (let round = 0; restarting; round++)
      failures.push(
        ...(await workload(api, { seed: round, name: `rolling-${round}`, rounds: 1, atOnce: 4 })),
      );
    return failures;
  })();
  const random = new Random(1);
  for (const name of random.shuffled(on.named(/^(gateway|[a-z]+-service)(-\d+)?$/))) {
    out = name;
    const before = on.signal(name, 'SIGTERM');
    await eventually(
      `${name} is back`,
      async () => on.pid(name) !== before && (await on.notReady()).length === 0,
      60_000,
    );
    out = '';
  }
  restarting = false;
  expect(await telling).toEqual([]);
  expect((await judge(on)).broken).toEqual([]);
  expect(await api.repeatAll()).toEqual([]);
  expect(endedByThemselves(on, endings)).toEqual([]);
  expect(on.stack.endings.slice(endings).filter(({ code }) => code !== 0)).toEqual([]);
  expect({ torn: api.torn, surprises: api.surprises }).toEqual({ torn: 0, surprises: [] });
  // More than there is may be asked for, and is refused; whatever else is no success may be sent again.
  expect([...api.statuses.keys()].filter((status) => !/^(2|503|422)/.test(status))).toEqual([]);
  console.log(`rolling restart: ${JSON.stringify(Object.fromEntries(api.statuses))}`);
}, 600_000);
