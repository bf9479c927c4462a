import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { OmsClient, until } from '@oms/client';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../deploy/local/src/ports.ts';

/**
 * `docker compose up` as somebody with a clone uses it, in a project of its own. Needs an engine, and minutes for the
 * images: `npm run test:compose`, no part of `npm test`.
 */
const LONG_MS = 1_800_000;
const root = join(import.meta.dirname, '../..');
const environment: NodeJS.ProcessEnv = { ...process.env, COMPOSE_PROJECT_NAME: 'oms-test' };
const compose = (...args: string[]): string =>
  execFileSync('docker', ['compose', '--progress', 'quiet', ...args], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

let oms: OmsClient;
let orderId = '';

beforeAll(async () => {
  const [httpPort, mailboxPort] = await Promise.all([freePort(), freePort()]);
  Object.assign(environment, { OMS_HTTP_PORT: String(httpPort), OMS_MAILBOX_PORT: String(mailboxPort) });
  compose('up', '--build', '--wait');
  const token = compose('run', '--rm', 'token', '--role', 'staff').trim();
  oms = new OmsClient({ url: `http://127.0.0.1:${httpPort}`, token: () => Promise.resolve(token) });
}, LONG_MS);

afterAll(() => void compose('--profile', '*', 'down', '--volumes'), LONG_MS);

it(
  'an order that is placed while payment-service is dead is paid for when it is back',
  async () => {
    compose('kill', 'payment-service');
    const placed = await oms.createOrder({
      email: 'jane@example.com',
      currency: 'GBP',
      items: [{ sku: '85123A', name: 'White hanging heart', quantity: 6, unitPrice: 255 }],
      shippingAddress: {
        name: 'Jane Roe',
        line1: '1 High Street',
        city: 'Leeds',
        postalCode: 'LS1 1AA',
        country: 'GB',
      },
      payment: { method: 'card', token: 'tok_visa' },
    });
    orderId = placed.id;
    compose('start', 'payment-service');
    const confirmed = await until(
      () => oms.getOrder(orderId),
      (order) => order.status === 'confirmed' && order.paymentStatus === 'captured',
    );
    expect(confirmed.total).toBe(1_530);
  },
  LONG_MS,
);

it(
  'every process that is asked to end does so by itself, and all is there when they are back',
  async () => {
    compose('stop');
    const codes = compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}').trim().split('\n');
    expect(codes.filter((line) => !line.endsWith(' 0'))).toEqual([]);
    compose('up', '--wait', '--scale', 'order-service=2');
    expect((await oms.getOrder(orderId)).paymentStatus).toBe('captured');
    expect(compose('run', '--rm', 'tools', 'events.mjs', 'verify')).not.toContain('MISS');
  },
  LONG_MS,
);

it(
  'the provisioner gives a role the password that it is told, and only that one',
  () => {
    const signsIn = (password: string): boolean => {
      const url = `postgres://order_service:${password}@postgres/oms`;
      try {
        compose('exec', 'postgres', 'psql', url, '-c', 'select 1');
        return true;
      } catch {
        return false;
      }
    };
    const [one, other] = ['the-first-password', 'the-second-password'];
    for (const [told, was] of [[one, other] as const, [other, one] as const]) {
      compose(
        'run',
        '--rm',
        '-e',
        `ORDER_SERVICE_PASSWORD=${told}`,
        'provision',
        '--env-file=/data/home/provisioner.env',
        'provision.mjs',
      );
      expect([signsIn(told), signsIn(was)]).toEqual([true, false]);
    }
  },
  LONG_MS,
);
