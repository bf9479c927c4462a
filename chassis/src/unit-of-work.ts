import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { isStale } from './prepared-statements.js';

/** Work to do once the transaction is durable: waking the relay, starting a call to the outside. Never before. */
export type AfterCommit = (fn: () => void) => void;

/** The one opener of transactions. */
export class UnitOfWork {
  private readonly orm: MikroORM;

  constructor(orm: MikroORM) {
    this.orm = orm;
  }

  /**
   * Runs `work` in one transaction (read committed) on an entity manager of its own, and its `after` hooks once the
   * commit is acknowledged. Throws what `work` or the commit throws; then nothing of it stays and no hook runs.
   */
  async run<T>(work: (em: EntityManager, after: AfterCommit) => Promise<T>): Promise<T> {
    const once = async (): Promise<T> => {
      const hooks: (() => void)[] = [];
      const result = await this.orm.em
        .fork()
        .transactional((em) => work(em as EntityManager, (hook) => hooks.push(hook)));
      for (const hook of hooks) hook();
      return result;
    };
    try {
      return await once();
    } catch (error) {
      // The tables changed under a prepared statement, as they do when the next release is rolled out: nothing was done.
      if (isStale(error)) return once();
      throw error;
    }
  }

  /** An entity manager for reading, outside any transaction. */
  reader(): EntityManager {
    return this.orm.em.fork();
  }
}

/**
 * Runs `work` in a savepoint of the transaction of `em`, with nothing kept of what was loaded outside it: what it throws
 * undoes its part alone.
 */
export const savepoint = <T>(em: EntityManager, work: (em: EntityManager) => Promise<T>): Promise<T> =>
  em.transactional((inner) => work(inner), { clear: true });
