import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@oms/chassis/testing';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import type { Stack } from '../../deploy/local/src/stack.ts';
import type { PaymentView as FullPayment } from '@oms/contracts';
import type { Shop } from './shop.ts';
import { openShop } from './stack.ts';

let shop: Shop;
let stack: Stack;
let secret: string;
let books: pg.Client;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  const opened = await openShop();
  ({ shop, stack, close } = opened);
  const keys = readFileSync(join(opened.home, 'development-keys.json'), 'utf8');
  secret = (JSON.parse(keys) as { providerWebhooks: string }).providerWebhooks;
  books = new pg.Client({ connectionString: stack.run.postgres.url });
  await books.connect();
});
afterAll(async () => {
  await books?.end();
  await close?.();
});

async function captured(token = 'tok_visa'): Promise<{ orderId: string; payment: FullPayment }> {
  const order = await shop.paid({ payment: { method: 'card', token, capture: 'automatic' } });
  const [payment] = await shop.payments(order.id);
  return { orderId: order.id, payment: await read(payment?.id ?? '') };
}
const read = (id: string) => shop.api.get<FullPayment>(`/payments/${id}`);
const until = (id: string, holds: (payment: FullPayment) => boolean) =>
  shop.api.until<FullPayment>(`/payments/${id}`, holds, 60_000);

/** A webhook as the provider sends it; what is given replaces a part of it. */
async function tell(
  body: string,
  {
    id = randomUUID(),
    at = new Date(),
    by = secret,
    headers = {},
    method = 'POST',
  }: {
    id?: string;
    at?: Date;
    by?: string;
    headers?: Record<string, string>;
    method?: string;
  } = {},
): Promise<number> {
  const answer = await fetch(`${shop.url}/provider-webhooks`, {
    method,
    ...(method === 'POST' ? { body } : {}),
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(by).sign(id, at, body),
      ...headers,
    },
  });
  return answer.status;
}
const notice = (type: string, data: object) => JSON.stringify({ type, timestamp: new Date(), data });
const kept = async () =>
  Number((await books.query('select count(*) from payments.provider_webhook')).rows[0].count);

