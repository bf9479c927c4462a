import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type Command, type Query } from '@oms/chassis';
import { eventually as within } from '@oms/chassis/testing';
import type { DeliverySummary, DeliveryView, EventName, WebhookView } from '@oms/contracts';
import { decode } from '../../../chassis/src/inbox/decode.ts';
import { store } from '../../../chassis/src/inbox/store.ts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { WebhookClient } from '../src/adapters/webhook-client.js';
import { WebhookDispatch } from '../src/features/webhooks/dispatch-webhooks.js';
import { endpointCommands, getWebhook } from '../src/features/webhooks/endpoints.js';
import { getDelivery, listDeliveries } from '../src/features/webhooks/read-deliveries.js';
import { resendCommands } from '../src/features/webhooks/resend-deliveries.js';
import { projectDeliveries } from '../src/persistence/webhook.repository.js';
import { Receiver } from './receivers.js';
import { sample } from './samples.js';
import { testModule } from './settings.js';

const eventually = (what: string, holds: () => Promise<boolean>) => within(what, holds, 60_000);
/** Long enough for every receiver of this process to answer in time while others have the machine, short enough to be waited out. */
const TIMEOUT_MS = 5_000;

let ground: ServiceGround;
let dispatch: WebhookDispatch;
let receivers: Receiver[] = [];
beforeAll(async () => {
  ground = await startGround(testModule());
  dispatch = new WebhookDispatch(ground.runtime, {
    client: new WebhookClient({ timeoutMs: TIMEOUT_MS, loopbackAllowed: true }),
    loopbackAllowed: true,
    timeoutMs: TIMEOUT_MS,
    retryPlan: [20, 20],
    disableAfterMs: 3_600_000,
    logMs: 3_600_000,
  });
  dispatch.kick();
});
afterAll(async () => {
  await dispatch?.stop();
  await ground?.stop();
});
afterEach(async () => {
  for (const receiver of receivers) receiver.close();
  receivers = [];
  await ground.sql('delete from notifications.webhook_endpoint');
});

const receiver = async (answer: Parameters<typeof Receiver.open>[0] = (res) => void res.end('ok')) => {
  const opened = await Receiver.open(answer);
  receivers.push(opened);
  return opened;
};

async function done<T>(work: Command | Query, body: object): Promise<T> {
  const reply = await ground.send(work, body);
  if (!reply.ok) throw new Error(`${reply.failure.code} ${JSON.stringify(reply.failure.extra)}`);
  return reply.body as T;
}
const endpoints = () => endpointCommands({ loopbackAllowed: true, kick: () => dispatch.kick() });
const register = (url: string, events: string[] = ['*']) =>
  done<WebhookView & { secret: string }>(endpoints().create, { url, events });
const deliveriesOf = async (webhookId: string, filter: object = {}): Promise<DeliverySummary[]> =>
  (await done<{ data: DeliverySummary[] }>(listDeliveries, { webhookId, ...filter })).data;
const deliveryOf = (webhookId: string, eventId: string) =>
  done<DeliveryView>(getDelivery, { webhookId, eventId });

/** Stores events as the inbox does, each `times` times; answers their ids. */
async function happen(names: readonly EventName[], times = 1): Promise<string[]> {
  const arrived = names.map((name) => {
    const { id, data } = sample(name);
    const eventId = newId('evt');
    return {
      eventId,
      subject: `oms.${name.split('.')[0]}.v1.${id}.${name.split('.')[1]}`,
      headers: {
        'ce-specversion': '1.0',
        'ce-id': eventId,
        'ce-type': `${name}.v1`,
        'ce-source': '/oms/test',
        'ce-subject': id,
        'ce-time': new Date().toISOString(),
        'ce-sequence': '1',
      },
      body: new TextEncoder().encode(JSON.stringify(data)),
    };
  });
  const into = {
    em: ground.uow.reader(),
    schema: 'notifications',
    interesting: new Set<string>(),
    projection: projectDeliveries,
  };
  for (let time = 0; time < times; time += 1)
    await store(
      into,
      arrived.map((one) => decode(one, into.interesting, { keepsAll: true })),
    );
  dispatch.kick();
  return arrived.map((one) => one.eventId);
}

