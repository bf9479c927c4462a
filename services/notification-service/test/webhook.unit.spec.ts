import { describe, expect, it } from '@jest/globals';
import { decide, NEW, verify } from '@oms/chassis/machine';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { AddressRefused, isPublic, publicAddresses } from '../src/adapters/public-address.js';
import { WebhookClient } from '../src/adapters/webhook-client.js';
import { newSecret, signed } from '../src/adapters/webhook-signature.js';
import { pauseAfter, retryAfterMs } from '../src/domain/retry-plan.js';
import { webhookDeliveryMachine } from '../src/domain/webhook-delivery.machine.js';

describe('the signature', () => {
  const body = '{"type":"order.confirmed.v1","data":{"number":"ORD-1 ü"}}';

  it('is verified by the library of Standard Webhooks, with either of two live secrets', () => {
    const [fresh, before] = [newSecret(), newSecret()];
    const headers = signed('evt_1', body, [fresh, before], new Date());
    for (const secret of [fresh, before])
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'order.confirmed.v1' });
  });

  it('does not hold for another secret, another body, another id, or a time that is past', () => {
    const secret = newSecret();
    const headers = signed('evt_1', body, [secret], new Date());
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow();
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
    expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'evt_2' })).toThrow();
    const old = signed('evt_1', body, [secret], new Date(Date.now() - 600_000));
    expect(() => new Webhook(secret).verify(body, old)).toThrow();
  });
});

describe('an address', () => {
  it.each(['93.184.216.34', '1.1.1.1', '2606:4700:4700::1111'])('%s is anybody’s', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.0.0.5',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'not an address',
  ])('%s is inside somebody’s network, or stands for another', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it('is looked at after its name was resolved, and one of ours among others refuses the name', async () => {
    const resolves = (addresses: string[]) => async () => addresses;
    await expect(publicAddresses('a.example', resolves(['1.1.1.1']), false)).resolves.toEqual(['1.1.1.1']);
    await expect(publicAddresses('a.example', resolves(['169.254.169.254']), false)).rejects.toThrow(
      AddressRefused,
    );
    await expect(publicAddresses('a.example', resolves(['1.1.1.1', '10.0.0.1']), false)).rejects.toThrow(
      AddressRefused,
    );
    await expect(publicAddresses('[::1]', resolves([]), false)).rejects.toThrow(AddressRefused);
    await expect(publicAddresses('a.example', resolves([]), false)).rejects.toThrow('name_not_resolved');
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '1.1.1.1'])(
    '%s may be a target in development',
    async (address) => {
      await expect(publicAddresses('a.example', async () => [address], true)).resolves.toEqual([address]);
    },
  );

  it.each(['169.254.169.254', '10.0.0.5', '172.16.0.1', '192.168.1.1', '0.0.0.0', 'fd00::1', 'fe80::1'])(
    '%s is no target in development either',
    async (address) => {
      const resolve = async () => ['127.0.0.1', address];
      await expect(publicAddresses('a.example', resolve, true)).rejects.toThrow(AddressRefused);
    },
  );
});

describe('the client', () => {
  it.each([
    ['https://inside.example/', 'address_refused'],
    ['https://127.0.0.1/', 'address_refused'],
    ['https://[::ffff:127.0.0.1]/', 'address_refused'],
    ['https://2130706433/', 'address_refused'],
    ['http://outside.example/', 'http_refused'],
  ])('does not call %s (%s)', async (url, error) => {
    const resolve = async () => ['127.0.0.1'];
    const client = new WebhookClient({ timeoutMs: 2_000, loopbackAllowed: false, resolve });
    expect(await client.post(url, {}, '{}')).toMatchObject({
      responseStatus: null,
      error: expect.stringContaining(error),
    });
  });

  it('asks for a name once and connects to what was looked at, whatever the name says the next moment', async () => {
    const server = createServer((_, res) => res.end('here'));
    await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
    const { port } = server.address() as { port: number };
    let asked = 0;
    const resolve = async () => [(asked += 1) === 1 ? '127.0.0.1' : '127.0.0.2'];
    const client = new WebhookClient({ timeoutMs: 5_000, loopbackAllowed: true, resolve });
    const answer = await client.post(`http://rebinding.example:${port}/`, {}, '{}');
    server.close();
    expect(answer).toMatchObject({ responseStatus: 200, error: null, response: 'here' });
    expect(asked).toBe(1);
  });

  it('gives up in time when even the name is never resolved', async () => {
    const client = new WebhookClient({
      timeoutMs: 50,
      loopbackAllowed: false,
      resolve: () => new Promise(() => {}),
    });
    expect(await client.post('https://silent.example/', {}, '{}')).toMatchObject({ error: 'timeout' });
  });
});

describe('the retry plan', () => {
  const plan = [5_000, 300_000];

  it('waits longer each time, a fifth more or less, and ends', () => {
    expect(pauseAfter(1, plan, 0, null)).toBe(4_000);
    expect(pauseAfter(1, plan, 0.999, null)).toBeCloseTo(5_998, 0);
    expect(pauseAfter(2, plan, 0.5, null)).toBe(300_000);
    expect(pauseAfter(3, plan, 0.5, null)).toBeNull();
  });

  it('waits for as long as it was asked to, but not for ever, and never for less', () => {
    expect(pauseAfter(1, plan, 0, 60_000)).toBe(60_000);
    expect(pauseAfter(2, plan, 0.5, 1_000)).toBe(300_000);
    expect(pauseAfter(1, plan, 0, 10 ** 12)).toBe(24 * 3_600_000);
  });

  it('reads Retry-After as seconds or as a date', () => {
    const now = new Date('2026-11-01T00:00:00Z');
    expect(retryAfterMs('120', now)).toBe(120_000);
    expect(retryAfterMs('Sun, 01 Nov 2026 00:01:00 GMT', now)).toBe(60_000);
    expect(retryAfterMs('Sat, 31 Oct 2026 00:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('soon', now)).toBeNull();
    expect(retryAfterMs(undefined, now)).toBeNull();
  });
});

it('the table of a delivery has no fault, and leaves no way out of the retries but its rows', () => {
  expect(verify([webhookDeliveryMachine], new Set())).toEqual([]);
  const to = (status: string, on: string, input: object = {}) => {
    const decision = decide(webhookDeliveryMachine, status, {}, on, input);
    return decision.outcome === 'moved' ? decision.to : decision.outcome;
  };
  expect(to(NEW, 'match')).toBe('pending');
  expect(to('pending', 'deliver')).toBe('succeeded');
  expect(to('pending', 'miss', { nextAt: new Date() })).toBe('pending');
  expect(to('pending', 'miss', { nextAt: null })).toBe('failed');
  expect(to('pending', 'end')).toBe('failed');
  for (const status of ['pending', 'succeeded', 'failed']) expect(to(status, 'resend')).toBe('pending');
  for (const on of ['deliver', 'miss', 'end']) expect(to('succeeded', on)).toBe('refused');
});
