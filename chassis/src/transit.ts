import { currentVersion, eventSubject } from '@oms/contracts';
import type { Aggregate, Ctx } from './aggregate.js';
import { newId } from './ids.js';
import {
  decide,
  decideSaga,
  hears,
  NEW,
  sagaState,
  type AggregateState,
  type At,
  type Decision,
} from './machine/index.js';
import { toHeaders } from './messaging/cloud-events.js';
import { outboxInsert, type OutboxRow } from './outbox/append.js';
import { currentTrace, traceparent } from './trace.js';

/**
 * The one path on which an aggregate changes: the table decides; then its state, its history, its events in the outbox and
 * its saga are written, all in the transaction of `ctx`. Refusals and repetitions write nothing.
 */
export async function transit<State extends AggregateState>(
  ctx: Ctx,
  aggregate: Aggregate<State>,
  state: State,
  on: string,
  input: At & Record<string, unknown>,
  options: { isNew?: boolean; reason?: string | null } = {},
): Promise<Decision> {
  const decision = decide(aggregate.machine, options.isNew ? NEW : state.status, state, on, input);
  if (decision.outcome !== 'moved') return decision;
  const { row, from, to } = decision;
  row.does?.(state, input);
  state.previousStatus = options.isNew ? null : from === to ? state.previousStatus : from;
  state.status = to;
  state.statusTimes = { [to]: ctx.now.toISOString(), ...state.statusTimes };
  state.version += 1;
  state.updatedAt = ctx.now;
  // What only notes a fact (a payment's event) leaves the last real move in place, so that its repetition is still known.
  if (row.again || from !== to) state.lastTransition = { on, fingerprint: input.fingerprint };
  const names = row.emits ?? [];
  const firstSequence = state.eventSeq + 1;
  state.eventSeq += names.length;
  await (options.isNew ? aggregate.insert(ctx.em, state) : aggregate.save(ctx.em, state));

  const events = publish(ctx, aggregate, state, names, firstSequence, input);
  const reason = options.reason ?? (typeof input['reason'] === 'string' ? input['reason'] : null);
  const line = { from: options.isNew ? null : from, on, reason, changed: null };
  await remember(ctx, aggregate, state, line, events);
  if (aggregate.saga) {
    for (const event of events)
      await feedSaga(
        ctx,
        aggregate,
        state,
        event.type,
        { ...input, ...event.payload },
        { fresh: options.isNew === true },
      );
  }
  return decision;
}

/** One line of the audit trail: how `state` came to stand where it stands now. */
interface HistoryLine {
  from: string | null;
  on: string;
  reason: string | null;
  changed: readonly string[] | null;
}

/**
 * Writes down who brought `state` to where it stands now, when, and how, and the `events` that tell of it: in one statement,
 * since a round trip to Postgres costs more than either row.
 */
export async function remember(
  ctx: Ctx,
  aggregate: Pick<Aggregate, 'type'>,
  state: Pick<AggregateState, 'id' | 'status'>,
  line: HistoryLine,
  events: readonly OutboxRow[] = [],
): Promise<void> {
  const told = events.length > 0 ? outboxInsert(ctx.schema, events) : null;
  await ctx.em.execute(
    `${told ? `with told as (${told.text}) ` : ''}insert into "${ctx.schema}".history (aggregate_type, aggregate_id, from_status, to_status, transition, actor, reason, changed, at, event_id, trace_id)
     values (?, ?, ?, ?, ?, ?::jsonb, ?, ?::jsonb, ?, ?, ?)`,
    [
      ...(told?.values ?? []),
      aggregate.type,
      state.id,
      line.from,
      state.status,
      line.on,
      JSON.stringify(ctx.actor),
      line.reason,
      line.changed === null ? null : JSON.stringify(line.changed),
      ctx.now,
      events[0]?.eventId ?? null,
      currentTrace()?.traceId ?? null,
    ],
  );
  if (told) ctx.after(ctx.wrote);
}

function publish<State extends AggregateState>(
  ctx: Ctx,
  aggregate: Aggregate<State>,
  state: State,
  names: readonly string[],
  firstSequence: number,
  input: object,
): OutboxRow[] {
  return names.map((type, index) => {
    const payload = aggregate.payloads[type]?.(state, input);
    if (!payload) throw new Error(`${aggregate.type} has no payload for ${type}`);
    const eventId = newId('evt');
    const sequence = firstSequence + index;
    const headers = toHeaders({
      id: eventId,
      type,
      version: currentVersion(type),
      source: `/oms/${ctx.service}`,
      subject: state.id,
      aggregate: aggregate.type,
      sequence,
      time: ctx.now.toISOString(),
      correlationId: ctx.correlationId,
      causationId: ctx.causationId,
      traceparent: traceparent(),
    });
    return {
      eventId,
      aggregateType: aggregate.type,
      aggregateId: state.id,
      sequence,
      subject: eventSubject(aggregate.type, state.id, type, currentVersion(type)),
      type,
      payload,
      headers,
    };
  });
}

