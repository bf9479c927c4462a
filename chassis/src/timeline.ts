import type { EntityManager } from '@mikro-orm/postgresql';
import { TIMELINE_PART, type Actor, type TimelineEntry, type TimelineSource } from '@oms/contracts';
import { sagaState, type Move, type Titles, type ToldSaga } from './machine/index.js';

interface MoveRow {
  aggregate_id: string;
  from_status: string | null;
  to_status: string;
  transition: string;
  actor: Actor;
  reason: string | null;
  at: Date;
  event_id: string | null;
  trace_id: string | null;
  changed: string[] | null;
}

/** What happened to some aggregates, oldest first: the newest {@link TIMELINE_PART} moves, but none of `silent`. One statement. */
export async function movesOf(
  em: EntityManager,
  schema: string,
  aggregateIds: readonly string[],
  silent: readonly string[] = [],
): Promise<Move[]> {
  if (aggregateIds.length === 0) return [];
  const rows = await em.execute<MoveRow[]>(
    `select aggregate_id, from_status, to_status, transition, actor, reason, at, event_id, trace_id, changed from "${schema}".history
      where aggregate_id = any(?::text[]) and transition <> all(?::text[]) order by id desc limit ${TIMELINE_PART}`,
    [textArray(aggregateIds), textArray(silent)],
  );
  return rows.reverse().map((row) => ({
    aggregateId: row.aggregate_id,
    from: row.from_status,
    to: row.to_status,
    transition: row.transition,
    actor: row.actor,
    reason: row.reason,
    at: new Date(row.at).toISOString(),
    eventId: row.event_id,
    traceId: row.trace_id,
    changed: row.changed,
  }));
}

/** An array as Postgres spells it; ids and names of ours hold neither quotes nor backslashes. */
const textArray = (values: readonly string[]): string => `{${values.map((one) => `"${one}"`).join(',')}}`;

interface SagaRow {
  aggregate_id: string;
  step: string;
  data: object;
  deadline_name: string | null;
  deadline_at: Date | null;
  updated_at: Date;
  steps: {
    at: string;
    from: string | null;
    to: string;
    on: string;
    because: string;
    causationId: string | null;
  }[];
}

/** Every step that the sagas of some aggregates took, and what they wait for now, oldest first. One statement. */
export async function sagaStepsOf(
  em: EntityManager,
  schema: string,
  source: TimelineSource,
  told: ToldSaga,
  aggregateIds: readonly string[],
): Promise<TimelineEntry[]> {
  if (aggregateIds.length === 0) return [];
  const rows = await em.execute<SagaRow[]>(
    `select aggregate_id, step, data, deadline_name, deadline_at, updated_at, steps from "${schema}".saga
      where kind = ? and aggregate_id = any(?::text[]) order by created_at limit ${TIMELINE_PART}`,
    [told.table.name, textArray(aggregateIds)],
  );
  return rows.flatMap((row) => [
    ...row.steps.slice(-TIMELINE_PART).map((step) => stepEntry(source, told, row, step)),
    ...waitingEntry(source, told, row),
  ]);
}

const sagaActor = (told: ToldSaga): Actor => ({ type: 'system', id: `saga:${told.table.name}` });

function stepEntry(
  source: TimelineSource,
  told: ToldSaga,
  row: SagaRow,
  step: SagaRow['steps'][number],
): TimelineEntry {
  return {
    at: step.at,
    source,
    kind: 'saga',
    title: sentence(step.because),
    actor: sagaActor(told),
    eventId: step.causationId?.startsWith('evt_') ? step.causationId : null,
    traceId: null,
    detail: {
      saga: told.table.name,
      of: row.aggregate_id,
      from: step.from,
      to: step.to,
      on: step.on,
    },
  };
}

function waitingEntry(source: TimelineSource, told: ToldSaga, row: SagaRow): TimelineEntry[] {
  const what = told.waitsFor[row.step];
  if (what === undefined) return [];
  const until = row.deadline_at ? new Date(row.deadline_at).toISOString() : null;
  return [
    {
      at: row.steps.at(-1)?.at ?? new Date(row.updated_at).toISOString(),
      source,
      kind: 'waiting',
      title: `Waits for ${what}${until ? `, until ${until}` : ''}`,
      actor: sagaActor(told),
      eventId: null,
      traceId: null,
      detail: {
        saga: told.table.name,
        of: row.aggregate_id,
        step: row.step,
        state: sagaState(told.table, row.step),
        deadline: row.deadline_name,
        until,
        ...told.detail(row.data),
      },
    },
  ];
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** A move as a line of a timeline. */
export function moveEntry(source: TimelineSource, titles: Titles, move: Move, detail: object): TimelineEntry {
  const title = move.changed
    ? `Changed: ${move.changed.join(', ')}`
    : (titles[move.transition] ?? move.transition.replaceAll('_', ' '));
  return {
    at: move.at,
    source,
    kind: 'transition',
    title: typeof title === 'function' ? title(move) : title,
    actor: move.actor,
    eventId: move.eventId,
    traceId: move.traceId,
    detail: {
      transition: move.transition,
      from: move.from,
      to: move.to,
      reason: move.reason,
      ...(move.changed ? { changed: move.changed } : {}),
      ...detail,
    },
  };
}

/** One part of a timeline: oldest first, at most {@link TIMELINE_PART} lines, the newest; equal times keep their sequence. */
export const timelinePart = (...lists: readonly TimelineEntry[][]): { data: TimelineEntry[] } => ({
  data: lists
    .flat()
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .slice(-TIMELINE_PART),
});
