import type { Driver, TransactionSettings } from 'kysely';

type Connection = Parameters<Driver['releaseConnection']>[0];

/**
 * Gives a connection back to the pool also when its transaction could neither begin nor be rolled back. Kysely 0.29 keeps it
 * in both cases, so that each session which Postgres ends inside a transaction cost the pool a place for good, and a service
 * that lost ten of them answered nothing any more. A rollback that fails has happened: its session is gone. Given back, a
 * broken connection is thrown away by the pool.
 */
export function givingBack(driver: Driver): Driver {
  const begin = driver.beginTransaction.bind(driver);
  const rollback = driver.rollbackTransaction.bind(driver);
  driver.beginTransaction = async (connection: Connection, settings: TransactionSettings) => {
    try {
      await begin(connection, settings);
    } catch (error) {
      await driver.releaseConnection(connection);
      throw error;
    }
  };
  driver.rollbackTransaction = (connection: Connection) => rollback(connection).catch(() => {});
  return driver;
}
