import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Caller } from '@oms/contracts';
import { born, type Aggregate } from '../src/aggregate.js';
import { Executor, type RpcReply } from '../src/execute.js';
import { newId } from '../src/ids.js';
import { createLog } from '../src/log.js';
import { machine, NEW, saga, type AggregateState, type At } from '../src/machine/index.js';
import { sagaCalls } from '../src/operations/sagas.js';
import { SagaTimers } from '../src/saga-timers.js';
import { feedSaga, transit } from '../src/transit.js';
import { UnitOfWork } from '../src/unit-of-work.js';
import { openShopSchema } from './shop-schema.ts';

/** A thing that waits for an answer, asks once more, or is given up: as small as a case with a saga can be. */
interface Thing extends AggregateState {
  asked: number;
}
interface Case {
  waitMs: number;
}
const things = machine<Thing, Record<string, At>>()<string>({
  name: 'thing',
  statuses: ['open', 'broken', 'over'],
  terminal: ['over'],
  transitions: [],
  rows: [
    { from: NEW, on: 'open', to: 'open', emits: ['order.placed'], because: 'it begins' },
    { from: 'open', on: 'ask', to: 'open', does: (thing) => (thing.asked += 1), because: 'it is asked' },
    { from: 'open', on: 'end', to: 'over', because: 'it is answered' },
  ],
});
const asking = saga<Case>()({
  name: 'asking',
  steps: ['waiting', 'needs_attention', 'answered', 'closed'],
  finished: ['answered', 'closed'],
  attention: ['needs_attention'],
  rows: [
    {
      from: NEW,
      on: 'order.placed',
      to: 'waiting',
      timer: { name: 'answer_deadline', afterMs: (data) => data.waitMs },
      because: 'an answer is waited for',
    },
    {
      from: 'waiting',
      on: 'answer_deadline',
      to: 'needs_attention',
      tell: { on: 'ask', with: () => ({}) },
      timer: null,
      because: 'nobody answered',
    },
    { from: 'waiting', on: 'answer', to: 'answered', timer: null, because: 'it came' },
    {
      from: 'needs_attention',
      on: 'resume',
      to: 'waiting',
      timer: { name: 'answer_deadline', afterMs: () => 3_600_000 },
      because: 'it is waited for once more',
    },
    { from: 'needs_attention', on: 'close', to: 'closed', timer: null, because: 'a person ended it' },
  ],
  late: [{ in: ['needs_attention', 'answered', 'closed'], on: ['answer'], because: 'it came late' }],
});
const aggregate: Aggregate<Thing> = {
  type: 'thing',
  machine: things,
  async find(em, id) {
    const [row] = await em.execute<{ data: Thing }[]>('select data from shop.thing where id = ? for update', [
      id,
    ]);
    return row?.data ?? null;
  },
  async insert(em, thing) {
    await em.execute('insert into shop.thing values (?, ?::jsonb)', [thing.id, JSON.stringify(thing)]);
  },
  async save(em, thing) {
    await em.execute('update shop.thing set data = ?::jsonb where id = ?', [JSON.stringify(thing), thing.id]);
  },
  payloads: { 'order.placed': () => ({}) },
  saga: {
    table: asking,
    open: () => ({ waitMs: 0 }),
    links: () => [{ name: 'elsewhere', method: 'POST', path: '/x', body: {} }],
  },
};

let shop: Awaited<ReturnType<typeof openShopSchema>>;
let orm: MikroORM;
let uow: UnitOfWork;
let executor: Executor;
const log = createLog('test', 'silent');

beforeAll(async () => {
  shop = await openShopSchema({
    poolMax: 12,
    further: ['create table shop.thing (id text primary key, data jsonb)'],
  });
  ({ orm } = shop);
  uow = new UnitOfWork(orm);
  executor = new Executor({ uow, schema: 'shop', service: 'shop', log, wrote: () => {} });
});
afterAll(async () => {
  await shop?.close();
});

const sql = <T>(text: string, values: unknown[] = []) => uow.reader().execute<T[]>(text, values);

