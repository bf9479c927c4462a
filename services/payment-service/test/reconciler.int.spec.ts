import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@oms/chassis';
import type { PaymentView } from '@oms/contracts';
import { SandboxProvider } from '../src/adapters/provider.js';
import { Reconciler } from '../src/features/reconciler.js';
import { beginWhenDue, lastRuns } from '../src/persistence/reconciliation.repository.js';
import { Payments } from './payments.js';
import { Sandbox } from './sandbox-wire.js';

let payments: Payments;
const sandbox = new Sandbox();
let asking: ReturnType<Payments['asking']>;
let reconciler: Reconciler;

beforeAll(async () => {
  [payments] = await Promise.all([Payments.start(), sandbox.start()]);
  const provider = new SandboxProvider(sandbox.url);
  asking = payments.asking(provider);
  reconciler = new Reconciler(payments.ground.runtime, provider);
});
afterAll(async () => {
  await asking?.runner.stop();
  await sandbox.stop();
  await payments?.ground.stop();
});

/** A payment of 10.00, taken, of which 4.00 went back. */
async function partlyRefunded(): Promise<PaymentView> {
  const id = await payments.open('tok_visa');
  await payments.ground.send(asking.process, { paymentId: id });
  const reply = await payments.ground.send(asking.refund, { paymentId: id, amount: 400 });
  if (!reply.ok) throw new Error(reply.failure.code);
  expect(await asking.runner.settle(id, 60_000)).toBe(true);
  return payments.view(id);
}
const atTheProvider = (what: string, body: object) =>
  fetch(`${sandbox.url}/v1/${what}`, { method: 'POST', body: JSON.stringify(body) });
const sql = (text: string, values: unknown[] = []) => payments.ground.sql(text, values);

/** What a run names about one payment. */
async function named(paymentId: string): Promise<object[]> {
  const { differences } = await reconciler.run();
  return differences.filter((one) => one.paymentId === paymentId);
}

describe('the reconciler', () => {
  it('finds nothing where the two books agree, whatever became of the operations', async () => {
    await partlyRefunded();
    for (const token of ['tok_expiredCard', 'tok_providerError', 'tok_refundFails', 'tok_refundPending']) {
      const id = await payments.open(token);
      await payments.ground.send(asking.process, { paymentId: id });
      await payments.ground.send(asking.refund, { paymentId: id, amount: 10 });
    }
    await payments.open('tok_visa');
    const run = await reconciler.run();
    expect(run).toMatchObject({ differenceCount: 0, differences: [] });
    expect(run.effects).toBeGreaterThan(8);
    expect(run.finishedAt).not.toBeNull();
  });

  it('names an effect that nobody here asked for', async () => {
    const { id } = await partlyRefunded();
    await atTheProvider('refund', { key: 'by hand', reference: id, amount: 250, currency: 'GBP' });
    expect(await named(id)).toMatchObject([
      {
        kind: 'unknown_effect',
        key: 'by hand',
        operation: 'refund',
        ours: null,
        theirs: { amount: 250, currency: 'GBP', outcome: 'succeeded' },
      },
    ]);
  });

  it('names what we count as done and the provider does not know', async () => {
    const { id } = await partlyRefunded();
    await sql(
      `insert into payments.operation (payment_id, kind, key, amount, state, created_at, closed_at)
       values (?, 'void', ?, 300, 'succeeded', now(), now())`,
      [id, `${id}:lost`],
    );
    expect(await named(id)).toMatchObject([
      { kind: 'missing_at_provider', key: `${id}:lost`, ours: { amount: 300 }, theirs: null },
    ]);
  });

  it('names another amount, and the payment that does not add up because of it', async () => {
    const { id, refunds } = await partlyRefunded();
    await sql(`update payments.operation set amount = 401 where key = ?`, [refunds[0]?.id]);
    expect(await named(id)).toMatchObject([
      { kind: 'amount_differs', key: refunds[0]?.id, ours: { amount: 401 }, theirs: { amount: 400 } },
      { kind: 'sum_differs', key: null },
    ]);
  });

  it('names another outcome', async () => {
    const { id } = await partlyRefunded();
    await sql(`update payments.operation set state = 'declined' where key = ?`, [`${id}:authorize`]);
    expect(await named(id)).toMatchObject([{ kind: 'outcome_differs', key: `${id}:authorize` }]);
  });

  it('names what the provider has finished and nobody here takes over, once it is old enough', async () => {
    await asking.runner.stop();
    const id = await payments.open('tok_visa');
    await payments.intend(id, 'process');
    const key = `${id}:authorize`;
    const effect = { key, reference: id, amount: 1_000, currency: 'GBP', token: 'tok_visa' };
    await atTheProvider('authorize', effect);
    expect(await named(id)).toEqual([]);
    await sql(
      `update payments.operation set next_at = now() - interval '1 hour', created_at = now() - interval '1 hour' where key = ?`,
      [key],
    );
    expect(await named(id)).toMatchObject([{ kind: 'not_taken_over', ours: { outcome: 'intended' } }]);
    asking = payments.asking(new SandboxProvider(sandbox.url));
    expect(await asking.runner.settle(id, 60_000)).toBe(true);
    expect(await named(id)).toEqual([]);
  });

  it('records a chargeback whose webhook was lost, and its end, and names it once', async () => {
    const { id } = await partlyRefunded();
    const chargeback = { id: `chb_${newId('msg')}`, reference: id, amount: 600, currency: 'GBP' };
    await atTheProvider('chargebacks', chargeback);
    expect(await named(id)).toMatchObject([{ kind: 'chargeback_not_recorded', key: chargeback.id }]);
    expect(await payments.view(id)).toMatchObject({ chargedBackAmount: 600 });
    expect(await named(id)).toEqual([]);
    await atTheProvider(`chargebacks/${chargeback.id}/close`, { outcome: 'won' });
    expect(await named(id)).toMatchObject([{ kind: 'chargeback_not_recorded' }]);
    expect(await payments.view(id)).toMatchObject({
      chargedBackAmount: 0,
      chargebacks: [{ status: 'won' }],
    });
    expect(await named(id)).toEqual([]);
  });

  it('names a payment of which refunds and chargebacks took more than was captured', async () => {
    const { id } = await partlyRefunded();
    await atTheProvider('chargebacks', { id: `chb_${id}`, reference: id, amount: 1_000, currency: 'GBP' });
    await named(id);
    expect(await named(id)).toMatchObject([{ kind: 'given_back_twice', ours: { amount: 400 } }]);
  });

  it('runs once when it is due, however many replicas look', async () => {
    const begin = () => payments.ground.uow.run((em) => beginWhenDue(em, 3_600_000));
    await sql(`delete from payments.reconciliation`);
    const begun = await Promise.all(Array.from({ length: 8 }, begin));
    expect(begun.filter((id) => id !== null)).toHaveLength(1);
    await sql(`update payments.reconciliation set started_at = now() - interval '31 minutes'`);
    expect(await begin()).not.toBeNull();
  });

  it('reports nothing of a book that it could not read to its end', async () => {
    await sandbox.crash();
    await expect(reconciler.run()).rejects.toThrow();
    const [last] = await lastRuns(payments.ground.uow.reader(), 1);
    expect(last).toMatchObject({ finishedAt: null, differences: [] });
  });
});
