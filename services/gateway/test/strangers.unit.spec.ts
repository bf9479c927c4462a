import { afterEach, expect, it } from '@jest/globals';
import { Problem } from '../src/problem.js';
import { GOOD, openDoor, type Door } from './open-door.js';

let door: Door;
afterEach(() => door.close());

const authorized = (authorization: string) => door.fetch('/api/v1/orders', { headers: { authorization } });
const guess = () => authorized('Bearer x.y.z');

it('whoever sends wrong tokens is refused with when to come again, and nobody else at its address', async () => {
  door = await openDoor();
  for (let turn = 0; turn < 3; turn += 1) expect((await guess()).status).toBe(401);
  const refused = await guess();
  const seconds = Number(refused.headers.get('retry-after'));
  expect(refused.status).toBe(429);
  expect(seconds).toBeGreaterThan(30);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(refused.headers.get('ratelimit-policy')).toBe('"stranger"; q=3; w=60');
  expect(refused.headers.get('ratelimit')).toBe(`"stranger"; r=0; t=${seconds}`);
  expect(((await refused.json()) as { code: string }).code).toBe('rate_limited');
  expect((await door.fetch('/api/v1/orders')).status).toBe(200);
  expect((await guess()).status).toBe(429);
});

it('an unsubscribe link that is none is counted, and one that is good works from the same address', async () => {
  const good = 'g'.repeat(43);
  door = await openDoor({
    call: async (_subject, body) => {
      if ((body as { token: string }).token !== good) throw new Problem('not_found');
      return { body: {}, version: undefined, replayed: false };
    },
  });
  const click = async (token: string) =>
    (await door.fetch(`/unsubscribe/${token}`, { method: 'POST' })).status;
  const wrong = [];
  for (let turn = 0; turn < 4; turn += 1) wrong.push(await click('w'.repeat(43)));
  expect(wrong).toEqual([404, 404, 404, 429]);
  expect(await click(good)).toBe(200);
});

it('of an address over its limit one guess is looked at at a time, and those of another beside it', async () => {
  let [underWay, most, wanted] = [0, 0, 1];
  door = await openDoor({
    rules: { wrongTokensPerMinute: 1 },
    bearer: (token, turn) =>
      turn(async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        // Long enough for another to begin meanwhile, if it may.
        for (let loop = 0; loop < 20 || most < wanted; loop += 1)
          await new Promise((done) => setImmediate(done));
        underWay -= 1;
        if (token.startsWith('x')) throw new Problem('unauthenticated');
        return { type: 'staff', id: 'x', scopes: null };
      }),
  });
  await guess();
  await guess();
  most = 0;
  const all = await Promise.all([guess(), guess(), guess(), authorized('Bearer a.b.c')]);
  expect(all.map((one) => one.status)).toEqual([429, 429, 429, 200]);
  expect(most).toBe(1);
  wanted = 2;
  const elsewhere = () => door.fetch('/api/v1/orders', { headers: { 'x-forwarded-for': '192.0.2.1' } });
  expect((await Promise.all([elsewhere(), elsewhere()])).map((one) => one.status)).toEqual([200, 200]);
});

it('a flood of guesses from one address holds no more than its line, and who is known passes by it', async () => {
  let free = () => {};
  const freed = new Promise<void>((done) => (free = done));
  let looked = 0;
  door = await openDoor({
    rules: { wrongTokensPerMinute: 1 },
    bearer: (token, turn) =>
      token === GOOD
        ? Promise.resolve({ type: 'staff', id: 'x', scopes: null })
        : turn(async () => {
            if ((looked += 1) > 2) await freed;
            throw new Problem('unauthenticated');
          }),
  });
  await guess();
  await guess();
  const sent = Array.from({ length: 60 }, () => guess());
  // Those for whom there is no place in the line are answered while the line stands still.
  const turnedAway = await Promise.any(sent);
  expect([turnedAway.status, turnedAway.headers.get('retry-after')]).toEqual([429, '1']);
  expect(turnedAway.headers.get('ratelimit')).toMatch(/^"stranger"; r=0; t=\d+$/);
  expect((await door.fetch('/api/v1/orders')).status).toBe(200);
  free();
  expect(new Set((await Promise.all(sent)).map((one) => one.status))).toEqual(new Set([429]));
  expect(looked).toBeLessThan(60);
});

it('an API key that was refused a moment ago is not asked about again', async () => {
  const asked: string[] = [];
  door = await openDoor({
    call: async (subject) => {
      asked.push(subject);
      return { body: { caller: null }, version: undefined, replayed: false };
    },
    rules: { wrongTokensPerMinute: 1 },
  });
  const key = () => fetch(`${door.url}/api/v1/orders`, { headers: { 'x-api-key': `oms_${'A'.repeat(43)}` } });
  expect([(await key()).status, (await key()).status]).toEqual([401, 429]);
  expect(asked).toEqual(['rpc.order.find_api_key']);
});
