import type { EntityManager } from '@mikro-orm/postgresql';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Ctx } from './aggregate.js';
import type { Executor } from './execute.js';
import type { Log } from './log.js';
import type { AfterCommit, UnitOfWork } from './unit-of-work.js';

/** What a running service offers its own code. */
export interface Runtime {
  /** Asks another service, as ourselves; only queries are answered. */
  ask(subject: string, body: object, timeoutMs: number): Promise<Msg>;
  uow: UnitOfWork;
  nc: NatsConnection;
  log: Log;
  schema: string;
  databaseUrl: string;
  /** The context of work that no request asked for. */
  context(em: EntityManager, after: AfterCommit, causationId: string | null): Ctx;
  executor: Executor;
}