/** Opens a case whose deadline is due at once, and answers the thing's id. */
async function open(deadlines: Record<string, number> = {}): Promise<string> {
  return uow.run(async (em, after) => {
    const ctx = { ...executor.context(em, after, { causationId: null }), deadlines };
    const thing = { ...born('ord', ctx.now), status: 'new', asked: 0 };
    await transit(
      ctx,
      aggregate,
      thing,
      'open',
      { at: ctx.now, actor: ctx.actor, fingerprint: '' },
      { isNew: true },
    );
    return thing.id;
  });
}
const sagaOf = async (id: string) =>
  (
    await sql<{ id: string; step: string; deadline_at: Date | null; steps: Record<string, unknown>[] }>(
      'select id, step, deadline_at, steps from shop.saga where aggregate_id = ?',
      [id],
    )
  )[0];
const askedOf = async (id: string) =>
  (
    await sql<{ asked: number }>(`select (data ->> 'asked')::int as asked from shop.thing where id = ?`, [id])
  )[0]?.asked;
const timers = (aggregates: Aggregate[] = [aggregate]) =>
  new SagaTimers({
    schema: 'shop',
    uow,
    aggregates,
    context: (em, after, causationId) => executor.context(em, after, { causationId }),
    log,
  });
const answer = (id: string) =>
  uow.run(async (em, after) => {
    const thing = await aggregate.find(em, id);
    if (!thing) throw new Error('gone');
    return feedSaga(executor.context(em, after, { causationId: 'evt_late' }), aggregate, thing, 'answer', {});
  });

describe('a deadline', () => {
  it('fires once, however many timers race for it', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => open()));
    await Promise.all(Array.from({ length: 6 }, () => timers().fire()));
    for (const id of ids) {
      expect(await askedOf(id)).toBe(1);
      expect((await sagaOf(id))?.steps.map((step) => step['on'])).toEqual([
        'order.placed',
        'answer_deadline',
      ]);
    }
  });

  it('does not fire when what it waited for came at the same moment, nor the other way round', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => open()));
    const outcomes = await Promise.all([...ids.map(answer), timers().fire(), timers().fire()]);
    for (const [index, id] of ids.entries()) {
      const came = outcomes[index] === 'moved';
      expect(await sagaOf(id)).toMatchObject({
        step: came ? 'answered' : 'needs_attention',
        deadline_at: null,
      });
      expect(await askedOf(id)).toBe(came ? 0 : 1);
    }
  });

  it('is as long as the operator says', async () => {
    const id = await open({ answer_deadline: 3_600_000 });
    await timers().fire();
    expect((await sagaOf(id))?.step).toBe('waiting');
    expect(new Date((await sagaOf(id))?.deadline_at ?? 0).getTime()).toBeGreaterThan(Date.now() + 3_000_000);
  });

  it('whose work fails is tried again later, and holds up no other', async () => {
    const [broken, sound] = [await open(), await open()];
    await sql(`update shop.thing set data = data || '{"status": "broken"}' where id = ?`, [broken]);
    await timers().fire();
    expect((await sagaOf(sound))?.step).toBe('needs_attention');
    expect((await sagaOf(broken))?.step).toBe('waiting');
    expect(new Date((await sagaOf(broken))?.deadline_at ?? 0).getTime()).toBeGreaterThan(Date.now());
    await sql(`update shop.thing set data = data || '{"status": "open"}' where id = ?`, [broken]);
    await sql('update shop.saga set deadline_at = now() where aggregate_id = ?', [broken]);
    await timers().fire();
    expect(await askedOf(broken)).toBe(1);
  });

  it('writes a late reply down among the steps, and nothing else changes', async () => {
    const id = await open();
    await timers().fire();
    expect(await answer(id)).toBe('late');
    const late = await sagaOf(id);
    expect(late?.step).toBe('needs_attention');
    expect(late?.steps.at(-1)).toMatchObject({
      on: 'answer',
      from: 'needs_attention',
      to: 'needs_attention',
      because: 'it came late',
      late: true,
      causationId: 'evt_late',
    });
    expect(await askedOf(id)).toBe(1);
  });
});

