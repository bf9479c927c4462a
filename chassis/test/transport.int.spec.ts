import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { headers as natsHeaders, RequestError, type NatsConnection } from '@nats-io/transport-node';
import type { Caller } from '@oms/contracts';
import { generateKeyPairSync } from 'node:crypto';
import { startNatsPart, type Part } from '../../deploy/local/src/parts.ts';
import type { RpcReply, RpcRequest } from '../src/execute.js';
import { createLog } from '../src/log.js';
import { connectNats } from '../src/messaging/connect.js';
import { IdentitySigner, IdentityVerifier } from '../src/identity.js';
import { header } from '../src/messaging/headers.js';
import { ServiceTransport } from '../src/messaging/transport.js';
import { eventually } from '../src/testing/index.js';

const log = createLog('test', 'silent');
let nats: Part;
let nc: NatsConnection;
let caller: NatsConnection;
const running: ServiceTransport[] = [];

beforeAll(async () => {
  nats = await startNatsPart();
  nc = await connectNats({ config: { natsUrl: nats.url }, identity: 'service', log });
  caller = await connectNats({ config: { natsUrl: nats.url }, identity: 'caller', log });
});
afterEach(async () => {
  for (const transport of running.splice(0)) await transport.close();
});
afterAll(async () => {
  await caller?.close();
  await nc?.close();
  await nats?.stop();
});

let subjects = 0;

/** A service with one handler on a subject of its own. */
async function serve(
  handler: (request: RpcRequest) => Promise<RpcReply>,
  { concurrency = 8, waiting = 0 }: { concurrency?: number; waiting?: number } = {},
) {
  const subject = `rpc.test.s${++subjects}`;
  const transport = new ServiceTransport({
    nc,
    queue: 'service',
    replyPrefixes: ['_INBOX_caller.'],
    identities: new IdentityVerifier(
      JSON.stringify({ keys: [publicKey('gateway'), publicKey('order-service')] }),
    ),
    concurrency,
    waiting,
    log,
  });
  transport.addHandler(subject, handler as never);
  await new Promise((done) => transport.listen(done));
  running.push(transport);
  return { subject, transport };
}

const echo = async (request: RpcRequest): Promise<RpcReply> => ({
  ok: true,
  body: { heard: request.body },
  version: 7,
  replayed: false,
});

const keys = new Map(
  ['gateway', 'order-service', 'stranger'].map((kid) => [kid, generateKeyPairSync('ed25519').privateKey]),
);
const privateKey = (kid: string) =>
  JSON.stringify({ ...keys.get(kid)?.export({ format: 'jwk' }), kid, alg: 'EdDSA' });
function publicKey(kid: string): object {
  const { d: _, ...rest } = JSON.parse(privateKey(kid)) as Record<string, string>;
  return rest;
}
const staff = { type: 'staff', id: 'anna', scopes: null } as const;
const signed = (by: string, who: Caller) => new IdentitySigner(privateKey(by)).sign(who);

async function ask(
  subject: string,
  body: string | Uint8Array,
  fields: Record<string, string> = {},
  identity: string | null = null,
) {
  const headers = natsHeaders();
  headers.set(header.identity, identity ?? (await signed('gateway', staff)));
  for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  const reply = await caller.request(subject, body, { timeout: 60_000, headers });
  return {
    code: reply.headers?.get(header.errorCode) ?? '',
    version: reply.headers?.get(header.version) ?? '',
    replayed: reply.headers?.get(header.replayed) ?? '',
    body: reply.json<Record<string, unknown>>(),
  };
}

/** A handler that stays in its request until it is let go. */
function gated() {
  const heard: unknown[] = [];
  let letGo = (): void => {};
  const open = new Promise<void>((done) => (letGo = done));
  const handler = async (request: RpcRequest): Promise<RpcReply> => {
    heard.push(request.body);
    await open;
    return echo(request);
  };
  return { heard, handler, letGo: () => letGo() };
}

