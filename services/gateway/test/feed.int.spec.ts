import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers as natsHeaders, nanos, type NatsConnection } from '@nats-io/transport-node';
import { createLog } from '@oms/chassis/edge';
import { STREAM } from '@oms/contracts';
import { eventually } from '@oms/chassis/testing';
import express from 'express';
import { createServer, type Server } from 'node:http';
import { connect as connectSocket, type AddressInfo } from 'node:net';
import { startNatsPart, type Part } from '../../../deploy/local/src/parts.ts';
import { provisionNats } from '../../../deploy/nats/provision.ts';
import { Feed } from '../src/feed/feed.js';
import { StreamReader } from '../src/feed/stream-reader.js';

let nats: Part;
let nc: NatsConnection;
let feed: Feed;
let shortLived: Feed;
let server: Server;

beforeAll(async () => {
  nats = await startNatsPart();
  await provisionNats(nats.url);
  nc = await connect({ servers: nats.url });
  feed = new Feed({
    reader: new StreamReader(nc, '$JS.API'),
    mostStreams: 5,
    lifeMs: 3_600_000,
    heartbeatMs: 3_600_000,
    log: createLog('test', 'silent'),
  });
  const app = express();
  app.use((req, res, next) => {
    const jane = req.get('x-as') === 'jane';
    res.locals['caller'] = { type: jane ? 'customer' : 'staff', id: jane ? 'jane' : 'anna', scopes: null };
    next();
  });
  app.get('/events', feed.handle);
  shortLived = new Feed({
    reader: new StreamReader(nc, '$JS.API'),
    mostStreams: 5,
    lifeMs: 1_000,
    heartbeatMs: 100,
    log: createLog('test', 'silent'),
  });
  app.get('/short-lived', shortLived.handle);
  app.use(
    ((error: { code?: string }, _req, res, _next) =>
      void res.status(503).json({ code: error.code })) as express.ErrorRequestHandler,
  );
  server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  feed?.close();
  shortLived?.close();
  server?.closeAllConnections();
  server?.close();
  await nc?.close();
  await nats?.stop();
});

const port = (): number => (server.address() as AddressInfo).port;

let published = 0;
let told = 0;
/** An event of `size` bytes. */
async function publish(size = 10): Promise<void> {
  const headers = natsHeaders();
  headers.set('ce-id', `evt_${++published}`);
  headers.set('ce-type', 'order.updated.v1');
  await jetstream(nc).publish(
    'oms.order.v1.ord_1.updated',
    JSON.stringify({ customerId: null, pad: 'x'.repeat(size) }),
    { headers },
  );
}

const MARK = '\nevent: order.updated\n';
/** A client that counts what it reads, or that never reads. */
function client(
  reads: boolean,
  last?: number,
  path = '/events',
  as = 'anna',
): {
  events(): number;
  bytes(): number;
  heartbeats(): number;
  lastId(): number;
  text(): string;
  closed(): boolean;
  end(): void;
} {
  let [text, rest] = ['', ''];
  let [events, bytes, closed] = [0, 0, false];
  const socket = connectSocket(port(), '127.0.0.1', () => {
    socket.write(
      `GET ${path}${last === undefined ? '' : `?lastEventId=${last}`} HTTP/1.1\r\nhost: x\r\nx-as: ${as}\r\naccept: text/event-stream\r\n\r\n`,
    );
    if (!reads) socket.pause();
  });
  socket.on('data', (part: Buffer) => {
    bytes += part.length;
    const read = part.toString('latin1');
    text = (text + read).slice(-100_000);
    const pieces = (rest + read).split(MARK);
    events += pieces.length - 1;
    rest = pieces.at(-1)?.slice(-MARK.length) ?? '';
  });
  socket.on('close', () => (closed = true));
  socket.on('error', () => {});
  return {
    events: () => events,
    bytes: () => bytes,
    heartbeats: () => text.split('\n: \n').length - 1,
    lastId: () => Number([...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1]),
    text: () => text,
    closed: () => closed,
    end: () => socket.destroy(),
  };
}

it('cuts off a client that does not read; the others get everything', async () => {
  const [good, bad] = [client(true), client(false)];
  await eventually('both are there', () => feed.streams === 2);
  for (let index = 0; index < 60; index++) await publish(300_000);
  await eventually('the one that does not read is gone', () => feed.streams === 1, 60_000);
  await eventually('the other has read all', () => good.events() === 60, 60_000);
  good.end();
  bad.end();
  await eventually('nobody is left', () => feed.streams === 0);
});

it('one that comes from the beginning reads the whole past, at its own pace', async () => {
  const before = client(true, 0);
  await eventually('the past is read', () => before.events() === published, 60_000);
  before.end();
  await eventually('nobody is left', () => feed.streams === 0);
});

it('what passed while the connection was broken is fetched', async () => {
  const listener = client(true);
  await eventually('it is there', () => feed.streams === 1);
  const other = await connect({ servers: nats.url });
  await publish();
  await eventually('the first is heard', () => listener.events() === 1);
  await nc.reconnect();
  const headers = natsHeaders();
  headers.set('ce-id', 'evt_meanwhile');
  headers.set('ce-type', 'order.updated.v1');
  await jetstream(other).publish('oms.order.v1.ord_1.updated', '{}', { headers });
  published += 1;
  await eventually('the one that came meanwhile is heard', () => listener.events() === 2, 60_000);
  await other.close();
  listener.end();
  await eventually('nobody is left', () => feed.streams === 0);
});