describe('what staff may do about a case', () => {
  const staff: Caller = { type: 'staff', id: 'sam', scopes: null };
  const call = (verb: string, body: object, actor: Caller = staff): Promise<RpcReply> => {
    const work = sagaCalls({ schema: 'shop', aggregates: [aggregate], uow })[verb];
    if (!work) throw new Error(`no call ${verb}`);
    return executor.execute(work, {
      body,
      actor,
      requestId: null,
      idempotencyKey: null,
      idempotencyScope: null,
      ifMatch: null,
    });
  };
  const bodyOf = (reply: RpcReply): Record<string, unknown> => {
    if (!reply.ok) throw new Error(`${reply.failure.code}: ${reply.failure.detail}`);
    return reply.body as Record<string, unknown>;
  };
  const stuck = async () => {
    const id = await open();
    await timers().fire();
    const found = await sagaOf(id);
    return { id, sagaId: found?.id ?? '' };
  };

  it('sees its step, its steps, what it waits for, and the moves that are open', async () => {
    const { id, sagaId } = await stuck();
    expect(bodyOf(await call('saga', { sagaId }))).toMatchObject({
      id: sagaId,
      kind: 'asking',
      aggregateType: 'thing',
      aggregateId: id,
      state: 'needs_attention',
      step: 'needs_attention',
      reason: 'nobody answered',
      deadline: null,
      moves: [
        { move: 'resume', because: 'it is waited for once more' },
        { move: 'close', because: 'a person ended it' },
      ],
      links: [{ name: 'elsewhere' }],
    });
  });

  it('lists by state, newest first, page by page', async () => {
    const made = [await stuck(), await stuck(), await stuck()].map(({ sagaId }) => sagaId);
    const first = bodyOf(await call('sagas', { state: 'needs_attention', limit: 2 }));
    const rest = bodyOf(
      await call('sagas', { state: 'needs_attention', limit: 200, cursor: first['nextCursor'] }),
    );
    const ids = [...(first['data'] as { id: string }[]), ...(rest['data'] as { id: string }[])].map(
      (one) => one.id,
    );
    expect(ids.slice(0, 3)).toEqual(made.reverse());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort().reverse());
  });

  it('resumes a case, which waits again; the audit trail says who and why', async () => {
    const { id, sagaId } = await stuck();
    expect(bodyOf(await call('resume_saga', { sagaId, reason: 'they called back' }))).toMatchObject({
      state: 'running',
      step: 'waiting',
      deadline: { name: 'answer_deadline' },
      waitsFor: ['answer_deadline', 'answer'],
      links: [],
    });
    expect(
      await sql(
        'select transition, actor, reason, from_status, to_status from shop.history where aggregate_id = ? order by id desc limit 1',
        [id],
      ),
    ).toEqual([
      {
        transition: 'asking.resume',
        actor: { type: 'staff', id: 'sam' },
        reason: 'they called back',
        from_status: 'open',
        to_status: 'open',
      },
    ]);
    expect(await answer(id)).toBe('moved');
  });

  it('closes a case only with a reason, and once', async () => {
    const { sagaId } = await stuck();
    expect(await call('close_saga', { sagaId })).toMatchObject({ failure: { code: 'validation_failed' } });
    expect(bodyOf(await call('close_saga', { sagaId, reason: 'paid in cash' }))).toMatchObject({
      state: 'finished',
    });
    expect(await call('close_saga', { sagaId, reason: 'twice' })).toMatchObject({
      failure: {
        code: 'transition_not_allowed',
        extra: { from: 'closed', transition: 'close', allowedTransitions: [] },
      },
    });
  });

  it('is refused a move that the table does not have, a customer everything', async () => {
    const { sagaId } = await stuck();
    expect(await call('retry_saga', { sagaId })).toMatchObject({
      failure: { code: 'transition_not_allowed', extra: { allowedTransitions: ['resume', 'close'] } },
    });
    const customer: Caller = { type: 'customer', id: 'cus_1', scopes: null };
    expect(await call('saga', { sagaId }, customer)).toMatchObject({ failure: { code: 'forbidden' } });
    expect(await call('saga', { sagaId: newId('sga') })).toMatchObject({ failure: { code: 'not_found' } });
  });
});
