import { jetstream } from '@nats-io/jetstream';
import { connect, headers as natsHeaders } from '@nats-io/transport-node';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { need, same } from './sentence.ts';
import type { World } from './world.ts';

export interface Hook {
  url: string;
  received: { headers: Record<string, string>; body: string }[];
  close(): void;
}

/** An endpoint of a stranger, on loopback. */
export async function hook(): Promise<Hook> {
  const received: Hook['received'] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (part: Buffer) => (body += part.toString()));
    req.on('end', () => {
      received.push({ headers: req.headers as Record<string, string>, body });
      res.end();
    });
  });
  await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, received, close: () => void server.close() };
}

/** Standard Webhooks: `v1,` and the HMAC of id, timestamp and body. */
export const isSigned = ({ headers, body }: Hook['received'][number], secret: string): boolean => {
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  return need('signature', headers['webhook-signature']).split(' ').includes(signature);
};

export interface Event {
  id: string;
  event: string;
  data: { subject: string };
}

/** Listens to the stream of events until it has heard `count`. */
export async function listen(w: World, query: string, count: number, last?: string): Promise<Event[]> {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(new Error('the events did not come')), 60_000);
  const answer = await w.fetch(`${w.url}/api/v1/events?${query}`, {
    headers: {
      authorization: `Bearer ${await w.token('staff')}`,
      ...(last === undefined ? {} : { 'last-event-id': last }),
    },
    signal: stop.signal,
  });
  same([answer.status, answer.headers.get('content-type')?.split(';')[0]], [200, 'text/event-stream']);
  const heard: Event[] = [];
  let text = '';
  for await (const part of need('body', answer.body).pipeThrough(new TextDecoderStream())) {
    const blocks = (text + part).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const found = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const [id, event, data] = [found('id'), found('event'), found('data')];
      if (id && event && data) heard.push({ id, event, data: JSON.parse(data) as Event['data'] });
    }
    if (heard.length >= count) break;
  }
  clearTimeout(late);
  stop.abort();
  return heard;
}

/** An event that no table of ours accepts: it ends among the dead letters. */
export async function poison(w: World, orderId: string, itemId: string): Promise<string> {
  const tail = orderId.slice(4);
  const eventId = `evt_${[...crypto.randomUUID().replaceAll('-', '')].slice(0, 12).join('')}${tail.slice(12)}`;
  const returnId = `ret_${tail}`;
  const fieldsOf = {
    'ce-specversion': '1.0',
    'ce-id': eventId,
    'ce-type': 'return.refunded.v1',
    'ce-source': '/oms/return-service',
    'ce-subject': returnId,
    'ce-time': new Date().toISOString(),
    'ce-sequence': '1',
  };
  const { username, password, host } = new URL(need('admin of the broker', w.run.nats.admin));
  const nc = await connect({ servers: host, user: username, pass: decodeURIComponent(password) });
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(fieldsOf)) headers.set(name, value);
  const body = JSON.stringify({ orderId, returnId, items: [{ itemId, quantity: 1 }] });
  await jetstream(nc).publish(`oms.return.v1.${returnId}.refunded`, body, { headers });
  await nc.close();
  return eventId;
}
