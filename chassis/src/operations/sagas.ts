import {
  BySagaId,
  CloseSaga,
  listSagasQuery,
  MoveSaga,
  type ListSagas,
  type SagaSummary,
  type SagaView,
} from '@oms/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Aggregate, Ctx } from '../aggregate.js';
import { query, type Command, type Query } from '../command.js';
import type { Cursors } from '../cursor.js';
import { fingerprint } from '../fingerprint.js';
import { openMoves, sagaState, waitsFor, type AggregateState, type SagaMove } from '../machine/index.js';
import { Refused } from '../refused.js';
import { currentTrace } from '../trace.js';
import { feedSaga } from '../transit.js';
import type { UnitOfWork } from '../unit-of-work.js';

/** Where the sagas are, and the aggregates whose they are. */
export interface SagaPlace {
  schema: string;
  aggregates: readonly Aggregate[];
  uow: UnitOfWork;
}

interface Step {
  at: string;
  from: string | null;
  to: string;
  on: string;
  because: string;
  code?: string;
  causationId: string | null;
  late?: boolean;
}
interface Row {
  id: string;
  kind: string;
  aggregate_id: string;
  step: string;
  data: object;
  attempts: number;
  deadline_name: string | null;
  deadline_at: Date | null;
  version: number;
  steps: Step[];
  created_at: Date;
  updated_at: Date;
}
type WithSaga = Aggregate & { saga: NonNullable<Aggregate['saga']> };

const iso = (time: Date): string => new Date(time).toISOString();
const COLUMNS =
  'id, kind, aggregate_id, step, data, attempts, deadline_name, deadline_at, version, created_at, updated_at';

const ownerOf = (place: SagaPlace, kind: string): WithSaga => {
  const found = place.aggregates.find((one): one is WithSaga => one.saga?.table.name === kind);
  if (!found) throw new Refused('not_found');
  return found;
};

