import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@oms/chassis';
import { eventually } from '@oms/chassis/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { SandboxProvider, type Provider, type ProviderCall } from '../src/adapters/provider.js';
import type { OperationKind } from '../src/domain/payment.js';
import { OperationRunner } from '../src/features/operation-runner.js';
import { providerWebhook } from '../src/features/provider-webhook.js';
import { Payments } from './payments.js';
import { crash, Sandbox, Wire, type Point } from './sandbox-wire.js';

let payments: Payments;
const sandbox = new Sandbox();
const wire = new Wire(sandbox);
const runners: ChildProcess[] = [];

beforeAll(async () => {
  [payments] = await Promise.all([Payments.start(), sandbox.start(), wire.start()]);
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map(crash));
});
afterAll(async () => {
  wire.stop();
  await sandbox.stop();
  await payments?.ground.stop();
});

/** A runner in a process of its own, on the other end of the wire. */
function startRunner(): ChildProcess {
  const file = join(import.meta.dirname, 'runner.process.ts');
  const args = ['--no-warnings', file, payments.ground.databaseUrl, wire.url];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  runners.push(child);
  return child;
}

/** What each kind of operation starts from, how it is intended, and what one of it, and only one, leaves behind. */
const stories: Record<
  OperationKind,
  {
    before: ('process' | 'capture')[];
    on: string;
    input: object;
    told: string;
    status: string;
    event: string;
  }
> = {
  authorize: {
    before: [],
    on: 'process',
    input: {},
    told: 'authorized',
    status: 'authorized',
    event: 'payment.authorized',
  },
  capture: {
    before: ['process'],
    on: 'capture',
    input: { amount: 1_000 },
    told: 'captured',
    status: 'captured',
    event: 'payment.captured',
  },
  void: {
    before: ['process'],
    on: 'void',
    input: {},
    told: 'voided',
    status: 'voided',
    event: 'payment.voided',
  },
  refund: {
    before: ['process', 'capture'],
    on: 'refund',
    input: { amount: 400, reason: null, returnId: null, returnRefundId: null },
    told: 'refund_succeeded',
    status: 'partially_refunded',
    event: 'payment.refunded',
  },
};
const kinds = Object.keys(stories) as OperationKind[];

/** A payment for which `kind` is intended, with everything before it done. */
async function intended(kind: OperationKind): Promise<string> {
  const { before, on, input } = stories[kind];
  const id = await payments.open('tok_visa', { capture: 'manual' });
  const asking = payments.asking(new SandboxProvider(sandbox.url));
  for (const step of before) {
    const reply = await payments.ground.send(asking[step], { paymentId: id });
    if (!reply.ok) throw new Error(reply.failure.code);
    expect(await asking.runner.settle(id, 60_000)).toBe(true);
  }
  await asking.runner.stop();
  await payments.intend(id, on, kind === 'refund' ? { ...input, refundId: newId('ref') } : input);
  return id;
}

/** As if the dead runner's lease had run out; that it does is shown by the frozen one below. */
const endLeases = () =>
  payments.ground.sql(
    `update payments.operation set next_at = now() where state not in ('succeeded', 'declined')`,
  );

const settled = (id: string) =>
  eventually('nothing of the payment is open', async () => (await payments.openOperations(id)).length === 0);

/** The effect was made once, and told once. */
async function expectOnce(id: string, kind: OperationKind): Promise<void> {
  const { status, told, event, before } = stories[kind];
  const ledger = await sandbox.ledger(id);
  const made = ['authorize', 'capture'].slice(0, before.length);
  expect(ledger.map((row) => row.operation)).toEqual([...made, kind]);
  expect(ledger.every((row) => row.outcome === 'succeeded')).toBe(true);
  expect(await payments.view(id)).toMatchObject({
    status,
    authorizedAmount: kind === 'void' ? 0 : 1_000,
    capturedAmount: kind === 'capture' || kind === 'refund' ? 1_000 : 0,
    refundedAmount: kind === 'refund' ? 400 : 0,
  });
  const { sql } = payments.ground;
  const history = `select id from payments.history where aggregate_id = ? and transition = ?`;
  expect(await sql(history, [id, told])).toHaveLength(1);
  const outbox = `select id from payments.outbox where aggregate_id = ? and type = ?`;
  expect(await sql(outbox, [id, event])).toHaveLength(1);
}

const asksFor = (key: string) =>
  wire.calls.filter((call) => call.startsWith('POST') && call.endsWith(key)).length;

