import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@oms/chassis/testing';
import type { Stack } from '../../deploy/local/src/stack.ts';
import type { OmsProblem } from '@oms/client';
import type { OrderView, PaymentView, Shop } from './shop.ts';
import { openShop } from './stack.ts';

let shop: Shop;
let stack: Stack;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ shop, stack, close } = await openShop());
});
afterAll(() => close?.());

/** The provider's own word on what was really moved: one row per effect. */
const ledger = async (
  reference: string,
): Promise<{ operation: string; amount: number; outcome: string }[]> => {
  const response = await fetch(`${stack.run['payment-sandbox'].url}/ledger?reference=${reference}`);
  return ((await response.json()) as { data: { operation: string; amount: number; outcome: string }[] }).data;
};

describe('an order', () => {
  it('is confirmed by its payment, shipped and delivered', async () => {
    const order = await shop.paid();
    expect(order.total).toBe(6 * 255 + 306 + 2 * 339);
    expect(order.availableTransitions).toEqual(['process', 'cancel']);
    for (const [transition, status] of [
      ['process', 'processing'],
      ['ship', 'shipped'],
      ['deliver', 'delivered'],
    ] as const) {
      expect((await shop.move(`/orders/${order.id}`, transition)).status).toBe(status);
    }
    const delivered = await shop.order(order.id);
    expect(delivered.items[0]?.quantities).toMatchObject({
      ordered: 6,
      shipped: 6,
      delivered: 6,
      returned: 0,
    });
    const history = await shop.api.get<{ data: { to: string }[] }>(`/orders/${order.id}/history`);
    expect(history.data.map((row) => row.to)).toEqual(
      expect.arrayContaining(['pending', 'confirmed', 'processing', 'shipped', 'delivered']),
    );
  });

  it('is cancelled when its payment is declined', async () => {
    const { id } = await shop.place({ payment: { method: 'card', token: 'tok_chargeDeclined' } });
    const order = await shop.api.until<{ status: string; paymentStatus: string }>(
      `/orders/${id}`,
      (view) => view.status === 'cancelled',
    );
    expect(order.paymentStatus).toBe('failed');
  });

  it('gets its money back when it is cancelled after payment', async () => {
    const order = await shop.paid();
    await shop.api.post(`/orders/${order.id}/cancel`, { reason: 'changed_mind' });
    await shop.api.until<{ paymentStatus: string }>(`/orders/${order.id}`, (view) =>
      ['refunded', 'voided'].includes(view.paymentStatus),
    );
    const [payment] = await shop.payments(order.id);
    expect(payment?.refundedAmount).toBe(order.total);
  });

  it('with manual capture pays for what ships and its carriage, and the rest is let go', async () => {
    const { id, total } = await shop.place({
      shippingAmount: 500,
      payment: { method: 'card', token: 'tok_visa', capture: 'manual' },
    });
    const order = await shop.api.until<OrderView>(`/orders/${id}`, (view) => view.status === 'confirmed');
    await shop.move(`/orders/${id}`, 'process');
    const [first, second] = order.items;
    await shop.api.post(`/orders/${id}/shipments`, {
      items: [{ itemId: first?.id, quantity: 2 }],
      carrier: 'Royal Mail',
      trackingNumber: 'RM1',
    });
    await shop.api.post(`/orders/${id}/cancel`, {
      reason: 'changed_mind',
      items: [
        { itemId: first?.id, quantity: 4 },
        { itemId: second?.id, quantity: 2 },
      ],
    });
    const [opened] = await shop.payments(id);
    const payment = await shop.api.until<PaymentView>(
      `/payments/${opened?.id}`,
      (view) => view.status === 'captured',
    );
    const kept = 2 * 255 + 102 + 500;
    expect(payment.capturedAmount).toBe(kept);
    const rows = await ledger(payment.id);
    const moved = (operation: string) =>
      rows.filter((row) => row.operation === operation).reduce((sum, row) => sum + row.amount, 0);
    expect({ held: moved('authorize'), taken: moved('capture'), released: moved('void') }).toEqual({
      held: total,
      taken: kept,
      released: total - kept,
    });
    await shop.api.until<OrderView>(`/orders/${id}`, (view) => view.paymentStatus === 'captured');
  });

  it('of 2,000 lines goes the whole way', async () => {
    const items = Array.from({ length: 2000 }, (_, line) => ({
      sku: `SKU-${line}`,
      name: `Thing number ${line}`,
      quantity: 3,
      unitPrice: 100 + line,
    }));
    const order = await shop.delivered({ items });
    expect(order.items).toHaveLength(2000);
    const opened = await shop.openReturn(
      order,
      items.map(() => 1),
    );
    const ended = await shop.refunded(opened.id);
    expect(ended.refundAmount).toBe(items.reduce((sum, item) => sum + item.unitPrice, 0));
  });

  it('is charged once although the provider did not answer the first time', async () => {
    const order = await shop.paid({
      payment: { method: 'card', token: 'tok_providerTimeout', capture: 'automatic' },
    });
    const [payment] = await shop.payments(order.id);
    const charges = (await ledger(payment?.id ?? '')).filter((row) => row.outcome === 'succeeded');
    expect(charges.map((row) => row.operation).sort()).toEqual(['authorize', 'capture']);
  });
});