describe('an endpoint', () => {
  it('gets each event that it asks for once, signed so that the library of Standard Webhooks takes it', async () => {
    const all = await receiver();
    const some = await receiver();
    const [everything, chosen] = [
      await register(all.url),
      await register(some.url, ['return.*', 'order.confirmed']),
    ];
    const names = ['order.placed', 'order.confirmed', 'return.approved', 'payment.captured'] as const;
    const ids = await happen(names, 3);
    await eventually('all of it arrived', async () => all.received.length >= 4 && some.received.length >= 2);
    await eventually('and is on record', async () =>
      (await deliveriesOf(everything.id)).every((one) => one.status === 'succeeded'),
    );
    expect(
      all
        .verified(everything.secret)
        .map((event) => event.id)
        .sort(),
    ).toEqual([...ids].sort());
    expect(
      some
        .verified(chosen.secret)
        .map((event) => event.type)
        .sort(),
    ).toEqual(['order.confirmed.v1', 'return.approved.v1']);
    expect(all.verified(everything.secret)[0]).toMatchObject({
      specversion: '1.0',
      source: '/oms/test',
      sequence: '0000000001',
      data: expect.any(Object),
    });
    expect(all.received.every((one) => ids.includes(one.id))).toBe(true);
  });

  it('that is disabled or came later is sent nothing, until somebody sends it the events of that time', async () => {
    const since = new Date().toISOString();
    const [early] = await happen(['order.placed']);
    const target = await receiver();
    const { id, secret } = await register(target.url, ['order.*']);
    await done(endpoints().update, { webhookId: id, status: 'disabled' });
    const [off] = await happen(['order.confirmed']);
    await happen(['return.approved']);
    expect(await deliveriesOf(id)).toEqual([]);
    await done(endpoints().update, { webhookId: id, status: 'enabled' });
    const { resendRange } = resendCommands(dispatch);
    expect(await done(resendRange, { webhookId: id, after: since, only: 'all' })).toEqual({
      count: 2,
      more: false,
      until: null,
    });
    await eventually('both arrived', async () => target.received.length >= 2);
    expect(
      target
        .verified(secret)
        .map((one) => one.id)
        .sort(),
    ).toEqual([early, off].sort());
  });
});

