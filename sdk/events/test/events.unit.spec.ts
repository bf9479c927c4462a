import { describe, expect, it } from '@jest/globals';
import { eventRegistry } from '@oms/contracts';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { decode, Sequences, subscribe, UndecodableEvent } from '../src/index.js';

const attributes: Record<string, string> = {
  'ce-specversion': '1.0',
  'ce-id': 'evt_1',
  'ce-type': 'order.placed.v1',
  'ce-source': '/oms/order-service',
  'ce-subject': 'ord_1',
  'ce-time': '2026-11-01T09:30:00.000Z',
  'ce-sequence': '0000000007',
};
const message = (changes: Record<string, string> = {}, body = '{}') => {
  const all = { ...attributes, ...changes };
  return { headers: { get: (name: string) => all[name] ?? '' }, data: new TextEncoder().encode(body) };
};

describe('an event', () => {
  it.each(eventRegistry().map((entry) => [entry.type, entry] as const))(
    '%s is read with all its fields',
    (type, entry) => {
      const event = decode(
        message({ 'ce-type': type }, JSON.stringify({ ...entry.example, later: 'added' })),
      );
      expect(event).toMatchObject({
        id: 'evt_1',
        source: '/oms/order-service',
        name: entry.name,
        version: 1,
        subject: 'ord_1',
        sequence: 7,
      });
      expect(event.data).toEqual({ ...entry.example, later: 'added' });
    },
  );

  it('has its attributes decoded as the binding encodes them', () => {
    expect(decode(message({ 'ce-correlationid': 'a%20b%C3%A9' })).correlationId).toBe('a bé');
  });

  it.each([
    ['of a later major version', { 'ce-type': 'order.placed.v2' }, '{}'],
    ['that is not known', { 'ce-type': 'order.exploded.v1' }, '{}'],
    ['without an id', { 'ce-id': '' }, '{}'],
    ['of another specification', { 'ce-specversion': '0.3' }, '{}'],
    ['whose sequence is no count', { 'ce-sequence': 'first' }, '{}'],
    ['whose payload is no JSON', {}, '{'],
  ])('%s is refused, and what it is is said', (_, changes, body) => {
    expect(() => decode(message(changes as Record<string, string>, body))).toThrow(UndecodableEvent);
  });
});

describe('sequences', () => {
  it('tell what is next, what came again, and what is missing, for each subject by itself', () => {
    const sequences = new Sequences();
    const places = [
      ['a', 1],
      ['a', 2],
      ['b', 1],
      ['a', 2],
      ['a', 4],
      ['a', 3],
      ['b', 2],
    ] as const;
    expect(places.map(([subject, sequence]) => sequences.place(subject, sequence))).toEqual([
      'next',
      'next',
      'next',
      'repeated',
      'gap',
      'repeated',
      'next',
    ]);
  });

  it('go on from what the subscriber has in its own tables', () => {
    expect(new Sequences().place('a', 6, 5)).toBe('next');
    expect(new Sequences().place('a', 5, 5)).toBe('repeated');
    expect(new Sequences().place('a', 8, 5)).toBe('gap');
  });

  it('forget those that were seen longest ago', () => {
    const sequences = new Sequences(2);
    for (const subject of ['a', 'b', 'c']) sequences.place(subject, 1);
    expect([sequences.place('c', 1), sequences.place('a', 1)]).toEqual(['repeated', 'next']);
  });
});

describe('a subscriber', () => {
  /** A broker that turns everybody away `times` times, and then greets. */
  async function broker(times: number): Promise<{ url: string; came: () => number; close: () => void }> {
    let came = 0;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      came += 1;
      if (came <= times) socket.destroy();
      else socket.write('INFO {"server_id":"A","version":"2.15.1","nonce":"n","max_payload":1000}\r\n');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return {
      url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
      came: () => came,
      close: () => {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    };
  }

  it('that is started while its broker is away comes again, and says what will not be better then', async () => {
    const { url, came, close } = await broker(2);
    try {
      const started = subscribe({ url, name: 'warehouse', seed: 'SUnone', handle: () => Promise.resolve() });
      await expect(started).rejects.toThrow(/nkeys/);
      expect(came()).toBe(3);
    } finally {
      close();
    }
  });
});
