import type { EntityManager } from '@mikro-orm/postgresql';

/** A sequence that does not go on because an event never came. */
export interface SequenceGap {
  aggregateType: string;
  aggregateId: string;
  /** The number that is waited for. */
  missing: number;
}

/** How a schema's work stands. Ages in seconds, 0 when there is nothing; counts stop at {@link MOST_COUNTED}. */
export interface Standing {
  outboxUnsent: number;
  outboxOldestS: number;
  inboxOpen: number;
  inboxOldestS: number;
  deadLetters: number;
  deadLettersOldestS: number;
  sagas: { kind: string; state: string; count: number }[];
  /** Of the deadline that should have fired first. */
  sagaOverdueS: number;
  gaps: SequenceGap[];
}

/** Enough to tell that it is too many; a table is never counted to its end. */
export const MOST_COUNTED = 100_000;
const MOST_GAPS = 50;
/** How long an event may wait for its predecessor before that is called a gap: an order of arrival is nobody's promise. */
const GAP_AFTER_S = 10;

/** One statement over partial indexes: what is sent, done or finished is not looked at. */
export async function readStanding(
  em: EntityManager,
  schema: string,
  mostCounted = MOST_COUNTED,
): Promise<Standing> {
  const t = (name: string): string => `"${schema}"."${name}"`;
  const counted = (sql: string): string =>
    `(select count(*) from (select 1 from ${sql} limit ${mostCounted}) n)::int`;
  const age = (sql: string): string => `coalesce(extract(epoch from now() - (${sql})), 0)::float8`;
  const [row] = await em.execute<Standing[]>(
    `select ${counted(`${t('outbox')} where published_at is null`)} as "outboxUnsent",
            ${age(`select created_at from ${t('outbox')} where published_at is null order by id limit 1`)} as "outboxOldestS",
            ${counted(`${t('inbox')} where state <> 'done' and state in ('new', 'running')`)} as "inboxOpen",
            ${age(`select received_at from ${t('inbox')} where state = 'new' order by received_at limit 1`)} as "inboxOldestS",
            ${counted(`${t('inbox')} where state = 'parked'`)} as "deadLetters",
            ${age(`select coalesce(parked_at, received_at) from ${t('inbox')} where state = 'parked' order by coalesce(parked_at, received_at) limit 1`)} as "deadLettersOldestS",
            coalesce((select json_agg(s) from (
              select kind, state, count(*)::int as count from ${t('saga')} where state <> 'finished' group by kind, state) s), '[]') as sagas,
            greatest(${age(`select deadline_at from ${t('saga')} where deadline_at is not null order by deadline_at limit 1`)}, 0) as "sagaOverdueS",
            coalesce((select json_agg(g) from (
              select i.aggregate_type as "aggregateType", i.aggregate_id as "aggregateId", coalesce(c.last_seq, 0) + 1 as missing
                from ${t('inbox')} i left join ${t('inbox_cursor')} c using (aggregate_type, aggregate_id)
               where i.state = 'new' and i.received_at < now() - interval '${GAP_AFTER_S} seconds'
               group by i.aggregate_type, i.aggregate_id, c.last_seq
              having min(i.agg_seq) > coalesce(c.last_seq, 0) + 1
                 and not exists (select from ${t('inbox')} p where p.aggregate_type = i.aggregate_type and p.aggregate_id = i.aggregate_id
                                    and p.agg_seq = coalesce(c.last_seq, 0) + 1 and p.state <> 'done')
               limit ${MOST_GAPS}) g), '[]') as gaps`,
  );
  if (!row) throw new Error('a select without from answers a row');
  return row;
}
