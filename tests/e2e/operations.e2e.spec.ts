import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { newId } from '@oms/chassis';
import { eventually } from '@oms/chassis/testing';
import { serviceNames, type DeadLetterView, type SagaView } from '@oms/contracts';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { connectAs } from '../../deploy/nats/connect.ts';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { Shop, type OrderView, type ReturnView } from './shop.ts';
import { openShop } from './stack.ts';

let stack: Stack;
let shop: Shop;
let admin: Shop;
let home: string;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ shop, stack, home, close } = await openShop({
    forges: true,
    env: {
      INBOX_ATTEMPTS: '2',
      INSPECTION_DEADLINE_MS: '300',
      REFUND_DEADLINE_MS: '4000',
      INBOX_DEPTH_LIMIT: '500',
      BACKLOG_EVERY_MS: '200',
    },
  }));
  admin = new Shop(stack.run.gateway.url, stack.run.issuer.url, { role: 'admin' });
});
afterAll(() => close?.());

/** Puts an event into the stream that no service of ours would publish. */
async function forge(subject: string, fields: Record<string, string>, body: string): Promise<void> {
  const nc = await connectAs(stack.run.nats.admin);
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  await jetstream(nc).publish(subject, body, { headers });
  await nc.close();
}

/** A return that nobody opened is refunded: the order's table refuses it for ever. */
async function poison(order: OrderView, version = 1): Promise<{ eventId: string; returnId: string }> {
  const [eventId, returnId] = [newId('evt'), newId('ret')];
  await forge(
    `oms.return.v1.${returnId}.refunded`,
    {
      'ce-specversion': '1.0',
      'ce-id': eventId,
      'ce-type': `return.refunded.v${version}`,
      'ce-source': '/oms/return-service',
      'ce-subject': returnId,
      'ce-time': new Date().toISOString(),
      'ce-sequence': '1',
    },
    JSON.stringify({
      orderId: order.id,
      returnId,
      items: [{ itemId: order.items[0]?.id, quantity: 1 }],
    }),
  );
  return { eventId, returnId };
}
const letters = (query: string) =>
  admin.api.get<{ data: DeadLetterView[]; nextCursor: string | null }>(`/dead-letters?${query}`);
const parked = async (service: string, eventId: string): Promise<DeadLetterView> => {
  let found: DeadLetterView | undefined;
  await eventually(
    `${eventId} is parked in ${service}`,
    async () => {
      const { data } = await letters(`service=${service}&limit=200`);
      found = data.find((letter) => letter.eventId === eventId);
      return found !== undefined;
    },
    60_000,
  );
  if (!found) throw new Error('unreachable');
  return found;
};

/** The command line, as an operator uses it. */
const cli = (...args: string[]): Promise<string> =>
  new Promise((done, fail) => {
    execFile(
      process.execPath,
      ['--no-warnings', join(import.meta.dirname, '../../tools/src/dead-letters.ts'), ...args],
      { env: { ...process.env, OMS_HOME: home } },
      (error, stdout, stderr) => (error ? fail(new Error(stderr || error.message)) : done(stdout)),
    );
  });

