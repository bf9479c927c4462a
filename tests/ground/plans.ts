import { expect } from '@jest/globals';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Cursors, PLANNED_ANEW, type Command, type Query, type UnitOfWork } from '@oms/chassis';
import type { Actor } from '@oms/contracts';
import type { ServiceGround } from './service-ground.ts';

/** Rows of a list whose plans are looked at. Postgres reads small tables whole, and is right. */
export const ROWS = 200_000;
/** When the newest of them was born; each further one is two minutes older. */
export const NEWEST = new Date('2026-11-01T00:00:00Z');
const EVERY_MS = 120_000;

/** When the row of this number was born. */
export const bornAt = (n: number): string => new Date(NEWEST.getTime() - n * EVERY_MS).toISOString();

/**
 * What fills a table quickly: `pg_temp.born('ret', n)` is a TypeID of the time of row `n`, `pg_temp.at(n)` that time. Foreign keys
 * are not looked at: what a list does not read need not be there.
 */
export const making: readonly string[] = [
  `set session_replication_role = replica`,
  `create function pg_temp.at(n bigint) returns timestamptz language sql immutable as $$
     select to_timestamp((${NEWEST.getTime()} - n * ${EVERY_MS}) / 1000.0) $$`,
  `create function pg_temp.born(prefix text, n bigint) returns text language sql immutable as $$
     select prefix || '_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', (((${NEWEST.getTime()} - n * ${EVERY_MS}) >> (45 - 5 * p)) % 32)::int + 1, 1), '' order by p)
            || lpad(n::text, 16, '0') from generate_series(0, 9) p $$`,
];

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Plan[];
}
interface Asked {
  sql: string;
  values: unknown[];
}
const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

/** `em`, and every statement that goes through it. */
function overheard(em: EntityManager): { em: EntityManager; asked: Asked[] } {
  const asked: Asked[] = [];
  const heard = new Proxy(em, {
    get(target, name) {
      if (name === 'execute')
        return (sql: string, values: unknown[] = []) => {
          asked.push({ sql, values });
          return target.execute(sql, values);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { em: heard, asked };
}

const explained = async (em: EntityManager, { sql, values }: Asked, analyze: boolean): Promise<Plan> => {
  const [row] = await em.execute<{ 'QUERY PLAN': { Plan: Plan }[] }[]>(
    `${PLANNED_ANEW} explain (${analyze ? 'analyze, buffers, ' : ''}format json) ${sql}`,
    values,
  );
  const plan = row?.['QUERY PLAN'][0]?.Plan;
  if (!plan) throw new Error('no plan');
  return plan;
};

const STAFF: Actor = { type: 'admin', id: 'anna' };

/**
 * A page of a list and the one after it: no statement of theirs reads a table whole, but for those of `small`, and none touches
 * more than `mostBlocks` pages of 8 KiB.
 */
export async function expectPagesByIndex(
  { uow }: { uow: Pick<UnitOfWork, 'reader'> },
  work: Query,
  question: object,
  options: { caller?: Actor; small?: readonly string[]; mostBlocks?: number } = {},
): Promise<void> {
  const { caller = STAFF, small = [], mostBlocks = 6_000 } = options;
  const cursors = new Cursors('of this test');
  const { em, asked } = overheard(uow.reader());
  const read = async (more: object) =>
    (await work.run(em, work.schema.parse({ ...question, ...more }) as never, caller, { cursors })).body as {
      data: unknown[];
      nextCursor: string | null;
    };
  const { nextCursor } = await read({});
  if (nextCursor !== null) await read({ cursor: nextCursor });
  for (const statement of asked) {
    const plan = await explained(uow.reader(), statement, true);
    expect(readWhole(plan, small)).toEqual([]);
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(mostBlocks);
  }
}

/** No statement of a command reads a table whole, but for those of `small`; what it did is taken back. */
export async function expectCommandByIndex(
  { uow, runtime }: ServiceGround,
  work: Command,
  body: object,
  small: readonly string[] = [],
): Promise<void> {
  const plans: Plan[] = [];
  const takenBack = new Error('taken back');
  const ran = uow.run(async (own, after) => {
    const { em, asked } = overheard(own);
    const ctx = { ...runtime.context(em, after, null), actor: STAFF };
    await work.run(ctx, work.schema.parse(body) as never, { ifMatch: null });
    for (const statement of asked) plans.push(await explained(own, statement, false));
    throw takenBack;
  });
  await expect(ran).rejects.toBe(takenBack);
  expect(plans.length).toBeGreaterThan(0);
  for (const plan of plans) expect(readWhole(plan, small)).toEqual([]);
}

const readWhole = (plan: Plan, small: readonly string[]): string[] =>
  nodes(plan)
    .filter((node) => node['Node Type'] === 'Seq Scan' && !small.includes(node['Relation Name'] ?? ''))
    .map((node) => node['Relation Name'] ?? '');
