import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { developmentToken } from '../../tools/src/development-token.ts';
import type { Shop } from '../e2e/shop.ts';
import { openShop } from '../e2e/stack.ts';
import { brokenBooks } from './books.ts';
import { hostileRequest, type HostileRequest } from './requests.ts';
import { idSlot } from './schema-values.ts';
import { sendBytes, type Reply } from './send.ts';
import { faultsOf, leaks } from './verdict.ts';

/** `npm run test:hostile` sends 20,000; every run has its own seed, printed, and OMS_HOSTILE_SEED sends the same again. */
const COUNT = Number(process.env['OMS_HOSTILE'] ?? 1_500);
const SEED = Number(process.env['OMS_HOSTILE_SEED'] ?? Date.now() % 2 ** 31);
const AT_ONCE = 12;

let stack: Stack;
let shop: Shop;
let home: string;
let close: (() => Promise<void>) | undefined;
const tokens = new Map<HostileRequest['caller'], string>();
/** Ids by prefix: what the requests aim at. What they create is added. */
const pool = new Map<string, string[]>();

const learn = (text: string): void => {
  for (const [id = '', prefix = ''] of text.matchAll(/\b([a-z]{3})_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g)) {
    const known = pool.get(prefix) ?? [];
    if (known.length < 400 && !known.includes(id)) pool.set(prefix, [...known, id]);
  }
};
const filled = (text: string): string =>
  text.replace(idSlot, (_, prefix: string, at: string) => {
    const known = pool.get(prefix) ?? [];
    return known[Number(at) % Math.max(known.length, 1)] ?? `${prefix}_01jd3z6q8kf5v9c2x7m4t0b1ha`;
  });

beforeAll(async () => {
  ({ stack, shop, home, close } = await openShop({ env: { WRONG_TOKENS_PER_MINUTE: '10000000' } }));
  for (const role of ['staff', 'admin', 'customer'] as const)
    tokens.set(role, await developmentToken({ role, subject: 'cus_42' }, stack.run.issuer.url));
  for (let turn = 0; turn < 4; turn += 1) {
    learn(JSON.stringify(await shop.place()));
    const order = await shop.delivered();
    learn(JSON.stringify(order));
    learn(JSON.stringify(await shop.openReturn(order, [2, 0])));
    learn(JSON.stringify(await shop.payments(order.id)));
  }
});
afterAll(() => close?.());

const headOf = ({ method, target, headers, body, caller }: HostileRequest): [string, Buffer | undefined] => {
  const bytes = body && Buffer.from(filled(body.toString('latin1')), 'latin1');
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const token = tokens.get(caller);
  if (token) lines.push(`Authorization: Bearer ${token}`);
  if (bytes && !headers.some(([name]) => name === 'Content-Length' || name === 'Transfer-Encoding'))
    lines.push(`Content-Length: ${bytes.length}`);
  return [
    `${method} ${filled(target)} HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`,
    bytes,
  ];
};

/** 503 and 504 say to ask again: on a busy machine a service may not have heard yet of what another has just made. */
async function answered(url: URL, head: string, body: Buffer | undefined): Promise<Reply> {
  for (const until = Date.now() + 60_000; ;) {
    const reply = await sendBytes(url, head, body);
    if (![503, 504].includes(reply.status) || Date.now() > until) return reply;
  }
}

it(`${COUNT} hostile requests get an answer that a caller may get`, async () => {
  console.log(`seed ${SEED}: OMS_HOSTILE_SEED=${SEED} sends the same again`);
  const requests = fc.sample(hostileRequest, { seed: SEED, numRuns: COUNT });
  const url = new URL(shop.url);
  const found: string[] = [];
  const statuses = new Map<number, number>();
  const worker = async () => {
    for (let request = requests.pop(); request; request = requests.pop()) {
      const [head, body] = headOf(request);
      const reply = await answered(url, head, body);
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
      if (reply.status === 201 || reply.status === 200) learn(reply.body);
      for (const fault of faultsOf(request, reply))
        if (found.length < 50)
          found.push(
            `${fault}: ${head.slice(0, 600)}${body?.toString('utf8').slice(0, 600) ?? ''}\n→ ${reply.body.slice(0, 400)}`,
          );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(
    `answers: ${[...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, times]) => `${status} × ${times}`)
      .join(', ')}`,
  );
  expect(found).toEqual([]);
}, 1_800_000);

it('and no process has ended', () => {
  expect(stack.endings.map((ending) => ending)).toEqual([]);
});

it('and nothing is half-written', async () => {
  expect(await brokenBooks(stack.run.postgres.url)).toEqual([]);
});

it('and no log tells a secret, or of a bug', () => {
  const secrets = [...tokens.values()].map((token) => token.slice(-40));
  const keys = JSON.stringify(JSON.parse(readFileSync(join(home, 'development-keys.json'), 'utf8')));
  for (const [, secret = ''] of keys.matchAll(/"d":"([^"]+)"/g)) secrets.push(secret);
  const found: string[] = [];
  for (const file of readdirSync(join(home, 'logs')).filter((name) => /service|gateway/.test(name)))
    for (const line of readFileSync(join(home, 'logs', file), 'utf8').split('\n')) {
      if (secrets.some((secret) => line.includes(secret)))
        found.push(`${file} tells a secret: ${line.slice(0, 300)}`);
      if (/"level":"?(50|60|error|fatal)"?[,}]/.test(line))
        found.push(`${file} tells of a bug: ${line.slice(0, 1500)}`);
      else
        for (const [what, form] of leaks)
          if (form.test(line)) found.push(`${file} tells ${what}: ${line.slice(0, 600)}`);
    }
  expect(found.slice(0, 20)).toEqual([]);
});