function summaryOf(aggregate: WithSaga, row: Row, last: Step | undefined): SagaSummary {
  const { table } = aggregate.saga;
  return {
    id: row.id,
    kind: row.kind,
    aggregateType: aggregate.type,
    aggregateId: row.aggregate_id,
    state: sagaState(table, row.step),
    step: row.step,
    reason: last?.because ?? null,
    code: last?.code ?? null,
    attempts: row.attempts,
    deadline:
      row.deadline_name && row.deadline_at ? { name: row.deadline_name, at: iso(row.deadline_at) } : null,
    waitsFor: waitsFor(table, row.step),
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}

/** A late arrival is among the steps, and is not why the case stands where it stands. */
const lastMove = (steps: readonly Step[]): Step | undefined => steps.findLast((step) => !step.late);

function viewOf(aggregate: WithSaga, row: Row, state: AggregateState): SagaView {
  const { saga } = aggregate;
  return {
    ...summaryOf(aggregate, row, lastMove(row.steps)),
    version: row.version,
    steps: row.steps.map((step) => ({ ...step, code: step.code ?? null, late: step.late ?? false })),
    moves: openMoves(saga.table, row.step, row.data, saga.facts?.(state) ?? {}),
    links: sagaState(saga.table, row.step) === 'needs_attention' ? (saga.links?.(state) ?? []) : [],
  };
}

async function find(em: EntityManager, { schema }: SagaPlace, sagaId: string): Promise<Row> {
  const [row] = await em.execute<Row[]>(`select ${COLUMNS}, steps from "${schema}".saga where id = ?`, [
    sagaId,
  ]);
  if (!row) throw new Refused('not_found');
  return row;
}

async function list(
  em: EntityManager,
  place: SagaPlace,
  question: ListSagas,
  signed: Cursors,
): Promise<object> {
  const { limit, cursor, ...filters } = question;
  const bound = fingerprint(['saga.list', filters]);
  const where = ['true'];
  const values: unknown[] = [];
  for (const [column, value] of [
    ['state', filters.state],
    ['kind', filters.kind],
    ['aggregate_id', filters.aggregateId],
  ] as const) {
    if (value === undefined) continue;
    where.push(`${column} = ?`);
    values.push(value);
  }
  if (cursor) {
    where.push('id < ?');
    values.push(signed.decode(cursor, bound).id);
  }
  const rows = await em.execute<(Row & { last: Step | null })[]>(
    `select ${COLUMNS}, (select step from jsonb_array_elements(steps) with ordinality s(step, place)
                          where not coalesce((step ->> 'late')::boolean, false) order by place desc limit 1) as last
       from "${place.schema}".saga where ${where.join(' and ')} order by id desc limit ?`,
    [...values, limit + 1],
  );
  const page = rows.slice(0, limit);
  const cursors = page.map((row) => signed.encode({ key: null, id: row.id }, bound));
  return {
    data: page.map((row) => summaryOf(ownerOf(place, row.kind), row, row.last ?? undefined)),
    cursors,
    nextCursor: rows.length > limit ? (cursors.at(-1) ?? null) : null,
  };
}

/** The move is an input of the saga's own table, in the aggregate's transaction; the aggregate's audit trail keeps who and why. */
async function make(ctx: Ctx, place: SagaPlace, move: SagaMove, body: MoveSaga): Promise<SagaView> {
  const { kind, aggregate_id: aggregateId } = await find(ctx.em, place, body.sagaId);
  const aggregate = ownerOf(place, kind);
  const state = (await aggregate.find(ctx.em, aggregateId)) as AggregateState | null;
  if (!state) throw new Refused('not_found');
  const before = await find(ctx.em, place, body.sagaId);
  const from = state.status;
  const cause = { at: ctx.now, reason: body.reason, ...aggregate.saga.moveInput?.(move) };
  const outcome = await feedSaga(ctx, aggregate, state, move, cause);
  if (outcome !== 'moved') {
    const open = openMoves(
      aggregate.saga.table,
      before.step,
      before.data,
      aggregate.saga.facts?.(state) ?? {},
    );
    throw new Refused('transition_not_allowed', undefined, {
      from: before.step,
      transition: move,
      allowedTransitions: open.map((one) => one.move),
    });
  }
  await ctx.em.execute(
    `insert into "${ctx.schema}".history (aggregate_type, aggregate_id, from_status, to_status, transition, actor, reason, at, trace_id)
     values (?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?)`,
    [
      aggregate.type,
      aggregateId,
      from,
      state.status,
      `${kind}.${move}`,
      JSON.stringify(ctx.actor),
      body.reason ?? null,
      ctx.now,
      currentTrace()?.traceId ?? null,
    ],
  );
  return viewOf(aggregate, await find(ctx.em, place, body.sagaId), state);
}

/** What a service that owns cases answers about them, by the verb of its RPC subject. */
export function sagaCalls(place: SagaPlace): Record<string, Command | Query> {
  const moving = (move: SagaMove): Command => ({
    kind: 'command',
    mends: true,
    name: `saga.${move}`,
    access: 'staff',
    schema: move === 'close' ? CloseSaga : MoveSaga,
    run: async (ctx, body: MoveSaga) => {
      const view = await make(ctx, place, move, body);
      return { body: view, version: view.version };
    },
  });
  return {
    sagas: query({
      name: 'saga.list',
      schema: listSagasQuery,
      run: async (em, question, _, { cursors }) => ({ body: await list(em, place, question, cursors) }),
    }),
    saga: query({
      name: 'saga.get',
      schema: BySagaId,
      // In a transaction: an aggregate is found with its lock, so that the moves shown are those of one moment.
      run: async (_, { sagaId }) =>
        place.uow.run(async (em) => {
          const row = await find(em, place, sagaId);
          const aggregate = ownerOf(place, row.kind);
          const state = (await aggregate.find(em, row.aggregate_id)) as AggregateState | null;
          if (!state) throw new Refused('not_found');
          return { body: viewOf(aggregate, row, state), version: row.version };
        }),
    }),
    resume_saga: moving('resume'),
    retry_saga: moving('retry'),
    close_saga: moving('close'),
  };
}