it('an endpoint can be deleted in the moment in which its delivery fails', async () => {
  const held: (() => void)[] = [];
  const target = await receiver((res) => void held.push(() => res.writeHead(500).end()));
  const { id } = await register(target.url);
  await happen(['order.placed']);
  await eventually('it was asked', async () => held.length > 0);
  await ground.uow.run(async (em) => {
    // Of two that wait for each other, Postgres ends the one that looks first: this one.
    await em.execute(`set local deadlock_timeout = '10ms'`);
    await em.execute('select id from notifications.webhook_endpoint where id = ? for update', [id]);
    for (const answer of held) answer();
    await eventually('the failure waits for who deletes', async () => {
      const [blocked] = await ground.sql<{ count: string }>(
        `select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      return Number(blocked?.count) > 0;
    });
    await em.execute('delete from notifications.webhook_endpoint where id = ?', [id]);
  });
  expect(
    await ground.sql('select 1 from notifications.webhook_delivery where endpoint_id = ?', [id]),
  ).toEqual([]);
});

it('endpoints that fail in every way are survived, and one that works gets everything meanwhile', async () => {
  const elsewhere = await receiver();
  const ways = {
    slow: await receiver(() => {}),
    'answers 500': await receiver((res) => void res.writeHead(500).end('broken')),
    'answers 500 twice': await receiver((res, count) => void res.writeHead(count < 3 ? 500 : 204).end()),
    'asks for time': await receiver((res) => void res.writeHead(429, { 'retry-after': '3600' }).end()),
    redirects: await receiver((res) => void res.writeHead(307, { location: elsewhere.url }).end()),
    'hangs up': await receiver((res) => void res.destroy()),
    'never ends': await receiver((res) => {
      res.writeHead(200);
      const more = () => {
        while (!res.destroyed && res.write('x'.repeat(65_536)));
        res.once('drain', more);
      };
      more();
    }),
    'drips for ever': await receiver((res) => {
      res.writeHead(500);
      const timer = setInterval(() => res.write('x'), 20);
      res.once('close', () => clearInterval(timer));
    }),
    'is gone': await receiver((res) => void res.writeHead(410).end()),
  };
  const closed = await receiver();
  closed.close();
  const targets = Object.entries({ ...ways, 'is closed': closed });
  const hooks = Object.fromEntries(
    await Promise.all(targets.map(async ([way, { url }]) => [way, await register(url)] as const)),
  );
  const works = await receiver();
  const working = await register(works.url);
  const [eventId = ''] = await happen(['order.confirmed']);

  await eventually('the one that works has it', async () => works.received.length === 1);
  expect(works.verified(working.secret)).toHaveLength(1);
  const wanted: Record<string, object> = {
    slow: { status: 'failed', attempts: 3, error: 'timeout', responseStatus: null },
    'answers 500': { status: 'failed', attempts: 3, error: 'answered_500', responseStatus: 500 },
    'answers 500 twice': { status: 'succeeded', attempts: 3, responseStatus: 204, error: null },
    'asks for time': { status: 'pending', attempts: 1, error: 'answered_429' },
    redirects: { status: 'failed', attempts: 3, error: 'redirect_not_followed', responseStatus: 307 },
    'hangs up': { status: 'failed', attempts: 3, error: 'econnreset' },
    'never ends': { status: 'succeeded', attempts: 1, responseStatus: 200 },
    'drips for ever': { status: 'failed', attempts: 3, error: 'answered_500' },
    'is gone': { status: 'failed', attempts: 1, error: 'answered_410' },
    'is closed': { status: 'failed', attempts: 3, error: 'econnrefused' },
  };
  for (const [way, hook] of Object.entries(hooks)) {
    await eventually(`what ${way} came to its end`, async () => {
      const { status, log } = await deliveryOf(hook.id, eventId);
      return way === 'asks for time' ? log.length === 1 : status !== 'pending';
    });
    expect({ way, ...(await deliveryOf(hook.id, eventId)) }).toMatchObject({ way, ...wanted[way] });
  }
  expect(elsewhere.received).toEqual([]);
  const { nextAttemptAt, log } = await deliveryOf(hooks['asks for time']?.id ?? '', eventId);
  expect(Date.parse(nextAttemptAt ?? '') - Date.parse(log[0]?.at ?? '')).toBeGreaterThan(3_590_000);
  const endless = await deliveryOf(hooks['never ends']?.id ?? '', eventId);
  expect(endless.log[0]?.response).toHaveLength(1_024);
  expect(await done(getWebhook, { webhookId: hooks['is gone']?.id ?? '' })).toMatchObject({
    status: 'disabled',
    disabledReason: 'gone',
  });
});

it('many endpoints that never answer, each with a backlog, delay nobody', async () => {
  const dead = await receiver(() => {});
  const hooks = await Promise.all(Array.from({ length: 30 }, () => register(dead.url)));
  const works = await receiver();
  const working = await register(works.url);
  const names = Array.from({ length: 40 }, () => 'order.confirmed' as const);
  await happen(names);
  await eventually('the one that works has all of it', async () => works.received.length === names.length);
  const open = await Promise.all(hooks.map(({ id }) => deliveriesOf(id, { status: ['pending'] })));
  // All of them together have waited out a few time-outs only: the rest is still to come.
  expect(open.flat().length).toBeGreaterThan(hooks.length * 20);
  await eventually('and it is on record', async () =>
    (await deliveriesOf(working.id)).every((one) => one.status === 'succeeded'),
  );
});

describe('a secret', () => {
  it('is rotated while both sign, and the old one ends when it was said to', async () => {
    const target = await receiver();
    const { id, secret: before } = await register(target.url);
    const { secret: fresh } = await done<{ secret: string }>(endpoints().rotate, {
      webhookId: id,
      overlapHours: 1,
    });
    await happen(['order.placed']);
    await eventually('it arrived', async () => target.received.length === 1);
    expect(target.verified(before)).toHaveLength(1);
    expect(target.verified(fresh)).toHaveLength(1);
    const { secret: last } = await done<{ secret: string }>(endpoints().rotate, {
      webhookId: id,
      overlapHours: 0,
    });
    target.received.length = 0;
    await happen(['order.placed']);
    await eventually('it arrived', async () => target.received.length === 1);
    expect(target.verified(last)).toHaveLength(1);
    for (const secret of [before, fresh]) expect(() => target.verified(secret)).toThrow();
    expect((await done<WebhookView>(getWebhook, { webhookId: id })).secrets).toHaveLength(1);
  });

  it('is shown to nobody later', async () => {
    const { id, secret } = await register((await receiver()).url);
    expect(JSON.stringify(await done(getWebhook, { webhookId: id }))).not.toContain(secret);
  });
});

describe('somebody', () => {
  it('sends a test, and sees what became of it', async () => {
    const works = await receiver();
    const fails = await receiver((res) => void res.writeHead(503).end('down'));
    const { test } = resendCommands(dispatch);
    const good = await register(works.url, ['return.refunded']);
    expect(await done(test, { webhookId: good.id })).toMatchObject({
      type: 'webhook.test',
      status: 'succeeded',
      log: [{ responseStatus: 200, response: 'ok' }],
    });
    expect(works.verified(good.secret)).toMatchObject([
      { type: 'webhook.test.v1', data: { webhookId: good.id } },
    ]);
    const bad = await register(fails.url);
    expect(await done(test, { webhookId: bad.id })).toMatchObject({
      log: [{ responseStatus: 503, response: 'down' }],
    });
  });

  it('sends one event again under the same id, and what failed of a time', async () => {
    let broken = true;
    const target = await receiver((res) => void res.writeHead(broken ? 500 : 200).end());
    const { id } = await register(target.url);
    const since = new Date().toISOString();
    const ids = await happen(['order.placed', 'order.confirmed']);
    await eventually('both were given up', async () => {
      const all = await deliveriesOf(id);
      return all.length === 2 && all.every((one) => one.status === 'failed');
    });
    broken = false;
    target.received.length = 0;
    const { resend, resendRange } = resendCommands(dispatch);
    await done(resend, { webhookId: id, eventId: ids[0] });
    await eventually('it arrived', async () => target.received.length === 1);
    expect(target.received[0]?.id).toBe(ids[0]);
    await eventually(
      'it is on record',
      async () => (await deliveryOf(id, ids[0] ?? '')).status === 'succeeded',
    );
    expect(await done(resendRange, { webhookId: id, after: since })).toMatchObject({ count: 1, more: false });
    await eventually(
      'the other one too',
      async () => (await deliveryOf(id, ids[1] ?? '')).status === 'succeeded',
    );
    expect(target.received.map((one) => one.id)).toEqual(ids);
  });

  it.each([
    'http://169.254.169.254/latest',
    'https://10.0.0.1/hook',
    'http://[fd00::1]/hook',
    'http://[::ffff:192.168.1.1]/',
  ])('can not register %s where loopback is allowed', async (url) => {
    const reply = await ground.send(endpoints().create, { url, events: ['*'] });
    expect(reply).toMatchObject({
      ok: false,
      failure: {
        code: 'webhook_target_refused',
        extra: { errors: [{ path: 'url', message: 'is not a public address' }] },
      },
    });
  });

  it.each([
    ['http://example.com/hook', 'must be https'],
    ['https://10.0.0.1/hook', 'is not a public address'],
    ['https://[::1]/hook', 'is not a public address'],
    ['https://user:secret@example.com/hook', 'must not hold a user or a password'],
  ])('can not register %s where only public targets are allowed', async (url, message) => {
    const { create } = endpointCommands({ loopbackAllowed: false, kick: () => {} });
    const reply = await ground.send(create, { url, events: ['*'] });
    expect(reply).toMatchObject({
      ok: false,
      failure: { code: 'webhook_target_refused', extra: { errors: [{ path: 'url', message }] } },
    });
  });
});
