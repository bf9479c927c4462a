import { Migration } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/postgresql';
import { startPostgresPart, type Part } from '../../deploy/local/src/parts.ts';
import { migrate, openOrm } from '../src/orm.js';
import { chassisMigration } from '../src/tables.js';

/** The schema `shop`, with the chassis' own tables and what `further` statements make, on a Postgres of its own. */
export async function openShopSchema(options: {
  poolMax: number;
  further?: readonly string[];
}): Promise<{ postgres: Part; orm: MikroORM; close(): Promise<void> }> {
  class Tables extends Migration {
    override up(): void {
      this.addSql('create schema if not exists shop');
      for (const statement of [...chassisMigration('shop'), ...(options.further ?? [])])
        this.addSql(statement);
    }
  }
  const postgres = await startPostgresPart();
  const orm = await openOrm({
    databaseUrl: postgres.url,
    schema: 'shop',
    entities: [],
    migrations: [{ name: 'Tables', class: Tables }],
    poolMax: options.poolMax,
  });
  await migrate(orm, postgres.url, 'shop');
  return {
    postgres,
    orm,
    close: async () => {
      await orm.close();
      await postgres.stop();
    },
  };
}
