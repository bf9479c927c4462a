import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@oms/chassis';
import { eventually } from '@oms/chassis/testing';
import type { PaymentView } from '@oms/contracts';
import {
  itemsCancelled,
  orderCancelled,
  shipmentCreated,
  shipmentDelivered,
} from '../src/features/follow-orders.js';
import { refundRequested, returnRefunded } from '../src/features/follow-returns.js';
import { startAsking, type AskingPayments } from './asking-payments.js';

let { payments, sandbox, asking, ask, stop } = {} as AskingPayments;
beforeAll(async () => {
  ({ payments, sandbox, asking, ask, stop } = await startAsking());
});
afterAll(() => stop?.());

/** An order that was paid by these amounts and tokens, oldest first. */
async function paid(
  ...parts: [amount: number, token?: string][]
): Promise<{ orderId: string; ids: string[] }> {
  const orderId = await payments.order(parts.reduce((sum, [amount]) => sum + amount, 0));
  const ids: string[] = [];
  for (const [amount, token = 'tok_visa'] of parts) {
    const { id } = await payments.add(orderId, { amount, token });
    expect(await ask('process', id)).toMatchObject({ status: 'captured' });
    ids.push(id);
  }
  return { orderId, ids };
}

/** One more payment of 6.00 for an order that costs so much more by now; without a token, staff say that it came. */
async function addFor(orderId: string, token: string | null): Promise<string> {
  await payments.ground.sql(`update payments.order_snapshot set total = total + 600 where id = ?`, [orderId]);
  const body = token === null ? { method: 'manual', token: undefined } : { token };
  const { id } = await payments.add(orderId, body);
  await ask('process', id);
  return id;
}

interface Asked {
  orderId: string;
  returnId: string;
  refundId: string;
  amount: number;
}
const asReturn = (orderId: string, amount: number): Asked => ({
  orderId,
  returnId: payments.returnOf(orderId),
  refundId: newId('ref'),
  amount,
});
async function wants(request: Asked): Promise<void> {
  await payments.hear(refundRequested, { ...request, method: 'original' });
  asking.runner.kick();
}
/** What each payment gave back, oldest first, when nothing is under way any more. */
async function gave(ids: readonly string[]): Promise<number[]> {
  for (const id of ids) expect(await asking.runner.settle(id, 60_000)).toBe(true);
  return Promise.all(ids.map(async (id) => (await payments.view(id)).refundedAmount));
}
const told = async (ids: readonly string[], type: string) =>
  (
    await payments.ground.sql<{ payload: Record<string, unknown> }>(
      `select payload from payments.outbox where type = ? and aggregate_id in (select value from json_array_elements_text(?::json)) order by id`,
      [type, JSON.stringify(ids)],
    )
  ).map((row) => row.payload);

describe('the open balance', () => {
  it('is what a payment takes when no amount is given, and no payment takes more', async () => {
    const orderId = await payments.order(1_000);
    await payments.add(orderId, { amount: 300 });
    expect(await payments.tryAdd(orderId, { amount: 701 })).toMatchObject({
      ok: false,
      failure: { code: 'amount_exceeds_balance', detail: 'the open balance is 700' },
    });
    expect(await payments.add(orderId)).toMatchObject({ amount: 700 });
    expect(await payments.tryAdd(orderId)).toMatchObject({ ok: false, failure: { code: 'nothing_to_pay' } });
  });

  it('is never exceeded, however many ask at once', async () => {
    const orderId = await payments.order(1_000);
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, index) => payments.tryAdd(orderId, index % 2 ? { amount: 150 } : {})),
    );
    const amounts = replies.flatMap((reply) => (reply.ok ? [(reply.body as PaymentView).amount] : []));
    expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(1_000);
  });

  it('opens again for what was declined or charged back, not for what was given back out of goodwill', async () => {
    const { orderId, ids } = await paid([1_000]);
    await ask('refund', ids[0] ?? '', { amount: 400, reason: 'goodwill' });
    expect(await payments.tryAdd(orderId)).toMatchObject({ failure: { code: 'nothing_to_pay' } });
    await payments.intend(ids[0] ?? '', 'charge_back', { chargebackId: 'chb_1', amount: 250, reason: null });
    expect(await payments.add(orderId, { token: 'tok_expiredCard' })).toMatchObject({ amount: 250 });
  });
});

