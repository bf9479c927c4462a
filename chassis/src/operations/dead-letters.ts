import type { Projection } from '../inbox/store.js';
import {
  ByDeadLetter,
  DiscardDeadLetter,
  listDeadLettersQuery,
  RedriveDeadLetters,
  type DeadLetterSummary,
  type DeadLetterView,
  type ListDeadLetters,
  type Redriven,
  type ServiceName,
} from '@oms/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import { query, type Command, type Query } from '../command.js';
import type { Cursors } from '../cursor.js';
import { fingerprint } from '../fingerprint.js';
import { discard, redrive } from '../inbox/dead-letters.js';
import { historyOf } from '../reading.js';
import { Refused } from '../refused.js';

/** Where the dead letters are, and who is told that there is work again. */
export interface DeadLetterPlace {
  service: ServiceName;
  schema: string;
  /** Types that somebody here listens to. */
  interesting: ReadonlySet<string>;
  projection?: Projection | undefined;
  redriven(): void;
}

interface Row {
  event_id: string;
  type: string;
  aggregate_type: string;
  aggregate_id: string;
  agg_seq: number;
  state: string;
  error: string | null;
  started_attempts: number;
  received: string;
  parked: string;
  discarded: boolean;
  headers: Record<string, string>;
  source: string;
  payload: Record<string, unknown> | null;
  raw: string | null;
}

/** To the microsecond, as text that sorts: a cursor made of milliseconds would skip rows. */
const instant = (column: string): string =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const PARKED_AT = 'coalesce(parked_at, received_at)';
const COLUMNS = `event_id, type, aggregate_type, aggregate_id, agg_seq, state, error, started_attempts, headers,
  ${instant('received_at')} as received, ${instant(PARKED_AT)} as parked, discarded_at is not null as discarded`;

function summaryOf(service: ServiceName, row: Row): DeadLetterSummary {
  return {
    service,
    eventId: row.event_id,
    type: row.type,
    aggregateType: row.aggregate_type,
    aggregateId: row.aggregate_id,
    sequence: row.agg_seq === 0 ? null : row.agg_seq,
    state: row.discarded ? 'discarded' : row.state === 'parked' ? 'parked' : 'redriven',
    error: row.error,
    attempts: row.started_attempts,
    receivedAt: row.received,
    parkedAt: row.parked,
    correlationId: row.headers['ce-correlationid'] ?? null,
    traceId: row.headers['traceparent']?.split('-')[1] ?? null,
  };
}

/** One that is or was a dead letter; null when it never was one. */
async function find(
  em: EntityManager,
  { service, schema }: DeadLetterPlace,
  eventId: string,
): Promise<DeadLetterView | null> {
  const [row] = await em.execute<(Row & { waiting: string })[]>(
    `select ${COLUMNS}, source, payload, encode(raw, 'base64') as raw,
            (select count(*) from (
               select 1 from "${schema}".inbox n where n.aggregate_type = i.aggregate_type and n.aggregate_id = i.aggregate_id
                  and n.state = 'new' and n.agg_seq > i.agg_seq and i.agg_seq > 0 and i.state = 'parked' limit 10000) behind) as waiting
       from "${schema}".inbox i where event_id = ? and (state = 'parked' or parked_at is not null or discarded_at is not null)`,
    [eventId],
  );
  if (!row) return null;
  const { data } = await historyOf(em, schema, eventId);
  return {
    ...summaryOf(service, row),
    source: row.source,
    headers: row.headers,
    payload: row.payload,
    raw: row.raw?.replaceAll('\n', '') ?? null,
    waiting: Number(row.waiting),
    history: data.map(({ transition, actor, reason, at }) => ({ transition, actor, reason, at })),
  };
}

