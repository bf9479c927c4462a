import type { EntityManager } from '@mikro-orm/postgresql';
import type { Access, Actor } from '@oms/contracts';
import type { z } from 'zod';
import type { Query } from './command.js';
import type { Place } from './cursor.js';
import { fingerprint } from './fingerprint.js';
import { firstIdAt, type IdPrefix } from './ids.js';
import { PLANNED_ANEW } from './prepared-statements.js';

/** A condition in SQL with its values, a `?` for each. */
export interface Condition {
  sql: string;
  values: readonly (string | number)[];
}

/** `where('status = ?', status)` */
export const where = (sql: string, ...values: (string | number)[]): Condition => ({ sql, values });

/** A filter that asks for one value of a column. */
export const equals =
  (column: string) =>
  (value: string): Condition =>
    where(`${column} = ?`, value);

/**
 * A filter that takes several values of a column. Each is a branch of the statement, so that each is read in the order of the
 * list from its own end of an index and stops at the page's length. `in (…)` is not: Postgres would read all rows of
 * all of them and sort, or walk past every newer row to find those that are rare.
 */
export const oneOf =
  (column: string) =>
  (values: readonly string[]): Condition[] =>
    [...new Set(values)].map((value) => where(`${column} = ?`, value));

/** What every list is asked with. */
interface Question {
  limit: number;
  cursor?: string | undefined;
  sort: string;
  createdAfter?: string | undefined;
  createdBefore?: string | undefined;
}
type Filters<Q> = Omit<Q, keyof Question>;

/** What a service says of a list. Columns and expressions are SQL of its own; nothing of a request gets into the text. */
export interface ListSpec<Q extends Question> {
  name: string;
  /** Staff, unless said otherwise. */
  access?: Access;
  schema: z.ZodType<Q>;
  /** The prefix of the rows' ids. They sort by birth: `createdAt` is the id, and needs no column in any index. */
  ids: IdPrefix;
  from: string;
  columns: string;
  /** What a list may be sorted by beside `createdAt`: a whole number, never null. */
  sorts: Readonly<Record<string, string>>;
  /** What a customer may see. A list that has none shows a customer nothing. */
  own?: (callerId: string) => Condition;
  filters: { [K in keyof Filters<Q>]-?: (value: NonNullable<Filters<Q>[K]>) => Condition | Condition[] };
  /** The rows of a page as the list shows them; `rows` are as the database gives them. */
  show: (em: EntityManager, rows: Row[], caller: Actor) => Promise<object[]> | object[];
}

export interface Row extends Record<string, unknown> {
  id: string;
}
type Keyed = Row & { sort_key: string | null };

/** Past so many bytes of JSON a page ends early, so that no page is too large for the broker; its cursor goes on from there. */
const PAGE_BYTES = 2 * 1024 * 1024;

/** Rows of one kind, page by page, after the last row's place (keyset): a page costs the same however far it is, and rows that come in between move none. */
export function list<Q extends Question>(spec: ListSpec<Q>): Query {
  return {
    kind: 'query',
    name: spec.name,
    access: spec.access ?? 'staff',
    schema: spec.schema,
    async run(em, question: Q, caller, { cursors }) {
      const { limit, cursor, ...asked } = question;
      const bound = fingerprint([spec.name, asked, caller.type === 'customer' ? caller.id : null]);
      const place = cursor === undefined ? null : cursors.decode(cursor, bound);
      const { sql, values } = statement(spec, question, caller, place);
      const rows = await em.execute<Keyed[]>(sql, values);
      const shown = fitting(await spec.show(em, rows.slice(0, limit), caller));
      const last = rows[shown.length - 1];
      const more = rows.length > shown.length && last !== undefined;
      const nextCursor = more ? cursors.encode({ key: last.sort_key, id: last.id }, bound) : null;
      return { body: { data: shown, nextCursor } };
    },
  };
}

/** As many as fit into a page, one at least. */
function fitting(shown: object[]): object[] {
  let bytes = 0;
  const over = shown.findIndex((one) => (bytes += Buffer.byteLength(JSON.stringify(one))) > PAGE_BYTES);
  return over === -1 ? shown : shown.slice(0, Math.max(over, 1));
}

/** The statement of a page: one row more than asked for, to know whether there is a next one. */
export function statement<Q extends Question>(
  spec: Omit<ListSpec<Q>, 'show' | 'schema'>,
  question: Q,
  caller: Actor,
  place: Place | null,
): { sql: string; values: (string | number)[] } {
  const descending = question.sort.startsWith('-');
  const key = spec.sorts[question.sort.replace('-', '')] ?? null;
  const order = `${key === null ? '' : `${descending ? 'sort_key desc' : 'sort_key'}, `}id${descending ? ' desc' : ''}`;
  const { common, branches } = conditions(spec, question, caller);
  if (place) common.push(after(key, descending, place));
  const texts = branches.map((branch) => {
    const all = [...branch, ...common].map((condition) => condition.sql);
    return `select ${spec.columns}, ${key ?? 'null'} as sort_key from ${spec.from}${all.length > 0 ? ` where ${all.join(' and ')}` : ''} order by ${order} limit ?`;
  });
  const values = branches.flatMap((branch) => [
    ...[...branch, ...common].flatMap((condition) => condition.values),
    question.limit + 1,
  ]);
  if (texts.length === 1) return { sql: `${PLANNED_ANEW} ${texts[0]}`, values };
  return {
    sql: `${PLANNED_ANEW} select * from (${texts.map((text) => `(${text})`).join(' union all ')}) page order by ${order} limit ?`,
    values: [...values, question.limit + 1],
  };
}

function after(key: string | null, descending: boolean, place: Place): Condition {
  const compare = descending ? '<' : '>';
  if (key === null) return where(`id ${compare} ?`, place.id);
  return where(`(${key}, id) ${compare} (?::bigint, ?)`, place.key ?? '0', place.id);
}

/** The branches are what a filter of several values means: one each, and every other condition holds in all of them. */
function conditions<Q extends Question>(
  spec: Omit<ListSpec<Q>, 'show' | 'schema'>,
  question: Q,
  caller: Actor,
): { common: Condition[]; branches: Condition[][] } {
  const common: Condition[] = [];
  let branches: Condition[][] = [[]];
  if (caller.type === 'customer') common.push(spec.own?.(caller.id) ?? where('false'));
  for (const [name, value] of Object.entries(question)) {
    const filter = (spec.filters as Record<string, (value: unknown) => Condition | Condition[]>)[name];
    if (!filter || value === undefined) continue;
    const condition = filter(value);
    if (!Array.isArray(condition)) common.push(condition);
    else branches = branches.flatMap((branch) => condition.map((one) => [...branch, one]));
  }
  if (question.createdAfter !== undefined)
    common.push(where('id >= ?', firstIdAt(spec.ids, new Date(question.createdAfter))));
  if (question.createdBefore !== undefined)
    common.push(where('id < ?', firstIdAt(spec.ids, new Date(question.createdBefore))));
  return { common, branches };
}
