import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';

/**
 * The yardstick: the rows that one created order leaves behind (order, lines, history, outbox, saga, stored answer),
 * written again with fresh ids in one transaction straight to the same Postgres, with as many connections as there are
 * callers. It is the least that any implementation with these guarantees has to do.
 */
export class Baseline {
  private readonly pool: pg.Pool;
  private readonly rows: { table: string; json: string }[];
  private readonly ids: string[];

  private constructor(pool: pg.Pool, rows: { table: string; json: string }[], ids: string[]) {
    this.pool = pool;
    this.rows = rows;
    this.ids = ids;
  }

  /** Copies the empty shape of every table that holds a row of `orderId`, with its indexes, into the schema `bench`. */
  static async of(url: string, orderId: string, connections: number): Promise<Baseline> {
    const pool = new pg.Pool({ connectionString: url, max: connections });
    await pool.query('drop schema if exists bench cascade; create schema bench');
    const { rows: columns } = await pool.query<{ table: string; column: string }>(
      `select table_name as table, min(column_name) filter (where column_name in ('order_id', 'aggregate_id', 'id', 'correlation_id')) as column
         from information_schema.columns where table_schema = 'orders' group by table_name`,
    );
    const kept: { table: string; json: string }[] = [];
    for (const { table } of columns) {
      const { rows } = await pool.query<{ json: string | null }>(
        `select json_agg(t)::text as json from orders."${table}" t where t::text like '%' || $1 || '%'`,
        [orderId],
      );
      const json = rows[0]?.json;
      if (!json) continue;
      await pool.query(
        `create table bench."${table}" (like orders."${table}" including defaults including indexes including identity)`,
      );
      kept.push({ table, json });
    }
    const ids = [
      ...new Set(kept.flatMap(({ json }) => json.match(/\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g) ?? [])),
    ];
    return new Baseline(pool, kept, ids);
  }

  get tables(): string[] {
    return this.rows.map((row) => row.table);
  }

  /** One transaction: the same rows, with new ids, numbers and keys. */
  async write(): Promise<void> {
    const mark = randomBytes(6).toString('hex');
    const fresh = new Map(
      this.ids.map((id, index) => [
        id,
        `${id.slice(0, 6)}${mark}${String(index).padStart(8, '0')}${id.slice(26)}`,
      ]),
    );
    // Whatever the client chose for the idempotency key.
    const key = randomUUID();
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      for (const { table, json } of this.rows) {
        const renamed = json
          .replace(/\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g, (id) => fresh.get(id) ?? id)
          .replace(/ORD-\d+/g, `ORD-${mark}`)
          .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, key);
        await client.query({
          name: `bench-${table}`,
          text: `insert into bench."${table}" overriding user value select * from json_populate_recordset(null::bench."${table}", $1)`,
          values: [renamed],
        });
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }

  async close(): Promise<void> {
    await this.pool.query('drop schema bench cascade');
    await this.pool.end();
  }
}