async function list(
  em: EntityManager,
  place: DeadLetterPlace,
  question: ListDeadLetters,
  signed: Cursors,
): Promise<object> {
  const { limit, cursor, ...filters } = question;
  if (filters.service && filters.service !== place.service)
    return { data: [], cursors: [], nextCursor: null };
  const bound = fingerprint(['dead-letter.list', filters]);
  const where = [filters.state === 'parked' ? `state = 'parked'` : 'discarded_at is not null'];
  const values: unknown[] = [];
  const filter = (sql: string, ...given: unknown[]): void => {
    where.push(sql);
    values.push(...given);
  };
  if (filters.type !== undefined) filter('type = ?', filters.type);
  if (filters.aggregateType !== undefined) filter('aggregate_type = ?', filters.aggregateType);
  if (filters.aggregateId !== undefined) filter('aggregate_id = ?', filters.aggregateId);
  if (cursor) {
    const last = signed.decode(cursor, bound);
    filter(`(${PARKED_AT}, event_id) < (?::timestamptz, ?)`, last.key, last.id);
  }
  const rows = await em.execute<Row[]>(
    `select ${COLUMNS} from "${place.schema}".inbox where ${where.join(' and ')}
      order by ${PARKED_AT} desc, event_id desc limit ?`,
    [...values, limit + 1],
  );
  const page = rows.slice(0, limit);
  const cursors = page.map((row) => signed.encode({ key: row.parked, id: row.event_id }, bound));
  return {
    data: page.map((row) => summaryOf(place.service, row)),
    cursors,
    nextCursor: rows.length > limit ? (cursors.at(-1) ?? null) : null,
  };
}

/** What every service answers about its own dead letters, by the verb of its RPC subject. */
export function deadLetterCalls(place: DeadLetterPlace): Record<string, Command | Query> {
  const { interesting, projection } = place;
  const own = (service: ServiceName): void => {
    if (service !== place.service) throw new Refused('not_found');
  };
  const shown = async (em: EntityManager, eventId: string): Promise<DeadLetterView> => {
    const found = await find(em, place, eventId);
    if (!found) throw new Refused('not_found');
    return found;
  };
  const redriveOne: Command = {
    kind: 'command',
    mends: true,
    name: 'dead-letter.redrive',
    access: 'admin',
    schema: ByDeadLetter,
    async run(ctx, { service, eventId }: ByDeadLetter) {
      own(service);
      const { redriven, unreadable } = await redrive(
        ctx,
        { eventIds: [eventId] },
        { perSecond: 1, interesting, projection },
      );
      const now = await shown(ctx.em, eventId);
      if (unreadable > 0) throw new Refused('dead_letter_unreadable');
      if (redriven === 0) throw new Refused('dead_letter_not_parked');
      ctx.after(place.redriven);
      return { body: now };
    },
  };
  const redriveMany: Command = {
    kind: 'command',
    mends: true,
    name: 'dead-letter.redrive',
    access: 'admin',
    schema: RedriveDeadLetters,
    async run(ctx, { service, perSecond, ...selection }: RedriveDeadLetters) {
      own(service);
      const went = await redrive(ctx, selection, { perSecond, interesting, projection });
      ctx.after(place.redriven);
      const until = new Date(ctx.now.getTime() + (went.redriven * 1000) / perSecond).toISOString();
      return { body: { service, ...went, until } satisfies Redriven };
    },
  };
  const discardOne: Command = {
    kind: 'command',
    mends: true,
    name: 'dead-letter.discard',
    access: 'admin',
    schema: DiscardDeadLetter,
    async run(ctx, { service, eventId, reason }: DiscardDeadLetter) {
      own(service);
      const discarded = await discard(ctx, eventId, reason);
      const now = await shown(ctx.em, eventId);
      if (!discarded) throw new Refused('dead_letter_not_parked');
      ctx.after(place.redriven);
      return { body: now };
    },
  };
  return {
    dead_letters: query({
      name: 'dead-letter.list',
      access: 'admin',
      schema: listDeadLettersQuery,
      run: async (em, question, _, { cursors }) => ({ body: await list(em, place, question, cursors) }),
    }),
    dead_letter: query({
      name: 'dead-letter.get',
      access: 'admin',
      schema: ByDeadLetter,
      run: async (em, { service, eventId }) => {
        own(service);
        return { body: await shown(em, eventId) };
      },
    }),
    redrive_dead_letter: redriveOne,
    redrive_dead_letters: redriveMany,
    discard_dead_letter: discardOne,
  };
}