it.each([
  ['order.held', 'fraud', 'on_hold'],
  ['payment.refunded', 'goodwill, for once', null],
  ['payment.refunded', 'order_cancelled', 'order_cancelled'],
  ['order.cancelled', 'sold out', 'sold out'],
])(
  '%s with the reason %j is told to its customer with %j, as it happens and afterwards',
  async (name, said, read) => {
    const [aggregate = '', verb = ''] = name.split('.');
    const { last } = await new StreamReader(nc, '$JS.API').bounds();
    const following = ['anna', 'jane'].map((who) => client(true, undefined, '/events', who));
    await eventually('both are there', () => feed.streams === 2);
    const headers = natsHeaders();
    headers.set('ce-id', `evt_told${++told}`);
    headers.set('ce-type', `${name}.v1`);
    const data = JSON.stringify({ customerId: 'jane', reason: said });
    await jetstream(nc).publish(`oms.${aggregate}.v1.${aggregate}_1.${verb}`, data, { headers });
    published += 1;
    const later = ['anna', 'jane'].map((who) => client(true, last, '/events', who));
    for (const [anna, jane] of [following, later]) {
      await eventually(
        'both heard it',
        () => [anna, jane].every((one) => one?.text().includes(`event: ${name}`)),
        60_000,
      );
      expect(anna?.text()).toContain(`"reason":${JSON.stringify(said)}`);
      expect(jane?.text()).toContain(`"reason":${JSON.stringify(read)}`);
      if (said !== read) expect(jane?.text()).not.toContain(said);
    }
    for (const one of [...following, ...later]) one.end();
    await eventually('nobody is left', () => feed.streams === 0);
  },
);

it('more streams than it holds are refused', async () => {
  const clients = Array.from({ length: 5 }, () => client(true));
  await eventually('all are there', () => feed.streams === 5);
  const answer = await fetch(`http://127.0.0.1:${port()}/events`, {
    headers: { accept: 'text/event-stream' },
  });
  expect([answer.status, await answer.json()]).toEqual([503, { code: 'overloaded' }]);
  for (const one of clients) one.end();
  await eventually('nobody is left', () => feed.streams === 0);
});

it('HEAD tells what a stream is, at once, and opens none', async () => {
  const answer = await fetch(`http://127.0.0.1:${port()}/events`, {
    method: 'HEAD',
    signal: AbortSignal.timeout(10_000),
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ]);
  expect(feed.streams).toBe(0);
});

it('a stream on which nothing happens has its heartbeat', async () => {
  const listener = client(true, undefined, '/short-lived');
  await eventually('three beats', () => listener.heartbeats() >= 3, 60_000);
  expect(listener.events()).toBe(0);
  listener.end();
  await eventually('nobody is left', () => shortLived.streams === 0);
});

it('a stream ends when its time is up, and its client goes on after its last event as often as it takes', async () => {
  const start = (await new StreamReader(nc, '$JS.API').bounds()).last;
  const before = published;
  let last = start;
  let received = 0;
  let lives = 0;
  while (received < 12) {
    const listener = client(true, last, '/short-lived');
    await publish();
    await publish();
    await eventually('its time is up', () => listener.closed() && shortLived.streams === 0, 60_000);
    received += listener.events();
    if (listener.events() > 0) last = listener.lastId();
    lives += 1;
  }
  const rest = client(true, last);
  await eventually('the rest came', () => received + rest.events() === published - before, 60_000);
  rest.end();
  expect(lives).toBeGreaterThan(2);
  await eventually('nobody is left', () => feed.streams === 0);
});

/** Lets everything up to `seq` grow too old for the stream, as a week does. */
async function forget(seq: number): Promise<void> {
  const { streams } = await jetstreamManager(nc);
  const { max_age, duplicate_window } = (await streams.info(STREAM)).config;
  await streams.update(STREAM, { max_age: nanos(200), duplicate_window: nanos(200) });
  await eventually('it is gone', async () => (await streams.info(STREAM)).state.first_seq > seq, 60_000);
  await streams.update(STREAM, { max_age, duplicate_window });
}

it.each([
  ['older than what is kept', 'older events are no longer kept'],
  ['beyond the end: of a stream that was made anew', 'the stream was made anew'],
])(
  'one that comes with an id %s is told that events are missing, and follows from there',
  async (_, because) => {
    for (let index = 0; index < 3; index += 1) await publish();
    const { last } = await new StreamReader(nc, '$JS.API').bounds();
    const isOld = because.startsWith('older');
    if (isOld) await forget(last);
    const listener = client(true, isOld ? 1 : last + 1_000);
    await eventually('it is told', () => listener.text().includes('\nevent: missed\n'), 60_000);
    expect(listener.text()).toContain(JSON.stringify({ because }));
    await publish();
    await eventually('and gets what comes', () => listener.lastId() === last + 1, 60_000);
    listener.end();
    await eventually('nobody is left', () => feed.streams === 0);
  },
);