describe('a refund over several payments', () => {
  it.each([
    ['is given by the one with the least left that has all of it', [500, 900, 700], 600, [0, 0, 600]],
    ['is given by the newer of two that have as much', [600, 600, 900], 600, [0, 600, 0]],
    ['comes from the fullest first when none has all of it', [300, 500, 400], 1_000, [100, 500, 400]],
    ['takes everything when everything is owed', [1, 333, 666], 1_000, [1, 333, 666]],
  ])('%s', async (_, amounts, owed, expected) => {
    const { orderId, ids } = await paid(...amounts.map((amount): [number] => [amount]));
    const request = asReturn(orderId, owed);
    await wants(request);
    expect(await gave(ids)).toEqual(expected);
    const settled = (await told(ids, 'payment.refunded')).map((event) => event['settled']);
    expect(settled.filter(Boolean)).toHaveLength(1);
    expect(settled.at(-1)).toBe(true);
  });

  it('is not given at all when the payments do not have it together, and its return hears why', async () => {
    const { orderId, ids } = await paid([300], [200]);
    await wants(asReturn(orderId, 501));
    expect(await gave(ids)).toEqual([0, 0]);
    expect(await told(ids, 'payment.refund_failed')).toMatchObject([{ code: 'refund_exceeds_captured' }]);
  });

  it('of which a part was refused is asked for again without paying the other part twice', async () => {
    const { orderId, ids } = await paid([500], [300, 'tok_refundFails'], [400]);
    const request = asReturn(orderId, 1_000);
    await wants(request);
    expect(await gave(ids)).toEqual([500, 0, 400]);
    await wants({ ...request, refundId: newId('ref') });
    expect(await gave(ids)).toEqual([500, 0, 400]);
    const failed = await told(ids, 'payment.refund_failed');
    expect(failed.map((event) => event['refundAmount'])).toEqual([100, 100]);
  });

  it('counts what staff gave back in the name of the return', async () => {
    const { orderId, ids } = await paid([1_000]);
    const request = asReturn(orderId, 600);
    await ask('refund', ids[0] ?? '', { amount: 600, returnId: request.returnId });
    await wants(request);
    expect(await gave(ids)).toEqual([600]);
    expect(await told(ids, 'payment.refunded')).toMatchObject([
      { returnRefundId: null },
      { returnRefundId: request.refundId, settled: true, refundAmount: 0 },
    ]);
  });

  it.each([
    ['by a provider', 'tok_visa'],
    ['outside', null],
  ])('is answered when staff give what was missing, %s, in the name of the return', async (_, token) => {
    const { orderId, ids } = await paid([400], [500, 'tok_refundFails']);
    const request = asReturn(orderId, 900);
    await wants(request);
    expect(await gave(ids)).toEqual([400, 0]);
    const added = await addFor(orderId, token);
    await ask('refund', added, { amount: 200, returnId: request.returnId });
    await asking.runner.settle(added, 60_000);
    const answers = async () =>
      (await told([...ids, added], 'payment.refunded')).filter(
        (event) => event['settled'] === true && event['returnRefundId'] === request.refundId,
      );
    expect(await answers()).toEqual([]);
    await ask('refund', added, { amount: 300, returnId: request.returnId });
    await asking.runner.settle(added, 60_000);
    expect(await answers()).toMatchObject([{ refundAmount: 300 }]);
  });

  it('and many returns and staff at once never give back more than was taken', async () => {
    const { orderId, ids } = await paid([400], [300], [300]);
    await Promise.all([
      ...Array.from({ length: 8 }, () => wants(asReturn(orderId, 170))),
      ...ids.map((paymentId) =>
        payments.ground.insist(asking.refund, { paymentId, amount: 90 }, newId('msg')),
      ),
    ]);
    const given = await gave(ids);
    for (const [index, captured] of [400, 300, 300].entries())
      expect(given[index]).toBeLessThanOrEqual(captured);
    const booked = (await Promise.all(ids.map((id) => sandbox.ledger(id))))
      .flat()
      .filter((row) => row.operation === 'refund' && row.outcome === 'succeeded');
    expect(booked.reduce((sum, row) => sum + row.amount, 0)).toBe(given.reduce((sum, one) => sum + one, 0));
  });

  it('goes back from every payment when the order is cancelled, and from what a cancelled part cost', async () => {
    const { orderId, ids } = await paid([400], [600]);
    await payments.hear(itemsCancelled, { orderId, amount: 450, total: 550, status: 'confirmed' });
    asking.runner.kick();
    expect(await gave(ids)).toEqual([0, 450]);
    await payments.hear(orderCancelled, { orderId });
    asking.runner.kick();
    expect(await gave(ids)).toEqual([400, 600]);
  });
});

