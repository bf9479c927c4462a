import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually as within } from '@oms/chassis/testing';
import type { DeliverySummary, WebhookView } from '@oms/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { Receiver } from '../../services/notification-service/test/receivers.ts';
import { Shop } from './shop.ts';
import { openShop } from './stack.ts';

const eventually = (what: string, holds: () => Promise<boolean>) => within(what, holds, 60_000);

let stack: Stack;
let shop: Shop;
let admin: Shop;
let close: (() => Promise<void>) | undefined;
const receivers: Receiver[] = [];
beforeAll(async () => {
  ({ stack, shop, close } = await openShop({
    env: { WEBHOOK_RETRIES_S: '0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1', WEBHOOK_TIMEOUT_S: '2' },
  }));
  admin = new Shop(stack.run.gateway.url, stack.run.issuer.url, { role: 'admin' });
});
afterAll(async () => {
  for (const receiver of receivers) receiver.close();
  await close?.();
});

async function receiver(answer: Parameters<typeof Receiver.open>[0] = (res) => void res.end()) {
  const opened = await Receiver.open(answer);
  receivers.push(opened);
  return opened;
}
const register = (url: string, events: string[]) =>
  admin.api.post<WebhookView & { secret: string }>('/webhooks', { url, events });

/** What the stream holds of an aggregate's events, by the book of the service that published them. */
async function published(ids: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: stack.run.postgres.url });
  await client.connect();
  const { rows } = await client.query<{ event_id: string }>(
    `select event_id from orders.outbox where aggregate_id = any($1) union all select event_id from returns.outbox where aggregate_id = any($1)`,
    [ids],
  );
  await client.end();
  return rows.map((row) => row.event_id).sort();
}

it('an order and its return reach an endpoint whole, each event once, and the secret is shown once', async () => {
  const target = await receiver();
  const { id, secret } = await register(target.url, ['order.*', 'return.*']);
  expect(JSON.stringify(await admin.api.get(`/webhooks/${id}`))).not.toContain(secret);
  expect(JSON.stringify(await admin.api.get('/webhooks'))).not.toContain(secret);
  const order = await shop.delivered();
  const ret = await shop.openReturn(order, [1, 0]);
  await shop.refunded(ret.id);
  const mine = () =>
    target
      .verified(secret)
      .filter((event) => [event.data['orderId'], event.data['returnId']].includes(order.id))
      .map((event) => event.id)
      .sort();
  // The refund is followed by a last event of the order: what is published grows until then.
  await eventually('all of it arrived', async () => {
    const ids = await published([order.id, ret.id]);
    return ids.length > 14 && isDeepStrictEqual(mine(), ids);
  });
  await admin.raw('DELETE', `/webhooks/${id}`);
});

it('what arrives has the attributes that the page about webhooks shows, and no others', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
  const shown = JSON.parse(
    (/^\{"specversion"[^]*?\}\}$/m.exec(page)?.[0] ?? '').replace('{…}', '{}'),
  ) as object;
  const target = await receiver();
  const { id } = await register(target.url, ['order.confirmed']);
  await shop.place({ payment: { method: 'card', token: 'tok_visa' } });
  await eventually('it arrived', async () => target.received.length > 0);
  const came = JSON.parse(target.received[0]?.body ?? '{}') as Record<string, unknown>;
  /** Texts by their forms: which letters and how many digits. */
  const formsOf = (event: object) =>
    Object.entries(event)
      .filter(([name]) => name !== 'data')
      .map(([name, value]) => [
        name,
        String(value)
          .replace(/(?<=^[a-z]{3}_).*/, '…')
          .replace(/^[0-9a-f]{32}$/, 'a trace')
          .replace(/\d/g, name === 'specversion' ? '$&' : '0'),
      ])
      .toSorted();
  expect(formsOf(came)).toEqual(formsOf(shown));
  await admin.raw('DELETE', `/webhooks/${id}`);
});

it('a service that is killed while it sends loses nothing, and what comes twice has the same id', async () => {
  let slow = true;
  const target = await receiver((res) => void setTimeout(() => res.end(), slow ? 200 : 0));
  const { id, secret } = await register(target.url, ['order.placed']);
  const orders = await Promise.all(Array.from({ length: 20 }, () => shop.place()));
  await eventually('some arrived', async () => target.received.length > 2);
  stack.kill('notification-service');
  slow = false;
  const placed = await eventsOf(orders.map((order) => order.id));
  await eventually('all of them arrived', async () =>
    placed.every((one) => target.received.some((got) => got.id === one)),
  );
  expect(new Set(target.verified(secret).map((event) => event.data['orderId']))).toEqual(
    new Set(orders.map((order) => order.id)),
  );
  await eventually('and that is on record', async () => {
    const { data } = await admin.api.get<{ data: DeliverySummary[] }>(`/webhooks/${id}/deliveries?limit=100`);
    return data.length === orders.length && data.every((one) => one.status === 'succeeded');
  });
});

async function eventsOf(orderIds: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: stack.run.postgres.url });
  await client.connect();
  const { rows } = await client.query<{ event_id: string }>(
    `select event_id from orders.outbox where aggregate_id = any($1) and type = 'order.placed'`,
    [orderIds],
  );
  await client.end();
  return rows.map((row) => row.event_id);
}

it('an endpoint is for admins, and a body that is wrong is told field by field', async () => {
  expect((await shop.raw('GET', '/webhooks')).status).toBe(403);
  const wrong = await admin.raw(
    'POST',
    '/webhooks',
    JSON.stringify({ url: 'ftp://x', events: ['order.eaten'] }),
  );
  expect(wrong).toMatchObject({ status: 400, problem: { code: 'validation_failed' } });
  expect((wrong.problem['errors'] as { path: string }[]).map((one) => one.path).sort()).toEqual([
    'events.0',
    'url',
  ]);
});

it('a change that was read before another one is refused', async () => {
  const { id } = await register('https://warehouse.example/', ['*']);
  const change = (version: string) =>
    admin.raw('PATCH', `/webhooks/${id}`, JSON.stringify({ status: 'disabled' }), {
      'if-match': `"${version}"`,
    });
  expect((await change('1')).status).toBe(200);
  expect((await change('1')).status).toBe(412);
  expect((await admin.raw('POST', `/webhooks/${id}/test`, '{}')).problem).toMatchObject({
    code: 'webhook_disabled',
  });
});