describe('a dead letter', () => {
  it('is listed with why, shown with all that came, redriven, and discarded with a reason that stays', async () => {
    const { eventId, returnId } = await poison(await shop.paid());
    expect(await parked('order-service', eventId)).toMatchObject({
      type: 'return.refunded',
      aggregateType: 'return',
      aggregateId: returnId,
      sequence: 1,
      state: 'parked',
      attempts: 2,
      error: expect.stringContaining('refused return_refunded'),
    });
    const path = `/dead-letters/order-service/${eventId}`;
    expect(await admin.api.get(path)).toMatchObject({ payload: { returnId }, waiting: 0, history: [] });
    expect(await admin.api.post(`${path}/redrive`, {})).toMatchObject({ state: 'redriven' });
    await parked('order-service', eventId);
    await admin.api.post(`${path}/discard`, { reason: 'sent by nobody' });
    expect(await admin.api.get(path)).toMatchObject({
      state: 'discarded',
      history: [
        { transition: 'redrive', actor: { type: 'admin' }, reason: null },
        { transition: 'discard', actor: { type: 'admin' }, reason: 'sent by nobody' },
      ],
    });
    const again = await admin.raw('POST', `/api/v1${path}/discard`.replace('/api/v1', ''), '{"reason":"x"}');
    expect(again).toMatchObject({ status: 409, problem: { code: 'dead_letter_not_parked' } });
    expect(
      (await letters(`state=discarded&aggregateId=${returnId}`)).data.map((one) => one.eventId),
    ).toContain(eventId);
    expect((await admin.raw('GET', `/dead-letters/return-service/${eventId}`)).status).toBe(404);
  });

  it('of a version that nobody knows, or that is no event at all, is parked at once, in one list over all services', async () => {
    const order = await shop.paid();
    const { eventId } = await poison(order, 2);
    expect(await parked('order-service', eventId)).toMatchObject({
      attempts: 0,
      sequence: 1,
      error: 'major version 2 of return.refunded is not known',
    });
    await forge('oms.payment.v1.nobody.captured', {}, '{not json');
    await eventually(
      'it is parked in three services',
      async () => {
        const { data } = await letters('aggregateId=nobody');
        return new Set(data.map((letter) => letter.service)).size === 3;
      },
      60_000,
    );
    const first = await letters('limit=2');
    const rest = await letters(`limit=200&cursor=${first.nextCursor}`);
    const all = [...first.data, ...rest.data];
    expect(new Set(all.map((letter) => `${letter.service}/${letter.eventId}`)).size).toBe(all.length);
    expect(all.map((letter) => letter.parkedAt)).toEqual(
      all
        .map((letter) => letter.parkedAt)
        .sort()
        .reverse(),
    );
    const shown = await admin.api.get<DeadLetterView>(
      `/dead-letters/order-service/${all.find((one) => one.aggregateId === 'nobody')?.eventId}`,
    );
    expect(Buffer.from(shown.raw ?? '', 'base64').toString()).toBe('{not json');
    expect(shown.sequence).toBeNull();
  });

  it('is looked after from the command line too', async () => {
    const { eventId } = await poison(await shop.paid());
    await parked('order-service', eventId);
    expect(await cli('list', '--service', 'order-service')).toContain(
      `order-service/${eventId}  return.refunded #1`,
    );
    expect(JSON.parse(await cli('show', `order-service/${eventId}`))).toMatchObject({ eventId });
    expect(await cli('redrive', '--all', '--type', 'return.refunded', '--per-second', '100')).toMatch(
      /order-service: [1-9]\d* back to work/,
    );
    await parked('order-service', eventId);
    await cli('discard', `order-service/${eventId}`, '--reason', 'a drill');
    expect(await cli('list', '--state', 'discarded')).toContain(eventId);
    await expect(cli('discard', `order-service/${eventId}`)).rejects.toThrow('--reason');
  });
});

