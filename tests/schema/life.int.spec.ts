import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { migrate, openOrm } from '@oms/chassis';
import pg from 'pg';
import { startPostgresPart, type Part } from '../../deploy/local/src/parts.ts';
import { migrations as notifications } from '../../services/notification-service/src/persistence/migrations.js';
import { migrations as orders } from '../../services/order-service/src/persistence/migrations.js';
import { migrations as payments } from '../../services/payment-service/src/persistence/migrations.js';
import { migrations as returns } from '../../services/return-service/src/persistence/migrations.js';

const lists = { orders, returns, payments, notifications };

/** What a statement of the release before may rely on: a column by its table, its type and what it may hold. */
interface Column {
  name: string;
  type: string;
  nullable: boolean;
  filled: boolean;
}

let postgres: Part;
let client: pg.Client;
const open: MikroORM[] = [];

beforeAll(async () => {
  postgres = await startPostgresPart();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
});
afterAll(async () => {
  for (const orm of open) await orm.close();
  await client?.end();
  await postgres?.stop();
});

async function columnsOf(schema: string): Promise<Map<string, Column>> {
  const { rows } = await client.query<Column>(
    `select table_name || '.' || column_name as name, data_type as type, is_nullable = 'YES' as nullable,
            column_default is not null or is_identity = 'YES' or is_generated = 'ALWAYS' as filled
       from information_schema.columns where table_schema = $1`,
    [schema],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

/** Types that are cast from what the release before writes, and read by it as the same. */
const ALIKE = new Set(['jsonb → json']);

/** Checks and foreign keys: what a row of the release before could fail at. */
async function rulesOf(schema: string): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select c.relname || ': ' || pg_get_constraintdef(k.oid) as name,
            array(select c.relname || '.' || a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = any(k.conkey))::text[] as columns
       from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and k.contype in ('c', 'f')`,
    [schema],
  );
  return new Map(rows.map((row) => [row.name, row.columns]));
}

it.each(Object.entries(lists))(
  'every migration of %s only adds, so that the release before works on beside the new one',
  async (schema, list) => {
    await client.query(`create schema "${schema}"`);
    const orm = await openOrm({
      databaseUrl: postgres.url,
      schema,
      entities: [],
      migrations: list,
      poolMax: 2,
    });
    open.push(orm);
    const faults: string[] = [];
    for (const { name } of await orm.migrator.getPending()) {
      const [before, rules] = [await columnsOf(schema), await rulesOf(schema)];
      await orm.migrator.up({ migrations: [name] });
      const [after, newRules] = [await columnsOf(schema), await rulesOf(schema)];
      const known = new Set([...before.keys()].map((column) => column.split('.')[0]));
      for (const [column, was] of before) {
        const is = after.get(column);
        if (!is) faults.push(`${name} takes ${column} away`);
        else if (is.type !== was.type && !ALIKE.has(`${was.type} → ${is.type}`))
          faults.push(`${name} makes ${column} ${is.type}, it was ${was.type}`);
        else if (was.nullable && !is.nullable) faults.push(`${name} demands ${column}`);
        else if (was.filled && !is.filled) faults.push(`${name} does not fill ${column} by itself any more`);
      }
      for (const [column, is] of after)
        if (!before.has(column) && known.has(column.split('.')[0]) && !is.nullable && !is.filled)
          faults.push(`${name} demands the new ${column}, which the release before does not write`);
      // A rule on new columns only can not fail for a release that does not write them.
      for (const [rule, columns] of newRules)
        if (
          !rules.has(rule) &&
          columns.some((column) => before.has(column)) &&
          !isWider(rule, [...rules.keys()])
        )
          faults.push(`${name} restricts what the release before may write: ${rule}`);
    }
    expect(faults).toEqual([]);
  },
  120_000,
);

/** A check of a list that lets pass all that its predecessor let pass. */
function isWider(rule: string, before: readonly string[]): boolean {
  const values = (text: string): string[] => [...text.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '');
  const shape = (text: string): string => text.replace(/ARRAY\[.*\]/, '[]');
  return before.some(
    (old) => shape(old) === shape(rule) && values(old).every((value) => values(rule).includes(value)),
  );
}

it('migrations that start at the same moment run once', async () => {
  const schema = 'returns_twice';
  await client.query(`create schema ${schema}`);
  const make = () => openOrm({ databaseUrl: postgres.url, schema, entities: [], migrations: [], poolMax: 2 });
  const orms = await Promise.all([make(), make(), make()]);
  open.push(...orms);
  await client.query(
    `create table ${schema}.inbox (event_id text primary key, aggregate_type text, aggregate_id text, agg_seq int, type text, state text, received_at timestamptz, started_attempts int, finished_attempts int)`,
  );
  await client.query(`create table ${schema}.saga (id text, kind text, state text)`);
  await client.query(`create table ${schema}.idempotency (created_at timestamptz, answer jsonb)`);
  await client.query(`create table ${schema}.history (id bigint)`);
  await Promise.all(orms.map((orm) => migrate(orm, postgres.url, schema)));
  const { rows } = await client.query<{ name: string }>(`select name from ${schema}.mikro_orm_migrations`);
  expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(0);
});
