import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createLog, Retention } from '@oms/chassis';
import { paymentRetention } from '../src/persistence/retention.js';
import { Payments } from './payments.js';

let payments: Payments;
beforeAll(async () => {
  payments = await Payments.start();
});
afterAll(() => payments?.ground.stop());

const sql = (text: string) => payments.ground.sql<{ id: string }>(text);
const retention = () =>
  new Retention({
    uow: payments.ground.uow,
    schema: 'payments',
    rules: { outboxDays: 30, inboxDays: 30, idempotencyHours: 48 },
    own: paymentRetention(90),
    everyMs: 60_000,
    log: createLog('test', 'silent'),
  });

it('what the provider told goes when it is past its time, in batches, and a young one stays to be known again', async () => {
  await sql(`insert into payments.provider_webhook (id, body, received_at)
             select 'old-' || n, '{}', now() - interval '91 days' from generate_series(1, 1200) n`);
  await sql(
    `insert into payments.provider_webhook (id, body, received_at) values ('young', '{}', now() - interval '89 days')`,
  );
  const job = retention();
  await job.prune();
  expect(await sql('select id from payments.provider_webhook')).toEqual([{ id: 'young' }]);
  expect(job.pruned).toMatchObject({ provider_webhook: 1_200 });
});

it('old runs of the reconciler go, but never the last one that was finished, nor one that is under way', async () => {
  const run = (started: string, finished: string | null) =>
    sql(`insert into payments.reconciliation (started_at, finished_at)
         values (now() - interval '${started}', ${finished ? `now() - interval '${finished}'` : 'null'}) returning id`);
  await run('200 days', '200 days');
  await run('150 days', null);
  const [last] = await run('100 days', '100 days');
  const [underWay] = await run('1 minute', null);
  await retention().prune();
  expect(await sql('select id from payments.reconciliation order by id')).toEqual([last, underWay]);
  await run('1 minute', '1 minute');
  await retention().prune();
  expect((await sql('select id from payments.reconciliation')).map(({ id }) => id)).not.toContain(last?.id);
});