describe('a case that needs attention', () => {
  const sagaOf = async (aggregateId: string): Promise<SagaView> => {
    const { data } = await shop.api.get<{ data: SagaView[] }>(`/sagas?aggregateId=${aggregateId}`);
    if (!data[0]) throw new Error('no saga');
    return shop.api.get<SagaView>(`/sagas/${data[0].id}`);
  };
  const reaches = async (aggregateId: string, holds: (saga: SagaView) => boolean): Promise<SagaView> => {
    await eventually('the case gets there', async () => holds(await sagaOf(aggregateId)), 60_000);
    return sagaOf(aggregateId);
  };
  const unpaid = async (): Promise<ReturnView> => {
    const order = await shop.delivered({
      payment: { method: 'card', token: 'tok_refundFails', capture: 'automatic' },
    });
    const opened = await shop.openReturn(order, [1, 0]);
    for (const transition of ['approve', 'mark_in_transit', 'receive', 'process'])
      await shop.move(`/returns/${opened.id}`, transition);
    return opened;
  };

  it('says why and what may be done; retried, it asks once more; paid another way, it is finished', async () => {
    const { id } = await unpaid();
    const stuck = await reaches(id, (saga) => saga.state === 'needs_attention');
    expect(stuck).toMatchObject({ kind: 'refund', step: 'needs_attention', attempts: 1, aggregateId: id });
    expect(stuck.moves.map(({ move }) => move)).toEqual(['retry', 'close']);
    expect(stuck.code).not.toBeNull();
    const listed = await shop.api.get<{ data: { id: string }[] }>('/sagas?state=needs_attention');
    expect(listed.data.map((one) => one.id)).toContain(stuck.id);

    await shop.api.post(`/sagas/${stuck.id}/retry`, { reason: 'the bank asked for it' });
    const again = await reaches(id, (saga) => saga.state === 'needs_attention' && saga.attempts === 2);
    const link = again.links.find(({ name }) => name === 'refund_manual');
    await shop.api.post(link?.path ?? '', { ...(link?.body as object), note: 'paid in cash' });
    expect(await reaches(id, (saga) => saga.state === 'finished')).toMatchObject({
      step: 'refunded',
      moves: [],
      links: [],
    });
    const { data } = await shop.api.get<{
      data: { transition: string; reason: string | null; actor: object }[];
    }>(`/returns/${id}/history`);
    expect(data).toContainEqual(
      expect.objectContaining({
        transition: 'refund.retry',
        reason: 'the bank asked for it',
        actor: expect.objectContaining({ type: 'staff' }),
      }),
    );
  });

  it('is at once one that no payment can pay; paid another way, it is finished', async () => {
    const order = await shop.place();
    for (const transition of ['confirm', 'process', 'ship', 'deliver'])
      await shop.move(`/orders/${order.id}`, transition);
    const opened = await shop.openReturn(order, [1, 0]);
    for (const transition of ['approve', 'receive', 'process'])
      await shop.move(`/returns/${opened.id}`, transition);
    const stuck = await reaches(opened.id, (saga) => saga.state === 'needs_attention');
    expect(stuck).toMatchObject({ attempts: 0 });
    expect(stuck.links.map(({ name }) => name)).toEqual(['refund_manual', 'refund_store_credit']);
    const again = JSON.stringify({ transition: 'refund' });
    expect((await shop.raw('POST', `/returns/${opened.id}/state`, again)).problem).toMatchObject({
      status: 422,
      code: 'order_not_paid',
    });
    await shop.move(`/returns/${opened.id}`, 'refund', { refundMethod: 'store_credit' });
    await reaches(opened.id, (saga) => saga.state === 'finished');
  });

  it('closed while its refund waits for a capture, gives nothing when the money is taken; paid by hand then, it is finished', async () => {
    const order = await shop.place();
    for (const transition of ['confirm', 'process', 'ship', 'deliver'])
      await shop.move(`/orders/${order.id}`, transition);
    const body = { orderId: order.id, method: 'card', token: 'tok_visa', capture: 'manual' };
    const payment = await shop.api.post<{ id: string }>('/payments', body);
    await shop.api.post(`/payments/${payment.id}/process`, {});
    const { id } = await shop.openReturn(order, [1, 0]);
    for (const transition of ['approve', 'receive', 'process']) await shop.move(`/returns/${id}`, transition);
    const silent = await reaches(id, (saga) => saga.state === 'needs_attention');
    expect(silent.moves.map(({ move }) => move)).toEqual(['resume', 'close']);

    await shop.api.post(`/sagas/${silent.id}/close`, { reason: 'paid in cash' });
    const closed = await reaches(id, (saga) => saga.code === 'refund_withdrawn');
    expect(closed).toMatchObject({ state: 'finished', step: 'closed' });
    expect(await shop.api.post(`/payments/${payment.id}/capture`, {})).toMatchObject({ status: 'captured' });
    await shop.move(`/returns/${id}`, 'refund', { refundMethod: 'manual', note: 'paid in cash' });
    await reaches(id, (saga) => saga.step === 'refunded');
    expect(await shop.api.get(`/payments/${payment.id}`)).toMatchObject({ refundedAmount: 0 });
  });

  it('is closed with a reason, and only with one; a customer sees none of it', async () => {
    const { id } = await unpaid();
    const stuck = await reaches(id, (saga) => saga.state === 'needs_attention');
    expect((await shop.raw('POST', `/sagas/${stuck.id}/close`, '{}')).status).toBe(400);
    expect(await shop.api.post(`/sagas/${stuck.id}/close`, { reason: 'settled by letter' })).toMatchObject({
      state: 'finished',
      step: 'closed',
    });
    expect((await shop.raw('POST', `/sagas/${stuck.id}/resume`, '{}')).problem).toMatchObject({
      code: 'transition_not_allowed',
      from: 'closed',
      allowedTransitions: [],
    });
    const jane = new Shop(stack.run.gateway.url, stack.run.issuer.url, {
      role: 'customer',
      subject: 'cus_jane',
    });
    expect((await jane.raw('GET', `/sagas/${stuck.id}`)).status).toBe(403);
  });

  it('is one whose goods lie uninspected longer than the operator allows; inspected, it goes on by itself', async () => {
    const opened = await shop.openReturn(await shop.delivered(), [1, 0]);
    for (const transition of ['approve', 'mark_in_transit', 'receive'])
      await shop.move(`/returns/${opened.id}`, transition);
    const late = await reaches(opened.id, (saga) => saga.step === 'inspection_overdue');
    expect(late.state).toBe('needs_attention');
    await shop.move(`/returns/${opened.id}`, 'process');
    await reaches(opened.id, (saga) => saga.step === 'refunded');
  });
});

