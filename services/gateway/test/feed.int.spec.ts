import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { createLog } from '@oms/chassis/edge';
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
let server: Server;

beforeAll(async () => {
  nats = await startNatsPart();
  await provisionNats(nats.url);
  nc = await connect({ servers: nats.url });
  feed = new Feed({
    reader: new StreamReader(nc, '$JS.API'),
    mostStreams: 5,
    log: createLog('test', 'silent'),
  });
  const app = express();
  app.use((_req, res, next) => {
    res.locals['caller'] = { type: 'staff', id: 'anna', scopes: null };
    next();
  });
  app.get('/events', feed.handle);
  app.use(
    ((error: { code?: string }, _req, res, _next) =>
      void res.status(503).json({ code: error.code })) as express.ErrorRequestHandler,
  );
  server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
}, 60_000);
afterAll(async () => {
  feed?.close();
  server?.closeAllConnections();
  server?.close();
  await nc?.close();
  await nats?.stop();
});

const port = (): number => (server.address() as AddressInfo).port;

let published = 0;
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

/** A client that counts what it reads, or that never reads. */
function client(
  reads: boolean,
  last?: number,
): { events(): number; bytes(): number; closed(): boolean; end(): void } {
  let text = '';
  let [events, bytes, closed] = [0, 0, false];
  const socket = connectSocket(port(), '127.0.0.1', () => {
    socket.write(
      `GET /events${last === undefined ? '' : `?lastEventId=${last}`} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`,
    );
    if (!reads) socket.pause();
  });
  socket.on('data', (part: Buffer) => {
    bytes += part.length;
    text = (text + part.toString('latin1')).slice(-40_000_000);
    events = text.split('\nevent: order.updated\n').length - 1;
  });
  socket.on('close', () => (closed = true));
  socket.on('error', () => {});
  return { events: () => events, bytes: () => bytes, closed: () => closed, end: () => socket.destroy() };
}

it('cuts off a client that does not read; the others get everything', async () => {
  const [good, bad] = [client(true), client(false)];
  await eventually('both are there', () => feed.streams === 2);
  for (let index = 0; index < 60; index++) await publish(300_000);
  await eventually('the one that does not read is gone', () => feed.streams === 1, 30_000);
  await eventually('the other has read all', () => good.events() === 60, 30_000);
  good.end();
  bad.end();
  await eventually('nobody is left', () => feed.streams === 0);
});

it('one that comes from the beginning reads the whole past, at its own pace', async () => {
  const before = client(true, 0);
  await eventually('the past is read', () => before.events() === published, 30_000);
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
  await eventually('the one that came meanwhile is heard', () => listener.events() === 2, 30_000);
  await other.close();
  listener.end();
});

it('more streams than it holds are refused', async () => {
  const clients = Array.from({ length: 5 }, () => client(true));
  await eventually('all are there', () => feed.streams === 5);
  const answer = await fetch(`http://127.0.0.1:${port()}/events`, {
    headers: { accept: 'text/event-stream' },
  });
  expect([answer.status, await answer.json()]).toEqual([503, { code: 'overloaded' }]);
  for (const one of clients) one.end();
});