describe('a return', () => {
  it('of part of an order is refunded to the penny, and the order knows', async () => {
    const order = await shop.delivered();
    const opened = await shop.openReturn(order, [2, 0]);
    const ended = await shop.refunded(opened.id);
    expect(ended).toMatchObject({
      status: 'refunded',
      refundAmount: 2 * 255 + 102,
      refundStatus: 'succeeded',
    });
    const after = await shop.api.until<{
      paymentStatus: string;
      items: { quantities: { returned: number } }[];
    }>(
      `/orders/${order.id}`,
      (view) => view.items[0]?.quantities.returned === 2 && view.paymentStatus === 'partially_refunded',
    );
    expect(after.items[1]?.quantities.returned).toBe(0);
  });

  it('of everything makes the order returned', async () => {
    const order = await shop.delivered();
    const opened = await shop.openReturn(order, [6, 2]);
    await shop.refunded(opened.id);
    await shop.api.until(`/orders/${order.id}`, (view: { status: string }) => view.status === 'returned');
  });

  it('is never of more than was delivered, however many ask at once', async () => {
    const order = await shop.delivered();
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => shop.openReturn(order, [1, 0])),
    );
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as OmsProblem] : [],
    );
    expect(answers.length - refused.length).toBe(6);
    expect(new Set(refused.map((problem) => `${problem.status} ${problem.code}`))).toEqual(
      new Set(['422 quantity_not_returnable']),
    );
  });
});

describe('a payment', () => {
  it('is never refunded for more than was captured, however many ask at once', async () => {
    const order = await shop.paid();
    const [payment] = await shop.payments(order.id);
    const amount = Math.floor(order.total / 4) - 1;
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => shop.api.post(`/payments/${payment?.id}/refund`, { amount })),
    );
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(4);
    const given = async () =>
      (await ledger(payment?.id ?? ''))
        .filter((row) => row.operation === 'refund' && row.outcome === 'succeeded')
        .reduce((sum, row) => sum + row.amount, 0);
    // A refund is accepted before the provider has made it, when that takes long.
    await eventually('all that were accepted are made', async () => (await given()) >= 4 * amount);
    expect(await given()).toBe(4 * amount);
  });
});

describe('bad input', () => {
  it('names an unknown field', async () => {
    const { status, type, problem } = await shop.raw(
      'POST',
      '/orders',
      JSON.stringify({ ...shop.body(), colour: 'red' }),
    );
    expect({ status, type }).toEqual({
      status: 400,
      type: expect.stringContaining('application/problem+json') as unknown,
    });
    expect(problem).toMatchObject({ code: 'validation_failed', errors: [{ path: 'colour' }] });
  });

  it('that is not JSON is refused', async () => {
    expect(await shop.raw('POST', '/orders', '{"items": [')).toMatchObject({
      status: 400,
      problem: { code: 'malformed_body' },
    });
  });

  it('that is too large is refused', async () => {
    expect(await shop.raw('POST', '/orders', JSON.stringify({ note: 'x'.repeat(1 << 21) }))).toMatchObject({
      status: 413,
    });
  });

  it('for a transition that the state does not allow says what is allowed', async () => {
    const order = await shop.place();
    expect(await shop.raw('POST', `/orders/${order.id}/state`, '{"transition":"deliver"}')).toMatchObject({
      status: 409,
      problem: {
        code: 'transition_not_allowed',
        from: 'pending',
        transition: 'deliver',
        allowedTransitions: ['confirm', 'cancel'],
      },
    });
  });

  it('for something that does not exist is 404', async () => {
    expect(await shop.raw('GET', '/orders/ord_00000000000000000000000000')).toMatchObject({
      status: 404,
      problem: { code: 'not_found' },
    });
    expect(await shop.raw('GET', "/orders/'; drop table orders; --")).toMatchObject({ status: 404 });
  });
});

it('an external reference is taken once in its channel', async () => {
  await shop.place({ externalRef: 'e2e-1' });
  expect(
    await shop.raw('POST', '/orders', JSON.stringify(shop.body({ externalRef: 'e2e-1' }))),
  ).toMatchObject({
    status: 409,
    problem: { code: 'external_ref_taken' },
  });
  await shop.place({ externalRef: 'e2e-1', channel: 'other' });
});

it('a transition just made, asked again, changes nothing', async () => {
  const order = await shop.place();
  const first = await shop.api.post<{ version: number }>(`/orders/${order.id}/state`, {
    transition: 'confirm',
  });
  const again = await shop.api.post<{ version: number }>(`/orders/${order.id}/state`, {
    transition: 'confirm',
  });
  expect(again.version).toBe(first.version);
});

it('the same Idempotency-Key answers with the first answer, and another body under it is refused', async () => {
  const body = JSON.stringify(shop.body());
  const first = await shop.raw('POST', '/orders', body, { 'idempotency-key': 'e2e-same' });
  const again = await shop.raw('POST', '/orders', body, { 'idempotency-key': 'e2e-same' });
  expect(again).toEqual(first);
  expect(
    await shop.raw('POST', '/orders', JSON.stringify(shop.body({ currency: 'EUR' })), {
      'idempotency-key': 'e2e-same',
    }),
  ).toMatchObject({
    status: 422,
    problem: { code: 'idempotency_key_reused' },
  });
});
