import type { EntityManager } from '@mikro-orm/postgresql';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Ctx } from './aggregate.js';
import type { Executor } from './execute.js';
import type { Log } from './log.js';
import type { AfterCommit, UnitOfWork } from './unit-of-work.js';

/** What a running service offers its own code. */
export interface Runtime {
  uow: UnitOfWork;
  nc: NatsConnection;
  log: Log;
  schema: string;
  databaseUrl: string;
  /** The context of work that no request asked for. */
  context(em: EntityManager, after: AfterCommit, causationId: string | null): Ctx;
  executor: Executor;
}
