import type { Configuration, LoggingOptions, Transaction } from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { CompiledQuery, type PostgresDialect } from 'kysely';
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import pg from 'pg';
import { givingBack } from './lost-connections.js';

/** Statements a connection keeps prepared; a text that is seen when it is full goes unprepared. Bounds the backend's memory. */
const MOST_PREPARED = 256;
/** Longer texts are inserts of many rows: hardly ever the same twice. */
const LONGEST_PREPARED = 4_000;
const MOST_REMEMBERED = 1_000;

/**
 * A text that begins with this is never prepared: Postgres plans it for the values of the moment. Lists need that: the index
 * that serves a rare word is the wrong one for a common word, and a prepared statement would get one plan for both.
 */
export const PLANNED_ANEW = '/* planned anew */';

/** One statement, and none that makes a table or frames a transaction. */
const PREPARABLE = /^\s*(select|with|insert|update|delete)\b[^;]*$/i;

/**
 * The values of a text that needs none. Told from any other empty list, since where the ORM wrote values into a text, no
 * other has the same: preparing those would only use up the names.
 */
const NO_VALUES: unknown[] = [];

/**
 * Counts the changes of tables that this process met. A name that was prepared before one stands for columns that are no
 * longer all, and Postgres refuses it for as long as the connection lives.
 */
let tables = 0;

/** Postgres refuses a prepared statement whose table got a column meanwhile. Whoever asks again after this is given a new one. */
export const isStale = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === '0A000' && /cached plan/.test((error as Error).message);

/** What a client of pg has, and its types do not name. */
interface Inner {
  connection: { stream: Socket };
  /** `T` inside a transaction. */
  getTransactionStatus(): string | null;
}

/** A connection that prepares each text once and only binds it from then on. */
export class PreparedClient extends pg.Client {
  private readonly names = new Map<string, string>();
  private preparedFor = tables;

  override query(...args: unknown[]): never {
    const [text, values, ...rest] = args;
    const alone = (this as unknown as Inner).getTransactionStatus() !== 'T';
    const send = (...sent: unknown[]): never => this.watched(super.query.apply(this, sent as never));
    if (typeof text !== 'string' || !Array.isArray(values)) return send(...args);
    const name = values.length > 0 || values === NO_VALUES ? this.nameOf(text) : undefined;
    if (!name) return send(...args);
    const sent: unknown = send({ name, text, values }, ...rest);
    if (!alone || !(sent instanceof Promise)) return sent as never;
    return sent.catch((error: unknown) => {
      if (isStale(error)) return this.query(...args);
      throw error;
    }) as never;
  }

  /**
   * A connection that fell silent in the middle of a statement is of no more use: the pool must not hand it out again. And
   * what is prepared is, from one stale name on, prepared anew.
   */
  private watched(result: unknown): never {
    if (result instanceof Promise)
      result.catch((error: Error) => {
        if (isStale(error)) tables += 1;
        if (error.message === 'Query read timeout') (this as unknown as Inner).connection.stream.destroy();
      });
    return result as never;
  }

  private nameOf(text: string): string | undefined {
    if (this.preparedFor !== tables) {
      this.names.clear();
      this.preparedFor = tables;
    }
    const known = this.names.get(text);
    if (known || this.names.size >= MOST_PREPARED) return known;
    if (text.length > LONGEST_PREPARED || text.startsWith(PLANNED_ANEW) || !PREPARABLE.test(text))
      return undefined;
    const name = createHash('sha1').update(`${tables} ${text}`).digest('base64url');
    this.names.set(text, name);
    return name;
  }
}

/** A text with `?` as one with `$1 …`; null when it holds what can only be written into it (`??`, an escaped `?`). */
function numbered(sql: string): string | null {
  if (sql.includes('??') || sql.includes('\\?')) return null;
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}

/** What goes over the wire for a value; undefined for what the ORM has to write into the text itself (lists, raw SQL). */
function bound(value: unknown): string | number | boolean | null | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (value && Object.getPrototypeOf(value) === Object.prototype) return JSON.stringify(value);
  return undefined;
}

/**
 * The ORM writes every value into the text of its statement, so that Postgres parses and plans each one anew. Here values
 * go as parameters: less work on both sides (measured: ADR 7), and no value ever meets the parser.
 */
class BindingConnection extends PostgreSqlConnection {
  private readonly texts = new Map<string, string | null>();

  override createKyselyDialect(pool: pg.PoolConfig): PostgresDialect {
    const dialect = super.createKyselyDialect(pool);
    const createDriver = dialect.createDriver.bind(dialect);
    dialect.createDriver = () => givingBack(createDriver());
    return dialect;
  }

  override async execute<T>(
    query: unknown,
    params: unknown = [],
    method: 'all' | 'get' | 'run' = 'all',
    ctx?: Transaction,
    logging?: LoggingOptions,
  ): Promise<T> {
    const text = typeof query === 'string' && Array.isArray(params) ? this.textOf(query) : null;
    const given = params as unknown[];
    const values = text === null || given.length === 0 ? NO_VALUES : given.map(bound);
    // Without values a `?` is an operator of Postgres' own.
    const plain = given.length > 0 || text === query;
    if (text === null || !plain || values.includes(undefined))
      return super.execute(query as string, params as unknown[], method, ctx, logging) as Promise<T>;
    await this.ensureConnection();
    const client = (ctx ?? this.getClient()) as ReturnType<PostgreSqlConnection['getClient']>;
    return this.transformRawResult<T>(await client.executeQuery(CompiledQuery.raw(text, values)), method);
  }

  private textOf(sql: string): string | null {
    const known = this.texts.get(sql);
    if (known !== undefined) return known;
    const text = numbered(sql);
    if (this.texts.size < MOST_REMEMBERED) this.texts.set(sql, text);
    return text;
  }
}

/** The ORM's Postgres driver on a connection that binds. */
export class BindingDriver extends PostgreSqlDriver {
  constructor(config: Configuration) {
    super(config);
    // The base class names its connection's class itself and has no other way in.
    Object.assign(this, { connection: new BindingConnection(config) });
  }
}