describe('a chargeback', () => {
  it('takes what could be refunded: no second time for staff, and a return hears of it', async () => {
    const { orderId, ids } = await paid([1_000]);
    const [id = ''] = ids;
    await payments.intend(id, 'charge_back', { chargebackId: 'chb_2', amount: 800, reason: 'fraudulent' });
    expect(await payments.ground.send(asking.refund, { paymentId: id, amount: 201 })).toMatchObject({
      failure: { code: 'payment_charged_back' },
    });
    await wants(asReturn(orderId, 500));
    expect(await told(ids, 'payment.refund_failed')).toMatchObject([{ code: 'payment_charged_back' }]);
    expect(await ask('refund', id)).toMatchObject({ refundedAmount: 200, chargedBackAmount: 800 });
    await payments.intend(id, 'close_chargeback', {
      chargebackId: 'chb_2',
      amount: 800,
      reason: null,
      outcome: 'won',
    });
    expect(await ask('refund', id)).toMatchObject({ status: 'refunded', chargedBackAmount: 0 });
  });
});

describe('money outside a provider', () => {
  it('of `manual` is recorded by staff, given back outside, and asked of nobody', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId, { method: 'manual', token: null });
    expect(await ask('process', id)).toMatchObject({
      status: 'captured',
      provider: 'manual',
      capturedAmount: 1_000,
      attempts: [],
    });
    expect(await ask('refund', id, { amount: 300 })).toMatchObject({
      status: 'partially_refunded',
      refunds: [{ amount: 300, status: 'succeeded' }],
    });
    const request = asReturn(orderId, 500);
    await wants(request);
    expect(await told([id], 'payment.refund_failed')).toMatchObject([{ code: 'refund_paid_outside' }]);
    await payments.hear(returnRefunded, { ...request, method: 'manual' });
    expect(await payments.view(id)).toMatchObject({ refundedAmount: 800 });
    expect(await payments.openOperations(id)).toEqual([]);
    expect(await sandbox.ledger(id)).toEqual([]);
  });

  it('of an order that is cancelled stays until staff give it back', async () => {
    const orderId = await payments.order(700);
    const { id } = await payments.add(orderId, { method: 'manual', token: null });
    await ask('process', id);
    await payments.hear(orderCancelled, { orderId });
    expect(await payments.view(id)).toMatchObject({
      status: 'captured',
      refunds: [{ status: 'failed', code: 'refund_paid_outside' }],
    });
    expect(await ask('refund', id)).toMatchObject({ status: 'refunded', refundedAmount: 700 });
  });

  it('is not recorded by a customer', async () => {
    const { id } = await payments.add(await payments.order(1_000), { method: 'manual', token: null });
    const { executor } = payments.ground;
    const reply = await executor.execute(asking.process, {
      body: { paymentId: id },
      actor: { type: 'customer', id: 'cus_42', scopes: null },
      requestId: null,
      idempotencyKey: null,
      idempotencyScope: null,
      ifMatch: null,
    });
    expect(reply).toMatchObject({ ok: false, failure: { code: 'recorded_by_staff' } });
  });

  it('of `cash_on_delivery` comes parcel by parcel at the door, and with the last one all that is due', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId, { method: 'cash_on_delivery', token: null });
    expect(await ask('process', id)).toMatchObject({ status: 'authorized', authorizedAmount: 1_000 });
    const parcels = [newId('shp'), newId('shp')];
    for (const [index, shipmentId] of parcels.entries())
      await payments.hear(shipmentCreated, { orderId, shipmentId, amount: 400, complete: index === 1 });
    expect(await payments.view(id)).toMatchObject({ status: 'authorized', capturedAmount: 0 });
    await payments.hear(shipmentDelivered, { orderId, shipmentIds: [parcels[0]], status: 'shipped' });
    expect(await payments.view(id)).toMatchObject({ status: 'authorized', capturedAmount: 400 });
    await payments.hear(shipmentDelivered, { orderId, shipmentIds: [parcels[1]], status: 'delivered' });
    expect(await payments.view(id)).toMatchObject({ status: 'captured', capturedAmount: 1_000 });
    expect(await sandbox.ledger(id)).toEqual([]);
  });
});

describe('a transition that was just made', () => {
  it('asked again with the same content changes nothing, and with other content is refused', async () => {
    const orderId = await payments.order(1_000);
    const { id } = await payments.add(orderId, { capture: 'manual' });
    await ask('process', id);
    const once = await ask('process', id);
    expect(once).toMatchObject({ status: 'authorized' });
    await eventually('it is authorized', async () => (await payments.view(id)).status === 'authorized');
    await ask('capture', id);
    const { version } = await payments.view(id);
    expect(await ask('capture', id)).toMatchObject({ status: 'captured', version });
    expect(await payments.ground.send(asking.capture, { paymentId: id, amount: 1 })).toMatchObject({
      failure: { code: 'transition_not_allowed' },
    });
    expect(await payments.ground.send(asking.process, { paymentId: id })).toMatchObject({
      failure: { code: 'transition_not_allowed' },
    });
  });
});