describe('a request', () => {
  it('is answered with the body, and the version in a header', async () => {
    const { subject } = await serve(echo);
    expect(await ask(subject, '{"a":1}')).toEqual({
      code: '',
      version: '7',
      replayed: '',
      body: { heard: { a: 1 } },
    });
  });

  it.each([
    ['is cut off', '{"a":'],
    ['is empty', ''],
    ['is no text', new Uint8Array([0xff, 0xfe, 0x00])],
  ])(
    'whose body %s is answered malformed_body without reaching the handler, and the next is served',
    async (_how, body) => {
      let calls = 0;
      const { subject } = await serve(async (request) => {
        calls += 1;
        return echo(request);
      });
      expect(await ask(subject, body)).toMatchObject({
        code: 'malformed_body',
        body: { code: 'malformed_body' },
      });
      expect(calls).toBe(0);
      expect((await ask(subject, '{}')).code).toBe('');
    },
  );

  it.each<[string, () => Promise<string>]>([
    ['is missing', () => Promise.resolve('')],
    ['is no token', () => Promise.resolve('somebody')],
    ['was signed by a stranger', () => signed('stranger', staff)],
    ['is of a client, but signed by a service', () => signed('order-service', staff)],
    ['is of a service, but signed by the gateway', () => signed('gateway', { ...staff, type: 'system' })],
    ['is of another service than its signer', () => signed('order-service', { ...staff, type: 'system' })],
  ])('whose identity %s is refused and never reaches the handler', async (_how, identity) => {
    const { heard, handler, letGo } = gated();
    letGo();
    const { subject } = await serve(handler);
    const answer = await ask(subject, '{}', { [header.identity]: await identity() }, '');
    expect(answer.code).toBe('unauthenticated');
    expect(heard).toEqual([]);
  });

  it('carries who is calling, as the gateway or a service vouched for it', async () => {
    const seen: unknown[] = [];
    const { subject } = await serve((request) => {
      seen.push(request.actor);
      return echo(request);
    });
    const jane: Caller = { type: 'customer', id: 'cus_jane', scopes: ['orders:read'] };
    const self: Caller = { type: 'system', id: 'order-service', scopes: null };
    await ask(subject, '{}', {}, await signed('gateway', jane));
    await ask(subject, '{}', {}, await signed('order-service', self));
    expect(seen).toEqual([jane, self]);
  });

  it('whose handler throws is answered internal_error, and nothing of the inner text leaves', async () => {
    const { subject } = await serve(async () => {
      throw new Error('the secret of the house');
    });
    const reply = await ask(subject, '{}');
    expect(reply.code).toBe('internal_error');
    expect(JSON.stringify(reply.body)).not.toContain('secret');
  });

  it('whose answer is larger than the broker takes is answered internal_error, and the next is served', async () => {
    const limit = nc.info?.max_payload ?? 0;
    const { subject } = await serve(async ({ body }) => ({
      ok: true,
      body: { text: 'x'.repeat((body as { length: number }).length) },
      replayed: false,
    }));
    expect((await ask(subject, JSON.stringify({ length: limit }))).code).toBe('internal_error');
    expect((await ask(subject, '{"length":1}')).body).toEqual({ text: 'x' });
  });

  it.each([
    ['an event', 'oms.lamp.v1.lamp_1.lit'],
    ['the request of another service', 'rpc.other.delete'],
    ['an inbox of somebody else', '_INBOX_somebody.1.1'],
    ['an inbox whose name only begins like a known one', '_INBOX_callers.1.1'],
  ])('that wants its reply sent to %s is dropped unheard', async (_what, reply) => {
    const heard: unknown[] = [];
    const { subject } = await serve(async (request) => {
      heard.push(request.body);
      return echo(request);
    });
    const written: string[] = [];
    caller.subscribe(reply, { callback: (_error, message) => void written.push(message.subject) });
    caller.publish(subject, '{"forged":true}', { reply });
    // One connection, one subscription: the proper request is handled after the forged one.
    await ask(subject, '{"proper":true}');
    await nc.flush();
    await caller.flush();
    expect(heard).toEqual([{ proper: true }]);
    expect(written).toEqual([]);
  });

  it('beyond the limit of those at work is answered overloaded at once, and those at work still are', async () => {
    const { heard, handler, letGo } = gated();
    const { subject } = await serve(handler, { concurrency: 2 });
    const working = [ask(subject, '1'), ask(subject, '2')];
    await eventually('two are at work', () => heard.length === 2);
    expect((await ask(subject, '3')).code).toBe('overloaded');
    letGo();
    expect((await Promise.all(working)).map((reply) => reply.body)).toEqual([{ heard: 1 }, { heard: 2 }]);
    expect((await ask(subject, '4')).code).toBe('');
    expect(heard.toSorted()).toEqual([1, 2, 4]);
  });
});

describe('a service that closes', () => {
  it('answers what is in flight and takes nothing new', async () => {
    const { heard, handler, letGo } = gated();
    const { subject, transport } = await serve(handler);
    const working = ask(subject, '"before"');
    await eventually('one is at work', () => heard.length === 1);
    let closed = false;
    const closing = transport.close().then(() => (closed = true));
    await nc.flush();
    await expect(ask(subject, '"after"')).rejects.toBeInstanceOf(RequestError);
    expect(closed).toBe(false);
    letGo();
    expect((await working).body).toEqual({ heard: 'before' });
    await closing;
    expect(heard).toEqual(['before']);
  });

  it('answers those that the broker had handed over before it heard of the closing', async () => {
    const { subject, transport } = await serve(echo, { concurrency: 50 });
    // With the identity at hand a request is written at once, so that the flush is behind all of them.
    const identity = await signed('gateway', staff);
    const asked = Array.from({ length: 50 }, (_, index) => ask(subject, String(index), {}, identity));
    await caller.flush();
    await transport.close();
    expect((await Promise.all(asked)).map((reply) => reply.code).join('')).toBe('');
  });
});
