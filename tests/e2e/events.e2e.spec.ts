import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@oms/chassis/testing';
import { connect as connectSocket } from 'node:net';
import type { Role } from '@oms/contracts';
import { tokenOf } from '../../tools/src/development-token.ts';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { untilAtRest } from './at-rest.ts';
import { Shop } from './shop.ts';
import { openShop } from './stack.ts';

let shop: Shop;
let stack: Stack;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ shop, stack, close } = await openShop());
}, 300_000);
afterAll(() => close?.());

interface Seen {
  id: string;
  event: string;
  data: {
    id: string;
    subject: string;
    sequence: string;
    data: { customerId: string | null; status: string };
  };
}

/** A client of server-sent events as the standard describes one, without the coming back by itself. */
class Listener {
  readonly seen: Seen[] = [];
  ended = false;
  comments = 0;
  private readonly abort = new AbortController();

  static async open(
    query: string,
    options: { who?: { role: Role; subject?: string }; key?: string; last?: string } = {},
  ): Promise<Listener> {
    const listener = new Listener();
    const bearer = async () =>
      `Bearer ${await tokenOf(options.who ?? { role: 'staff' }, stack.run.issuer.url)()}`;
    const response = await fetch(`${stack.run.gateway.url}/api/v1/events${query}`, {
      headers: {
        ...(options.key === undefined ? { authorization: await bearer() } : { 'x-api-key': options.key }),
        accept: 'text/event-stream',
        ...(options.last === undefined ? {} : { 'last-event-id': options.last }),
      },
      signal: listener.abort.signal,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    void listener.read(response).catch(() => (listener.ended = true));
    return listener;
  }

  private async read(response: Response): Promise<void> {
    let text = '';
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const fields = Object.fromEntries(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        text = text.slice(end + 2);
        if (fields['data']) this.seen.push({ ...fields, data: JSON.parse(fields['data']) } as Seen);
        else if ('' in fields) this.comments += 1;
      }
    }
    this.ended = true;
  }

  get names(): string[] {
    return this.seen.map(({ event }) => event);
  }

  close(): void {
    this.abort.abort();
  }
}

const STORY = [
  'order.placed',
  'order.confirmed',
  'order.processing',
  'order.shipment_created',
  'order.shipped',
  'order.shipment_delivered',
  'order.delivered',
];

describe('the stream of events', () => {
  it('tells what happens, in order, narrowed to types and to one order', async () => {
    const orders = await Listener.open('?type=order.*');
    const captured = await Listener.open('?type=payment.captured&type=return.received');
    const order = await shop.delivered();
    const one = await Listener.open(`?aggregateId=${order.id}&lastEventId=0`);
    await eventually('all have heard of it', () => orders.names.length >= 7 && one.names.length >= 7);
    expect(orders.names).toEqual(STORY);
    expect(one.seen).toEqual(orders.seen);
    expect(captured.names).toEqual(['payment.captured']);
    expect(orders.seen.map(({ data }) => Number(data.sequence))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(orders.seen[0]?.data).toMatchObject({
      specversion: '1.0',
      type: 'order.placed.v1',
      source: '/oms/order-service',
      subject: order.id,
    });
    for (const listener of [orders, captured, one]) listener.close();
  });

  it('shows a customer its own only, whatever it asks for', async () => {
    const jane = await Listener.open('', { who: { role: 'customer', subject: 'cus_jane' } });
    const mine = await shop.place({ customerId: 'cus_jane' });
    const theirs = await shop.place({ customerId: 'cus_other' });
    const greedy = await Listener.open(`?aggregateId=${theirs.id}&type=*`, {
      who: { role: 'customer', subject: 'cus_jane' },
      last: '0',
    });
    await shop.api.post(`/orders/${theirs.id}/cancel`, { reason: 'not_wanted' });
    await shop.api.post(`/orders/${mine.id}/cancel`, { reason: 'not_wanted' });
    await eventually('jane has heard the end of it', () => jane.names.includes('order.cancelled'));
    expect(new Set(jane.seen.map(({ data }) => data.subject))).toEqual(new Set([mine.id]));
    expect(greedy.seen).toEqual([]);
    jane.close();
    greedy.close();
  });

  it('goes on after the last event that a client has, with nothing missed and nothing twice', async () => {
    // An event that came between the two beginnings would be in one of them only.
    await untilAtRest(stack);
    const whole = await Listener.open('');
    const parts: Seen[] = [];
    let current = await Listener.open('');
    const orders = Array.from({ length: 12 }, () => shop.paid());
    let done = false;
    void Promise.all(orders).then(() => (done = true));
    while (!done || parts.at(-1)?.id !== whole.seen.at(-1)?.id) {
      const enough = current.seen.length + 3;
      await eventually(
        'some more have come, or all',
        () =>
          current.seen.length >= enough || (done && [...parts, ...current.seen].length >= whole.seen.length),
        60_000,
      );
      current.close();
      parts.push(...current.seen);
      const last = parts.at(-1)?.id;
      current = await Listener.open('', last === undefined ? {} : { last });
    }
    current.close();
    expect(parts.length).toBeGreaterThan(40);
    expect(parts).toEqual(whole.seen);
    whole.close();
  });

  it('survives a gateway and a broker that die, as its clients come back', async () => {
    const before = await Listener.open('');
    await shop.paid();
    await eventually('it was heard', () => before.names.includes('order.confirmed'));
    stack.kill('gateway');
    await eventually('the stream ended', () => before.ended);
    // What it sent before its end may be read after it.
    const last = before.seen.at(-1)?.id ?? '';
    await eventually(
      'the gateway is back',
      () =>
        fetch(`${stack.run.gateway.url}/readyz`).then(
          (a) => a.ok,
          () => false,
        ),
      60_000,
    );
    const after = await Listener.open('', { last });
    stack.kill('nats');
    const order = await shop.paid();
    await eventually(
      'what came after both deaths is heard',
      () => after.seen.some(({ event, data }) => event === 'order.confirmed' && data.subject === order.id),
      60_000,
    );
    // Held against the stream itself, read from its beginning: nothing is missed, nothing comes twice, and the order is its own.
    const first = Number(before.seen[0]?.id);
    const whole = await Listener.open('', { last: '0' });
    await eventually('the stream was read', () => whole.seen.at(-1)?.id === after.seen.at(-1)?.id, 60_000);
    expect([...before.seen, ...after.seen]).toEqual(whole.seen.filter(({ id }) => Number(id) >= first));
    after.close();
    whole.close();
  });

  it('cuts off a client that does not read, and nobody else notices', async () => {
    const other = await Listener.open('');
    const { hostname, port } = new URL(stack.run.gateway.url);
    const token = await shop.token();
    const sockets = await Promise.all(
      Array.from(
        { length: 3 },
        () =>
          new Promise<ReturnType<typeof connectSocket>>((done) => {
            const socket = connectSocket(Number(port), hostname, () => {
              socket.write(
                `GET /api/v1/events?lastEventId=0 HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${token}\r\n\r\n`,
              );
              socket.pause();
              done(socket);
            });
          }),
      ),
    );
    const order = await shop.paid();
    await eventually('the others hear of it', () => other.seen.some(({ data }) => data.subject === order.id));
    for (const socket of sockets) socket.destroy();
    other.close();
  });

  it.each([
    ['an unknown type', '?type=order.exploded', 400],
    ['an unknown filter', '?colour=red', 400],
    ['an id that is none', '?lastEventId=abc', 400],
  ])('refuses %s', async (_, query, status) => {
    expect(
      (await shop.raw('GET', `/events${query}`, undefined, { accept: 'text/event-stream' })).status,
    ).toBe(status);
  });

  it('refuses who has no token, and who wants anything but a stream', async () => {
    expect(
      (await fetch(`${shop.url}/api/v1/events`, { headers: { accept: 'text/event-stream' } })).status,
    ).toBe(401);
    expect((await shop.raw('GET', '/events', undefined, { accept: 'application/json' })).status).toBe(406);
  });

  it('shows an API key what its scopes reach, and refuses what it asks for beyond them', async () => {
    const admin = new Shop(stack.run.gateway.url, stack.run.issuer.url, { role: 'admin' });
    const create = (scopes: string[]) =>
      admin.api.post<{ key: string }>('/api-keys', { name: scopes.join(), scopes });
    const [{ key }, { key: other }] = await Promise.all([
      create(['payments:read']),
      create(['notifications:read']),
    ]);
    const payments = await Listener.open('', { key });
    const order = await shop.paid();
    await eventually('it hears of the money', () => payments.names.includes('payment.captured'), 60_000);
    expect(payments.names.every((name) => name.startsWith('payment.'))).toBe(true);
    payments.close();
    const ask = async (query: string, by: string) => {
      const answer = await fetch(`${shop.url}/api/v1/events${query}`, {
        headers: { 'x-api-key': by, accept: 'text/event-stream' },
      });
      return [answer.status, ((await answer.json()) as { requiredScope?: string }).requiredScope];
    };
    expect(await ask('?type=order.*', key)).toEqual([403, 'orders:read']);
    expect(await ask(`?aggregateId=${order.id}`, other)).toEqual([403, 'orders:read']);
  });
});

/** A thousand connections beside a busy machine's other work: a minute there, ten seconds with the machine to itself. */
it('a thousand follow one gateway: each gets every event, and the API goes on', async () => {
  const listeners: Listener[] = [];
  for (let index = 0; index < 1_000; index += 50)
    listeners.push(...(await Promise.all(Array.from({ length: 50 }, () => Listener.open('?type=order.*')))));
  const order = await shop.delivered();
  await eventually(
    'all thousand have the whole story',
    () =>
      listeners.every(
        ({ seen }) => seen.filter(({ data }) => data.subject === order.id).length === STORY.length,
      ),
    180_000,
  );
  for (const listener of listeners) listener.close();
  await eventually('the gateway has let them go', async () =>
    /oms_event_streams 0/.test(await (await fetch(`${shop.url}/metrics`)).text()),
  );
}, 600_000);