/** What the customer's bank does, on demand. */
const atTheBank = (path: string, body: object) =>
  fetch(`${stack.run['payment-sandbox'].url}/v1/chargebacks${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });

describe('a webhook of the provider', () => {
  it('settles a pending refund', async () => {
    const { payment } = await captured('tok_refundPending');
    const asked = await shop.api.post<FullPayment>(`/payments/${payment.id}/refund`, { amount: 600 });
    expect(asked.refunds).toMatchObject([{ amount: 600 }]);
    const settled = await until(payment.id, (view) => view.refundedAmount > 0);
    expect(settled).toMatchObject({ status: 'partially_refunded', refundedAmount: 600 });
    // It settles within half a second, which the answer may take too; that it was pending is on record.
    expect(settled.attempts).toContainEqual(
      expect.objectContaining({ operation: 'refund', outcome: 'pending' }),
    );
    // Asked by itself, the provider may have said so before its webhook is here.
    const told = async () =>
      (
        await books.query<{ type: string }>('select type from payments.provider_webhook where id = $1', [
          `${asked.refunds[0]?.id}:settled`,
        ])
      ).rows;
    await eventually('the webhook is kept', async () => (await told()).length > 0);
    expect(await told()).toEqual([{ type: 'operation.settled' }]);
  });

  it('is not believed unless it is signed, by the provider, now, and as it came', async () => {
    const before = await kept();
    const body = notice('operation.settled', {});
    const other = `whsec_${Buffer.from('another secret of another one').toString('base64')}`;
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    expect(await tell(body, { by: other })).toBe(401);
    expect(await tell(body, { at: minutes(-6) })).toBe(401);
    expect(await tell(body, { at: minutes(6) })).toBe(401);
    const wrong: Record<string, string>[] = [
      { 'webhook-id': 'another' },
      // A second ahead was the true one as soon as the second had passed.
      { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 60) },
      { 'webhook-signature': '' },
      { 'webhook-signature': 'v1,AAAA' },
      { 'webhook-timestamp': 'soon' },
    ];
    for (const headers of wrong) expect(await tell(body, { headers })).toBe(401);
    expect(await tell(body, { method: 'GET' })).toBe(405);
    expect(await tell(`"${'x'.repeat(300_000)}"`)).toBe(413);
    expect(await kept()).toBe(before);
  });

  it('that is signed and says nothing that we know is kept and harmless', async () => {
    const before = await kept();
    for (const body of ['not JSON', '{}', notice('weather.changed', {}), notice('operation.settled', {})])
      expect(await tell(body)).toBe(204);
    expect(await kept()).toBe(before + 4);
  });
});

describe('a chargeback', () => {
  it('reaches the payment, also when the service is killed meanwhile, and blocks a second refund', async () => {
    const { orderId, payment } = await captured();
    const { id, amount, currency } = payment;
    const lost = { id: `chb_${randomUUID()}`, reference: id, amount: amount - 100, currency };
    stack.kill('payment-service');
    await atTheBank('', lost);
    await until(id, (view) => view.chargebacks.length > 0);
    expect(await read(id)).toMatchObject({
      status: 'captured',
      chargedBackAmount: amount - 100,
      chargebacks: [{ id: lost.id, amount: amount - 100, status: 'open', reason: 'fraudulent' }],
    });
    const twice = await shop.raw('POST', `/payments/${id}/refund`, JSON.stringify({ amount: 101 }));
    expect(twice).toMatchObject({ status: 422, problem: { code: 'payment_charged_back' } });

    for (const transition of ['process', 'ship', 'deliver'])
      await shop.move(`/orders/${orderId}`, transition);
    const order = await shop.order(orderId);
    const { id: returnId } = await shop.openReturn(order, [3, 0]);
    for (const transition of ['approve', 'mark_in_transit', 'receive', 'process'])
      await shop.move(`/returns/${returnId}`, transition);
    await shop.api.until<{ refundStatus: string }>(
      `/returns/${returnId}`,
      (view) => view.refundStatus === 'failed',
      60_000,
    );
    const saga = await books.query('select state from returns.saga where aggregate_id = $1', [returnId]);
    expect(saga.rows).toEqual([{ state: 'needs_attention' }]);

    await atTheBank(`/${lost.id}/close`, { outcome: 'won' });
    await until(id, (view) => view.chargedBackAmount === 0);
    await shop.move(`/returns/${returnId}`, 'refund');
    await shop.api.until<{ status: string }>(
      `/returns/${returnId}`,
      (view) => view.status === 'refunded',
      60_000,
    );
    const told = await books.query(
      `select type from payments.outbox where aggregate_id = $1 and type like '%charge%' order by id`,
      [id],
    );
    expect(told.rows.map((row: { type: string }) => row.type)).toEqual([
      'payment.charged_back',
      'payment.chargeback_closed',
    ]);
  });

  it('of which the end is heard before the beginning, and everything twice, is recorded once', async () => {
    const { payment } = await captured();
    const data = { id: `chb_${randomUUID()}`, reference: payment.id, amount: 250, currency: 'GBP' };
    const closed = notice('chargeback.closed', { ...data, outcome: 'lost' });
    const opened = notice('chargeback.opened', data);
    const ids = { closed: randomUUID(), opened: randomUUID() };
    for (let times = 0; times < 2; times++) {
      expect(await tell(closed, { id: ids.closed })).toBe(204);
      expect(await tell(opened, { id: ids.opened })).toBe(204);
    }
    expect(await tell(opened)).toBe(204);
    expect(await read(payment.id)).toMatchObject({
      chargedBackAmount: 250,
      chargebacks: [{ id: data.id, amount: 250, status: 'lost' }],
    });
  });
});

describe('npm run reconcile', () => {
  const command = async (): Promise<{ status: number | null; stdout: string }> => {
    const child = spawn(process.execPath, ['--no-warnings', 'tools/src/reconcile.ts'], {
      cwd: join(import.meta.dirname, '../..'),
      env: {
        ...process.env,
        DATABASE_URL: stack.run.postgres.url,
        PAYMENT_PROVIDER_URL: stack.run['payment-sandbox'].url,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    let stdout = '';
    for await (const part of child.stdout) stdout += String(part);
    return { status: await ended, stdout };
  };

  it('ends with 0 where the books agree, and with 1 and a proposal where they do not; staff read the same', async () => {
    const { payment } = await captured();
    expect(await command()).toMatchObject({ status: 0 });
    await fetch(`${stack.run['payment-sandbox'].url}/v1/refund`, {
      method: 'POST',
      body: JSON.stringify({ key: 'by hand', reference: payment.id, amount: 5, currency: 'GBP' }),
    });
    const { stdout, status } = await command();
    expect({ stdout, status }).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('unknown_effect  refund by hand'),
    });
    const report = await shop.api.get<{ data: { differenceCount: number; differences: object[] }[] }>(
      '/reports/reconciliation',
    );
    expect(report.data[0]).toMatchObject({
      differenceCount: 1,
      differences: [{ kind: 'unknown_effect', key: 'by hand', theirs: { amount: 5 } }],
    });
    const service = await fetch((stack.run['payment-service']?.health ?? '') + '/metrics');
    expect(await service.text()).toContain('oms_reconciliation_differences{schema="payments"} 1');
  });
});
