import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@oms/chassis/testing';
import { schemas } from '../../tools/src/verify/books.ts';
import { faults } from './faults.ts';
import { Ground } from './ground.ts';
import { runFault } from './run.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.start({ replicas: 2, nextRelease: true });
}, 180_000);
afterAll(() => ground?.close(), 60_000);

const names = async (schema: string): Promise<string[]> =>
  (await ground.books.query<{ name: string }>(`select name from "${schema}".mikro_orm_migrations`)).map(
    (row) => row.name,
  );

/** How many events each release told. */
const told = () =>
  ground.books.query<{ schema: string; by_next: boolean; count: string }>(
    `select schema, payload ? 'toldByNextRelease' as by_next, count(*) from all_outbox where schema <> 'notifications' group by 1, 2 order by 1, 2`,
  );

describe('this release and the next one side by side, on the same schemas', () => {
  it('migrate once each, whoever came first', async () => {
    for (const schema of Object.values(schemas)) {
      const run = await names(schema);
      expect(run).toContain('NextRelease');
      expect(new Set(run).size).toBe(run.length);
    }
  });

  it.each(['nothing', 'everything-dies'])(
    'share the work and break nothing: %s',
    async (name) => {
      const fault = faults.find((one) => one.name === name);
      if (!fault) throw new Error(`no fault ${name}`);
      const { broken } = await runFault(ground, fault, { seed: 1, rounds: 1 });
      expect(broken).toEqual([]);
      expect((await told()).map(({ schema, by_next }) => `${schema} ${by_next}`)).toEqual(
        ['orders', 'payments', 'returns'].flatMap((schema) => [`${schema} false`, `${schema} true`]),
      );
    },
    300_000,
  );

  it('and this one starts again on the schemas of the next, as in a rollback', async () => {
    for (const name of ground.named(/-service$/)) {
      const before = ground.signal(name, 'SIGTERM');
      await eventually(
        `${name} is back`,
        async () => ground.pid(name) !== before && (await ground.notReady()).length === 0,
        60_000,
      );
    }
  }, 300_000);
});
