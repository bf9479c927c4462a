import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../src/testing/index.js';
import { UnitOfWork } from '../src/unit-of-work.js';
import { openShopSchema } from './shop-schema.ts';

const POOL = 3;
let shop: Awaited<ReturnType<typeof openShopSchema>>;
let uow: UnitOfWork;
let admin: pg.Client;

beforeAll(async () => {
  shop = await openShopSchema({ poolMax: POOL });
  uow = new UnitOfWork(shop.orm);
  admin = new pg.Client({ connectionString: shop.postgres.url });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await shop?.close();
});

const endAllSessions = () =>
  admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
                where backend_type = 'client backend' and pid <> pg_backend_pid()`);
/** Everything that the pool may have, at once. */
const fullPoolWorks = async () => {
  const sum = await Promise.all(
    Array.from({ length: POOL }, () =>
      uow.run(async (em) => {
        await em.execute('select pg_sleep(0.05)');
        return 1;
      }),
    ),
  );
  return sum.length === POOL;
};
const workAgain = () => eventually('the pool is whole', () => fullPoolWorks().catch(() => false), 60_000);

describe('a pool whose sessions are ended', () => {
  it('has all its places again after transactions that could not even be rolled back', async () => {
    for (let round = 0; round <= POOL; round += 1) {
      const lost = uow.run(async (em) => {
        await em.execute('select 1');
        await endAllSessions();
        await em.execute('select 1');
      });
      await expect(lost).rejects.toThrow();
    }
    await workAgain();
  });

  it('has all its places again after transactions that could not begin or commit', async () => {
    let going = true;
    const loops = Array.from({ length: 2 * POOL }, async () => {
      while (going) await uow.run((em) => em.execute('select 1')).catch(() => {});
    });
    for (let round = 0; round < 40; round += 1) await endAllSessions();
    going = false;
    await Promise.all(loops);
    await workAgain();
  });
});