/** The next event of an aggregate that made no transition (a PATCH); {@link remember} writes it down. */
export function eventBeside<State extends AggregateState>(
  ctx: Ctx,
  aggregate: Aggregate<State>,
  state: State,
  name: string,
): OutboxRow[] {
  state.eventSeq += 1;
  return publish(ctx, aggregate, state, [name], state.eventSeq, {});
}

interface SagaRecord {
  id: string;
  step: string;
  data: object;
}

/**
 * Tells the aggregate's saga that `on` happened, in the transaction of `ctx`; the aggregate's row must be locked. What the
 * step does not listen to is ignored; what the table calls late is written down among the steps. A step that tells the aggregate something it refuses is a bug of the two tables:
 * it throws, and the message is tried again and then parked, in plain sight.
 */
export async function feedSaga<State extends AggregateState>(
  ctx: Ctx,
  aggregate: Aggregate<State>,
  state: State,
  on: string,
  cause: Record<string, unknown>,
  options: { fresh?: boolean } = {},
): Promise<'moved' | 'late' | 'ignored'> {
  const { saga } = aggregate;
  if (!saga) return 'ignored';
  const table = saga.table;
  if (!hears(table, on)) return 'ignored';
  const input = { ...cause, ...saga.facts?.(state) };
  const [record] = options.fresh
    ? []
    : await ctx.em.execute<SagaRecord[]>(
        `select id, step, data from "${ctx.schema}".saga where kind = ? and aggregate_id = ? for update`,
        [table.name, state.id],
      );
  const data: object = record?.data ?? saga.open(state);
  const decision = decideSaga(table, record?.step ?? NEW, data, on, input);
  if (decision.outcome === 'ignored') return 'ignored';
  const { code } = cause;
  const entryOf = (from: string | null, to: string, because: string, also: object = {}): string =>
    JSON.stringify([
      {
        at: ctx.now.toISOString(),
        from,
        to,
        on,
        because,
        ...(typeof code === 'string' ? { code } : {}),
        causationId: ctx.causationId,
        ...also,
      },
    ]);
  if (decision.outcome === 'late') {
    if (!record) return 'ignored';
    await ctx.em.execute(
      `update "${ctx.schema}".saga set steps = steps || ?::jsonb, version = version + 1, updated_at = ? where id = ?`,
      [entryOf(record.step, record.step, decision.because, { late: true }), ctx.now, record.id],
    );
    return 'late';
  }
  const { row, from, to } = decision;
  row.does?.(data, input);
  const entry = entryOf(record ? from : null, to, row.because);
  const attempts = table.attempts?.(data) ?? 0;
  const deadline = row.timer
    ? new Date(ctx.now.getTime() + (ctx.deadlines?.[row.timer.name] ?? row.timer.afterMs(data)))
    : null;
  if (record) {
    await ctx.em.execute(
      `update "${ctx.schema}".saga set step = ?, state = ?, data = ?::jsonb, attempts = ?, steps = steps || ?::jsonb, version = version + 1, updated_at = ?
              ${row.timer === undefined ? '' : ', deadline_name = ?, deadline_at = ?'} where id = ?`,
      [
        to,
        sagaState(table, to),
        JSON.stringify(data),
        attempts,
        entry,
        ctx.now,
        ...(row.timer === undefined ? [] : [row.timer?.name ?? null, deadline]),
        record.id,
      ],
    );
  } else {
    await ctx.em.execute(
      `insert into "${ctx.schema}".saga (id, kind, aggregate_id, state, step, data, attempts, steps, deadline_name, deadline_at, created_at, updated_at)
       values (?, ?, ?, ?, ?, ?::jsonb, ?, ?::jsonb, ?, ?, ?, ?)`,
      [
        newId('sga'),
        table.name,
        state.id,
        sagaState(table, to),
        to,
        JSON.stringify(data),
        attempts,
        entry,
        row.timer?.name ?? null,
        deadline,
        ctx.now,
        ctx.now,
      ],
    );
  }
  if (row.tell) {
    const told = {
      at: ctx.now,
      actor: { type: 'system', id: `saga:${table.name}` } as const,
      fingerprint: `${table.name}:${on}:${ctx.causationId ?? ''}`,
      ...row.tell.with(data, input),
    };
    const answer = await transit({ ...ctx, actor: told.actor }, aggregate, state, row.tell.on, told);
    if (answer.outcome === 'refused')
      throw new Error(
        `saga ${table.name}: ${aggregate.type} ${state.id} refused ${row.tell.on}: ${answer.code}`,
      );
  }
  return 'moved';
}
