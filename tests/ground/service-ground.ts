import './one-realm.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import {
  createLog,
  Executor,
  migrate,
  newId,
  openOrm,
  UnitOfWork,
  type Command,
  type Query,
  type RpcReply,
  type Runtime,
  type ServiceDefinition,
} from '@oms/chassis';
import type { Actor } from '@oms/contracts';
import pg from 'pg';
import { startPostgresPart } from '../../deploy/local/src/parts.ts';

const PATIENCE_MS = 60_000;

/** A service's own command path on a Postgres of its own: migrated, without a broker. */
export interface ServiceGround {
  databaseUrl: string;
  orm: MikroORM;
  uow: UnitOfWork;
  executor: Executor;
  /** What the service's own loops get; it has no broker. */
  runtime: Runtime;
  /** Answers the rows of a statement. */
  sql<T = Record<string, unknown>>(text: string, values?: unknown[]): Promise<T[]>;
  /** A request of a caller. */
  sendAs(actor: Actor, work: Command | Query, body: object): Promise<RpcReply>;
  /** A request as staff send it. */
  send(work: Command | Query, body: object, key?: string | null): Promise<RpcReply>;
  /** One that comes again after a 503: of many at once, some wait longer than a lock or a connection is waited for. */
  insist(work: Command | Query, body: object, key?: string | null): Promise<RpcReply>;
  stop(): Promise<void>;
}

export async function startGround(definition: ServiceDefinition): Promise<ServiceGround> {
  const { schema, name } = definition;
  const postgres = await startPostgresPart();
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(`create schema ${schema}`);
  await admin.end();
  const orm = await openOrm({ ...definition, databaseUrl: postgres.url, poolMax: 12 });
  await migrate(orm, postgres.url, schema);
  const uow = new UnitOfWork(orm);
  const log = createLog(name, 'silent');
  const executor = new Executor({ uow, schema, service: name, log, wrote: () => {} });
  const runtime = {
    uow,
    log,
    schema,
    databaseUrl: postgres.url,
    executor,
    context: (em, after, causationId) => executor.context(em, after, { causationId }),
  } as Runtime;
  const sendAs = (actor: Actor, work: Command | Query, body: object, key: string | null = null) =>
    executor.execute(work, {
      body,
      actor: { ...actor, scopes: null },
      requestId: newId('msg'),
      idempotencyKey: key,
      idempotencyScope: null,
      ifMatch: null,
    });
  const send: ServiceGround['send'] = (work, body, key = null) =>
    sendAs({ type: work.access === 'internal' ? 'system' : 'admin', id: 'test' }, work, body, key);
  return {
    databaseUrl: postgres.url,
    orm,
    uow,
    executor,
    runtime,
    sql: (text, values = []) => uow.reader().execute(text, values),
    sendAs,
    send,
    insist: async (work, body, key = null) => {
      for (const until = Date.now() + PATIENCE_MS; ;) {
        const reply = await send(work, body, key);
        if (reply.ok || reply.failure.code !== 'service_unavailable' || Date.now() > until) return reply;
      }
    },
    stop: async () => {
      await orm.close();
      await postgres.stop();
    },
  };
}