describe.each(kinds)('a runner that is killed while it carries out: %s', (kind) => {
  it('after the intent was written: the next one asks the provider', async () => {
    const id = await intended(kind);
    expect((await sandbox.ledger(id)).some((row) => row.operation === kind)).toBe(false);
    startRunner();
    await settled(id);
    await expectOnce(id, kind);
  });

  it.each<[Point, number]>([
    ['before the provider', 0],
    ['before the answer', 1],
  ])('when the call is stuck %s: the effect is made once', async (point, made) => {
    const id = await intended(kind);
    const [operation] = await payments.openOperations(id);
    const reached = wire.reach(kind, point);
    const runner = startRunner();
    await reached;
    await crash(runner);
    expect((await sandbox.ledger(id)).filter((row) => row.operation === kind)).toHaveLength(made);
    expect(await payments.openOperations(id)).toMatchObject([{ kind, attempts: 1 }]);
    await endLeases();
    startRunner();
    await settled(id);
    await expectOnce(id, kind);
    expect(asksFor(operation?.key ?? '')).toBe(2 - made);
  });

  it('when the answer came and was not committed: it is taken over, not asked for again', async () => {
    const id = await intended(kind);
    const [operation] = await payments.openOperations(id);
    const lock = new pg.Client({ connectionString: payments.ground.databaseUrl });
    await lock.connect();
    await lock.query('begin');
    await lock.query('select 1 from payments.payment where id = $1 for update', [id]);
    const answered = wire.reach(kind, 'answered');
    const runner = startRunner();
    await answered;
    await eventually('the runner wants to write what it heard', async () => {
      const waiting = `select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%payments%'`;
      return (await payments.ground.sql(waiting)).length > 0;
    });
    await crash(runner);
    await lock.query('rollback');
    await lock.end();
    expect(await payments.openOperations(id)).toMatchObject([{ kind, attempts: 1 }]);
    await endLeases();
    startRunner();
    await settled(id);
    await expectOnce(id, kind);
    expect(asksFor(operation?.key ?? '')).toBe(1);
  });

  it('an answer that is lost on the way is asked about, not for', async () => {
    const id = await intended(kind);
    const [operation] = await payments.openOperations(id);
    const reached = wire.reach(kind, 'before the answer', { lose: true });
    startRunner();
    await reached;
    await settled(id);
    await expectOnce(id, kind);
    expect(asksFor(operation?.key ?? '')).toBe(1);
    const attempts = (await payments.view(id)).attempts.filter((one) => one.operation === kind);
    expect(attempts.map((one) => one.outcome)).toEqual(['unknown', 'succeeded']);
  });
});

it('a runner that froze with the answer under way comes back after another one has taken over, and changes nothing', async () => {
  const id = await intended('capture');
  const reached = wire.reach('capture', 'before the answer');
  const frozen = startRunner();
  await reached;
  frozen.kill('SIGSTOP');
  startRunner();
  await settled(id);
  await expectOnce(id, 'capture');
  frozen.kill('SIGCONT');
  wire.release();
  await eventually('the frozen one has said what it saw', async () => {
    const { attempts } = await payments.view(id);
    return attempts.filter((one) => one.operation === 'capture').length === 2;
  });
  expect(await payments.openOperations(id)).toEqual([]);
  await expectOnce(id, 'capture');
});

it('a slow answer that comes after another runner has taken over changes nothing', async () => {
  const id = await intended('capture');
  const reached = wire.reach('capture', 'before the answer');
  startRunner();
  await reached;
  await endLeases();
  startRunner();
  await settled(id);
  wire.release();
  await eventually('both have written what they heard', async () => {
    const { attempts } = await payments.view(id);
    return attempts.filter((one) => one.operation === 'capture' && one.outcome === 'succeeded').length === 2;
  });
  await expectOnce(id, 'capture');
});

it('an operation that one runner asks for is left alone by another', async () => {
  const id = await intended('authorize');
  const reached = wire.reach('authorize', 'before the answer');
  startRunner();
  await reached;
  startRunner();
  const other = await intended('authorize');
  await settled(other);
  wire.release();
  await settled(id);
  await expectOnce(id, 'authorize');
  expect(
    wire.calls.filter((call) => call.startsWith('POST') && call.endsWith(`${id}:authorize`)),
  ).toHaveLength(1);
});