describe('a service that is behind with its work', () => {
  const health = (path: string) => fetch(`${stack.run['order-service']?.health}${path}`);

  it('refuses new orders with Retry-After, and reads, sagas and events go on; its metrics name the aggregate with a gap', async () => {
    const returned = await shop.delivered();
    const client = new pg.Client({ connectionString: stack.run.postgres.url });
    await client.connect();
    try {
      await client.query(
        `insert into orders.inbox (event_id, aggregate_type, aggregate_id, agg_seq, type, source, headers, received_at)
         select 'evt_behind_' || n, 'payment', 'pay_behind', n + 1, 'payment.captured', '/x', '{}', now() - interval '1 minute' from generate_series(1, 501) n`,
      );
      await eventually(
        'it says so',
        async () => (await (await health('/readyz')).text()).includes('under_pressure'),
        60_000,
      );
      expect((await health('/readyz')).status).toBe(200);
      const refused = await fetch(`${shop.url}/api/v1/orders`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await shop.token()}`,
          'content-type': 'application/json',
          'idempotency-key': newId('msg'),
        },
        body: JSON.stringify(shop.body()),
      });
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('5');
      const problem = (await refused.json()) as object;
      expect(problem).toMatchObject({ code: 'under_pressure' });
      expect(problem).not.toHaveProperty('retryAfterS');
      expect((await shop.order(returned.id)).status).toBe('delivered');
      // Return-service takes work, and order-service hears of it.
      await shop.refunded((await shop.openReturn(returned, [1, 0])).id);
      await shop.api.until<OrderView>(
        `/orders/${returned.id}`,
        (order) => order.items[0]?.quantities['returned'] === 1,
        60_000,
      );
      const metrics = await (await health('/metrics')).text();
      expect(metrics).toContain('oms_under_pressure{schema="orders"} 1');
      expect(metrics).toContain(
        'oms_inbox_sequence_gap{aggregate_type="payment",aggregate_id="pay_behind",schema="orders"} 1',
      );
      await client.query(`delete from orders.inbox where aggregate_id = 'pay_behind'`);
    } finally {
      await client.end();
    }
    await shop.place();
  });
});

it('every service tells Prometheus how it stands', async () => {
  for (const service of serviceNames) {
    const text = await (await fetch(`${stack.run[service]?.health}/metrics`)).text();
    for (const name of [
      'outbox_unsent',
      'inbox_open',
      'dead_letters',
      'relay_leads',
      'pool_connections',
      'stream_lost',
    ])
      expect(text).toContain(`\noms_${name}{`);
  }
});
