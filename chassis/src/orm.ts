import type { EntityClass, EntitySchema } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { BindingDriver, PreparedClient } from './prepared-statements.js';
import { CONNECT_MS, SILENCE_MS } from './session.js';
import { chassisMigrations } from './tables.js';

/** A schema: its tables as the ORM knows them, and how they came about. */
export interface SchemaDefinition {
  schema: string;
  entities: readonly (EntityClass<any> | EntitySchema<any>)[];
  migrations: readonly { name: string; class: new (...args: never[]) => object }[];
}

/** The ORM of one schema. Statements may take 10 s, locks 5 s, and a transaction may not idle: nobody holds a row for ever. */
export async function openOrm(
  options: SchemaDefinition & {
    databaseUrl: string;
    poolMax: number;
  },
): Promise<MikroORM> {
  return MikroORM.init({
    driver: BindingDriver,
    clientUrl: options.databaseUrl,
    schema: options.schema,
    entities: [...options.entities],
    extensions: [Migrator],
    migrations: {
      migrationsList: [...options.migrations, ...chassisMigrations(options.schema)] as never,
      snapshot: false,
      tableName: 'mikro_orm_migrations',
      transactional: true,
    },
    pool: { min: 1, max: options.poolMax },
    driverOptions: {
      Client: PreparedClient,
      statement_timeout: 10_000,
      lock_timeout: 5_000,
      idle_in_transaction_session_timeout: 15_000,
      // Without these two, whoever waits for a Postgres that fell silent waits for ever, and the pool is soon made of them.
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: SILENCE_MS,
      keepAlive: true,
    },
    discovery: { warnWhenNoEntities: false },
    batchSize: 2_500,
    // The migrator tells each migration twice, in colours, past our own log.
    logger: () => {},
  });
}

const MIGRATION_LOCK = 7_300;

/** Migrations of one schema, one runner at a time whatever starts together. */
export async function migrate(orm: MikroORM, databaseUrl: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1, hashtext($2))', [MIGRATION_LOCK, schema]);
    await orm.migrator.up();
  } finally {
    await client.end();
  }
}
