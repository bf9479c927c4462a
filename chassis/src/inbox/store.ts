import type { EntityManager } from '@mikro-orm/postgresql';
import type { InboxRow } from './decode.js';

/** Where rows are stored, and which types somebody there listens to. */
export interface StoreInto {
  em: EntityManager;
  schema: string;
  interesting: ReadonlySet<string>;
  /** Further rows for each event, made in the same statement: an insert that reads {@link Projection}'s `stored`. */
  projection?: string | undefined;
}

/**
 * Rows of a service's own for every event that is stored, whether it has a handler or not, made in the statement that
 * stores it: once for each event, and without a transaction for each. Bodies are kept of all events then.
 */
export interface Projection {
  /** SQL of an insert that reads `stored` (event_id, aggregate_type, aggregate_id, type, state) and returns a row for each of its own. */
  insert: string;
  /** Called when it has inserted something. */
  inserted(): void;
}

/** Counts of rows. */
export interface Stored {
  work: number;
  projected: number;
}

/**
 * Stores a batch in one statement, whatever its size, and answers how many rows are work now, and how many the projection made. What is stored already, or
 * was passed by its aggregate's cursor before retention dropped its row, is not stored again. An event that nobody here
 * listens to and that is its aggregate's next is done as it is stored: most events of most services, and the worker is not
 * even woken for them. A readable copy takes the place of one that could not be read. The look-ups are scalar subqueries:
 * as joins, the planner reads both tables whole, because it takes a JSON array for 100 rows.
 */
export async function store(into: StoreInto, rows: readonly InboxRow[]): Promise<Stored> {
  const unique = new Map<string, InboxRow>();
  for (const row of rows) if (unique.get(row.event_id)?.state !== 'new') unique.set(row.event_id, row);
  const inbox = `"${into.schema}".inbox`;
  const cursor = `"${into.schema}".inbox_cursor`;
  const [row] = await into.em.execute<{ work: string; projected: string }[]>(
    `with stored as (
       insert into ${inbox} as i (event_id, aggregate_type, aggregate_id, agg_seq, type, source, state, payload, headers, error, raw, parked_at, done_at)
       select m.event_id, m.aggregate_type, m.aggregate_id, m.agg_seq, m.type, m.source, m.state, m.payload, m.headers, m.error, decode(m.raw, 'base64'),
              case when m.state = 'parked' then now() end, case when m.state = 'done' then now() end
         from (
           select r.event_id, r.aggregate_type, r.aggregate_id, r.agg_seq, r.type, r.source, r.payload, r.headers, r.error, r.raw, r.last_seq,
                  case when r.state = 'new' and not (r.type = any(?::text[])) and r.agg_seq = 1 + r.last_seq then 'done' else r.state end as state
             from (select j.*, coalesce((select c.last_seq from ${cursor} c where c.aggregate_type = j.aggregate_type and c.aggregate_id = j.aggregate_id), 0) as last_seq
                     from json_to_recordset(?::json) j(event_id text, aggregate_type text, aggregate_id text, agg_seq int, type text, source text, state text, payload jsonb, headers jsonb, error text, raw text)) r) m
        where m.agg_seq > m.last_seq or m.agg_seq = 0
       on conflict (event_id) do update set state = excluded.state, payload = excluded.payload, headers = excluded.headers, error = null, raw = null
        where i.state = 'parked' and i.raw is not null and excluded.state = 'new'
       returning event_id, aggregate_type, aggregate_id, agg_seq, type, state)${into.projection ? `, projected as (${into.projection})` : ''},
     moved as (
       insert into ${cursor} as c (aggregate_type, aggregate_id, last_seq)
       select distinct aggregate_type, aggregate_id, agg_seq from stored where state = 'done'
       on conflict (aggregate_type, aggregate_id) do update set last_seq = greatest(c.last_seq, excluded.last_seq))
     select count(*) as work, ${into.projection ? '(select count(*) from projected)' : '0'} as projected from stored s
      where s.state = 'new' or (
        select true from ${inbox} n where n.aggregate_type = s.aggregate_type and n.aggregate_id = s.aggregate_id
           and n.agg_seq = s.agg_seq + 1 and n.state = 'new' limit 1)`,
    [`{${[...into.interesting].join(',')}}`, JSON.stringify([...unique.values()])],
  );
  return { work: Number(row?.work ?? 0), projected: Number(row?.projected ?? 0) };
}
