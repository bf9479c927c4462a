import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@oms/chassis/testing';
import { startAsking, type AskingPayments } from './asking-payments.js';

let { payments, sandbox, asking, ask, stop } = {} as AskingPayments;
beforeAll(async () => {
  ({ payments, sandbox, asking, ask, stop } = await startAsking());
});
afterEach(async () => {
  const over = await payments.ground.sql(
    `select id from payments.payment where refunded_amount > captured_amount or captured_amount > authorized_amount`,
  );
  expect(over).toEqual([]);
});
afterAll(() => stop?.());

/** What the provider did for a payment, as `capture succeeded 1000`. */
const book = async (id: string) =>
  (await sandbox.ledger(id)).map((row) => `${row.operation} ${row.outcome} ${row.amount}`);

const CHARGED = ['authorize succeeded 1000', 'capture succeeded 1000'];

async function charged(token = 'tok_visa'): Promise<string> {
  const id = await payments.open(token);
  expect(await ask('process', id)).toMatchObject({ status: 'captured', capturedAmount: 1_000 });
  return id;
}

it('every attempt that is shown makes another version of the payment, so that no cached one is taken for the last', async () => {
  const id = await payments.open('tok_providerError');
  const seen = new Map<number, string>();
  const look = async () => {
    const { version, attempts } = await payments.view(id);
    const shown = JSON.stringify(attempts);
    expect(seen.get(version) ?? shown).toBe(shown);
    seen.set(version, shown);
    return attempts.length;
  };
  await look();
  const done = ask('process', id);
  await eventually('two failed and one succeeded', async () => (await look()) >= 3);
  await done;
  await look();
});

describe('the token decides', () => {
  it.each(['tok_visa', 'tok_mastercard'])('%s: the money is held and taken', async (token) => {
    expect(await book(await charged(token))).toEqual(CHARGED);
  });

  it.each([
    ['tok_chargeDeclined', 'card_declined'],
    ['tok_insufficientFunds', 'insufficient_funds'],
    ['tok_expiredCard', 'expired_card'],
  ])('%s: the payment fails with %s, which is an answer and no error', async (token, failureCode) => {
    const id = await payments.open(token);
    expect(await ask('process', id)).toMatchObject({
      status: 'failed',
      failureCode,
      capturedAmount: 0,
      availableTransitions: [],
      attempts: [{ operation: 'authorize', outcome: 'declined', code: failureCode }],
    });
    expect(await book(id)).toEqual(['authorize declined 1000']);
  });

  it('tok_providerTimeout: the charge that nobody heard of is found, and no second one is made', async () => {
    const id = await payments.open('tok_providerTimeout');
    await ask('process', id);
    await eventually('it is captured', async () => (await payments.view(id)).status === 'captured');
    const { attempts } = await payments.view(id);
    expect(attempts.slice(0, 2)).toMatchObject([
      { operation: 'authorize', outcome: 'unknown', code: 'provider_timeout' },
      { operation: 'authorize', outcome: 'succeeded' },
    ]);
    expect(await book(id)).toEqual(CHARGED);
  });

  it('tok_providerError: after two failures the charge is made, once', async () => {
    const id = await charged('tok_providerError');
    const { attempts } = await payments.view(id);
    expect(attempts.map((one) => `${one.operation} ${one.outcome} ${one.code}`)).toEqual([
      'authorize unknown provider_500',
      'authorize unknown provider_500',
      'authorize succeeded null',
      'capture succeeded null',
    ]);
    expect(await book(id)).toEqual(CHARGED);
  });

  it('tok_refundFails: the refund is refused, the money counts as kept, and the answer is no error', async () => {
    const id = await charged('tok_refundFails');
    const refused = { status: 'failed', code: 'refund_refused' };
    for (const refunds of [[refused], [refused, refused]]) {
      expect(await ask('refund', id, { amount: 1_000 })).toMatchObject({
        status: 'captured',
        refundedAmount: 0,
        refunds,
      });
    }
    expect(await book(id)).toEqual([...CHARGED, 'refund declined 1000', 'refund declined 1000']);
  });

  it('tok_refundPending: the refund is under way, counts as gone, and settles by itself', async () => {
    const id = await charged('tok_refundPending');
    expect(await ask('refund', id, { amount: 600 })).toMatchObject({
      status: 'captured',
      refundedAmount: 0,
      refunds: [{ amount: 600, status: 'pending' }],
    });
    const more = await payments.ground.send(asking.refund, { paymentId: id, amount: 401 });
    expect(more).toMatchObject({ ok: false, failure: { code: 'refund_exceeds_captured' } });
    await eventually('the refund has settled', async () => (await payments.view(id)).refundedAmount === 600);
    expect(await payments.view(id)).toMatchObject({ status: 'partially_refunded' });
    expect(await book(id)).toEqual([...CHARGED, 'refund succeeded 600']);
  });
});

describe('many at once', () => {
  it('fifty refunds never give back more than was captured', async () => {
    const id = await charged();
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        payments.ground.insist(asking.refund, { paymentId: id, amount: 30 }, `refund ${id} ${index}`),
      ),
    );
    const codes = replies.map((reply) => (reply.ok ? 'accepted' : reply.failure.code));
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(33);
    expect(new Set(codes)).toEqual(new Set(['accepted', 'refund_exceeds_captured']));
    expect(await asking.runner.settle(id, 60_000)).toBe(true);
    expect(await payments.view(id)).toMatchObject({ status: 'partially_refunded', refundedAmount: 990 });
    const refunds = (await sandbox.ledger(id)).filter((row) => row.operation === 'refund');
    expect(refunds).toHaveLength(33);
    expect(refunds.reduce((sum, row) => sum + row.amount, 0)).toBe(990);
    expect(await ask('refund', id)).toMatchObject({ status: 'refunded', refundedAmount: 1_000 });
  });

  it('fifty sends of one refund under one key give it back once', async () => {
    const id = await charged();
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        payments.ground.insist(asking.refund, { paymentId: id, amount: 100 }, `same ${id}`),
      ),
    );
    for (const reply of replies) if (!reply.ok) expect(reply.failure.code).toBe('idempotency_in_progress');
    expect(replies.some((reply) => reply.ok)).toBe(true);
    expect(await book(id)).toEqual([...CHARGED, 'refund succeeded 100']);
  });

  it('ten that process one payment charge it once', async () => {
    const id = await payments.open('tok_visa');
    await Promise.all(
      Array.from({ length: 10 }, () => payments.ground.insist(asking.process, { paymentId: id })),
    );
    expect(await payments.view(id)).toMatchObject({ status: 'captured', capturedAmount: 1_000 });
    expect(await book(id)).toEqual(CHARGED);
  });

  it('captures of parts never take more than was held', async () => {
    const id = await payments.open('tok_visa', { capture: 'manual' });
    await ask('process', id);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () =>
        payments.ground.insist(asking.capture, { paymentId: id, amount: 300 }),
      ),
    );
    const taken = replies.filter((reply) => reply.ok).length;
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(3);
    const { capturedAmount } = await payments.view(id);
    expect(capturedAmount).toBe(300 * taken);
    const captured = (await sandbox.ledger(id)).filter((row) => row.operation === 'capture');
    expect(captured).toHaveLength(taken);
  });
});
