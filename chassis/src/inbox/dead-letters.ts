import type { Ctx } from '../aggregate.js';
import { arrivedOf, decode, type InboxRow } from './decode.js';
import { store, type Projection, type StoreInto, type Stored } from './store.js';

/** Which parked events are meant: those named, or all, within the filters. */
export interface Selection {
  eventIds?: readonly string[] | undefined;
  type?: string | undefined;
  aggregateId?: string | undefined;
}

/** The kind under which the audit trail keeps what was done about dead letters. */
const DEAD_LETTER = 'dead_letter';
const MOST_UNREADABLE = 1_000;

const writeHistory = (
  { em, schema, actor, now }: Ctx,
  eventIds: readonly string[],
  transition: 'redrive' | 'discard',
  reason: string | null,
): Promise<unknown> =>
  em.execute(
    `insert into "${schema}".history (aggregate_type, aggregate_id, from_status, to_status, transition, actor, reason, at)
     select '${DEAD_LETTER}', id, 'parked', ?, ?, ?::jsonb, ?, ?::timestamptz from json_array_elements_text(?::json) id`,
    [
      transition === 'redrive' ? 'new' : 'discarded',
      transition,
      JSON.stringify(actor),
      reason,
      now,
      JSON.stringify(eventIds),
    ],
  );

const chosen = ({ eventIds, type, aggregateId }: Selection): { sql: string; values: unknown[] } => ({
  sql: [
    `state = 'parked'`,
    ...(eventIds ? ['event_id in (select json_array_elements_text(?::json))'] : []),
    ...(type === undefined ? [] : ['type = ?']),
    ...(aggregateId === undefined ? [] : ['aggregate_id = ?']),
  ].join(' and '),
  values: [
    ...(eventIds ? [JSON.stringify(eventIds)] : []),
    ...(type === undefined ? [] : [type]),
    ...(aggregateId === undefined ? [] : [aggregateId]),
  ],
});

/**
 * Puts parked events back to work, `perSecond` of them in a second, in the order in which they came: the pace is written
 * into the rows, so that it holds whatever restarts. What could not be read is read again; answers how many went back, and
 * how many still can not be read.
 */
export async function redrive(
  ctx: Ctx,
  selection: Selection,
  options: { perSecond: number; interesting: ReadonlySet<string>; projection?: Projection | undefined },
): Promise<{ redriven: number; unreadable: number }> {
  const { em, schema } = ctx;
  const { sql, values } = chosen(selection);
  const went = await em.execute<{ event_id: string }[]>(
    `update "${schema}".inbox i set state = 'new', started_attempts = 0, finished_attempts = 0, owner = null,
            next_at = now() + n.place * interval '1 second' / ?
       from (select event_id, row_number() over (order by received_at, agg_seq) - 1 as place
               from (select event_id, received_at, agg_seq from "${schema}".inbox where ${sql} and raw is null for update) locked) n
      where i.event_id = n.event_id returning i.event_id`,
    [options.perSecond, ...values],
  );
  const kept = await em.execute<{ event_id: string; headers: Record<string, string>; raw: Uint8Array }[]>(
    `select event_id, headers, raw from "${schema}".inbox where ${sql} and raw is not null
      order by received_at limit ${MOST_UNREADABLE} for update`,
    values,
  );
  const { interesting, projection } = options;
  const into = { em, schema, interesting, projection: projection?.insert };
  const read = kept.map((row) => ({
    row,
    again: decode(arrivedOf(row), interesting, { keepsAll: projection !== undefined }),
  }));
  const readable = read.filter(({ again }) => again.state === 'new');
  let projected = 0;
  for (const { row, again } of readable) projected += (await putBack(into, row.event_id, again)).projected;
  if (projected > 0 && projection) ctx.after(() => projection.inserted());
  const ids = [...went, ...readable.map(({ row }) => row)].map((row) => row.event_id);
  if (ids.length > 0) await writeHistory(ctx, ids, 'redrive', null);
  return { redriven: ids.length, unreadable: kept.length - readable.length };
}

/** What can be read now takes its own place: the same row, or, of what had no envelope, the row of the event that it is. */
async function putBack(into: StoreInto, eventId: string, row: InboxRow): Promise<Stored> {
  if (row.event_id !== eventId) {
    await into.em.execute(
      `update "${into.schema}".inbox set state = 'done', done_at = now(), error = ? where event_id = ?`,
      [`read as ${row.event_id}`, eventId],
    );
  }
  return store(into, [row]);
}

/**
 * Gives a parked event up, with a reason that stays; false when nothing is parked under this id. It is passed over when its
 * turn comes, so that a predecessor that is still missing is not forgotten with it.
 */
export async function discard(ctx: Ctx, eventId: string, reason: string): Promise<boolean> {
  const rows = await ctx.em.execute<object[]>(
    `update "${ctx.schema}".inbox set state = case when agg_seq = 0 then 'done' else 'new' end,
            done_at = case when agg_seq = 0 then now() end, discarded_at = ?, finished_attempts = started_attempts,
            next_at = now(), owner = null
      where event_id = ? and state = 'parked' returning event_id`,
    [ctx.now, eventId],
  );
  if (rows.length === 0) return false;
  await writeHistory(ctx, [eventId], 'discard', reason);
  return true;
}