it('a runner that froze with the token of an order in its hands authorizes nothing after the token was erased', async () => {
  const id = await payments.open('tok_visa', { capture: 'manual' });
  await payments.ground.sql(`update payments.payment set token = null where id = ?`, [id]);
  await payments.intend(id, 'process');
  /** What order-service says to the question for its token. */
  const told = (token: string | null) => async () => ({ json: () => ({ token }) }) as never;
  let thaw = (): void => {};
  const asleep = new Promise<void>((done) => (thaw = done));
  const provider = new SandboxProvider(sandbox.url);
  const slow: Provider = Object.assign(Object.create(provider) as Provider, {
    perform: (call: ProviderCall) => asleep.then(() => provider.perform(call)),
  });
  const frozen = new OperationRunner({ ...payments.ground.runtime, ask: told('tok_visa') }, slow);
  frozen.kick();
  await eventually(
    'it has the operation',
    async () => (await payments.openOperations(id))[0]?.attempts === 1,
  );
  await endLeases();
  const other = new OperationRunner({ ...payments.ground.runtime, ask: told(null) }, provider);
  other.kick();
  await settled(id);
  thaw();
  await Promise.all([frozen.stop(), other.stop()]);
  expect(await payments.view(id)).toMatchObject({ status: 'failed', failureCode: 'token_missing' });
  expect(await sandbox.ledger(id)).toMatchObject([{ operation: 'authorize', outcome: 'declined' }]);
});

it('a provider that dies with a charge on its books is asked about it when it is back', async () => {
  const id = await intended('authorize');
  const reached = wire.reach('authorize', 'before the answer', { lose: true });
  startRunner();
  await reached;
  await sandbox.crash();
  await eventually('the provider is found dead', async () =>
    (await payments.view(id)).attempts.some((one) => one.code === 'provider_unavailable'),
  );
  expect((await payments.view(id)).status).toBe('pending');
  await sandbox.start();
  await settled(id);
  await expectOnce(id, 'authorize');
});

describe('a webhook', () => {
  const tell = (id: string, data: object) =>
    payments.ground.insist(providerWebhook({ kick: () => {} } as unknown as OperationRunner), {
      webhookId: id,
      body: JSON.stringify({ type: 'operation.settled', data }),
    });

  it('that comes before the answer closes the operation, and the answer after it changes nothing', async () => {
    const id = await intended('capture');
    const [operation] = await payments.openOperations(id);
    const reached = wire.reach('capture', 'before the answer');
    startRunner();
    await reached;
    const told = { key: operation?.key, reference: id, amount: 1_000, currency: 'GBP', outcome: 'succeeded' };
    expect(await tell('early', told)).toMatchObject({ ok: true, body: { result: 'applied' } });
    await expectOnce(id, 'capture');
    wire.release();
    await eventually('the answer was heard too', async () => {
      const { attempts } = await payments.view(id);
      return attempts.filter((one) => one.operation === 'capture').length === 2;
    });
    await expectOnce(id, 'capture');
    expect(await tell('early', told)).toMatchObject({ body: { result: 'repeated' } });
    expect(await tell('late', told)).toMatchObject({ body: { result: 'known_before' } });
    await expectOnce(id, 'capture');
  });

  it('that does not agree with our books changes nothing', async () => {
    const id = await intended('capture');
    const [operation] = await payments.openOperations(id);
    const told = { key: operation?.key, reference: id, amount: 999, currency: 'GBP', outcome: 'succeeded' };
    expect(await tell('other amount', told)).toMatchObject({ body: { result: 'differs' } });
    expect(await tell('other key', { ...told, key: 'never' })).toMatchObject({
      body: { result: 'unknown_operation' },
    });
    expect(await tell('other type', {})).toMatchObject({ body: { result: 'not_understood' } });
    expect(await payments.openOperations(id)).toMatchObject([{ attempts: 0 }]);
  });

  it('that comes fifty times at once is followed once', async () => {
    const id = await intended('refund');
    const [operation] = await payments.openOperations(id);
    const told = { key: operation?.key, reference: id, amount: 400, currency: 'GBP', outcome: 'succeeded' };
    const replies = await Promise.all(Array.from({ length: 50 }, () => tell('fifty times', told)));
    const results = replies.map((reply) => (reply.ok ? (reply.body as { result: string }).result : reply));
    expect(results.sort()).toEqual(['applied', ...Array.from({ length: 49 }, () => 'repeated')]);
    expect(await payments.view(id)).toMatchObject({ status: 'partially_refunded', refundedAmount: 400 });
  });
});
