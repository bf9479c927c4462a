import type { EntityManager } from '@mikro-orm/postgresql';
import type { ReconciliationRun } from '@oms/contracts';
import type { OwnOperation } from '../domain/reconciliation.js';

/** Our side of a difference; an operation, or a whole payment where `kind` is null. */
export interface OwnSide {
  kind: string | null;
  paymentId: string;
  amount: number;
  currency: string;
  state: string | null;
}

/** An operation that was touched within this time is still under way, and its other side may be too. */
const GRACE = `interval '60 seconds'`;
/** A run that did not finish in this time died. */
const ABANDONED = `interval '30 minutes'`;
const ONE_AT_A_TIME = 7_400;

/** Opens a run, whatever else runs. */
export async function begin(em: EntityManager): Promise<number> {
  const [row] = await em.execute<{ id: string }[]>(
    `insert into payments.reconciliation default values returning id`,
  );
  return Number(row?.id);
}

/** Opens a run unless one was begun within `everyMs`, here or in another replica; null when it is not due. */
export async function beginWhenDue(em: EntityManager, everyMs: number): Promise<number | null> {
  await em.execute(`select pg_advisory_xact_lock(?)`, [ONE_AT_A_TIME]);
  const [row] = await em.execute<{ id: string }[]>(
    `insert into payments.reconciliation (started_at) select now() where not exists (
       select 1 from payments.reconciliation where started_at > now() - ? * interval '1 millisecond'
          and (finished_at is not null or started_at > now() - ${ABANDONED})) returning id`,
    [everyMs],
  );
  return row ? Number(row.id) : null;
}

/** What we know of these keys, each marked as seen by the run. */
export async function ownOperations(
  em: EntityManager,
  run: number,
  keys: readonly string[],
): Promise<Map<string, OwnOperation>> {
  const rows = await em.execute<
    (Omit<OwnOperation, 'paymentId' | 'underWay'> & {
      key: string;
      payment_id: string;
      under_way: boolean;
    })[]
  >(
    `update payments.operation o set seen_in = greatest(coalesce(o.seen_in, 0), ?) from payments.payment p
      where p.id = o.payment_id and o.key in (select value from json_array_elements_text(?::json))
     returning o.key, o.kind, o.payment_id, o.amount::bigint as amount, p.currency, o.state,
               greatest(o.created_at, o.next_at) > now() - ${GRACE} as under_way`,
    [run, JSON.stringify(keys)],
  );
  return new Map(
    rows.map(({ key, payment_id, under_way, amount, ...own }) => [
      key,
      { ...own, amount: Number(amount), paymentId: payment_id, underWay: under_way },
    ]),
  );
}

type Side = {
  key: string;
  kind: string | null;
  payment_id: string;
  amount: string;
  currency: string;
  state: string | null;
};
const sides = (rows: Side[]): (OwnSide & { key: string })[] =>
  rows.map(({ payment_id, amount, ...own }) => ({ ...own, paymentId: payment_id, amount: Number(amount) }));

/** What we count as done, or asked for and heard of, before the run began, and the provider's book did not show. */
export async function notSeen(em: EntityManager, run: number): Promise<(OwnSide & { key: string })[]> {
  return sides(
    await em.execute<Side[]>(
      `select o.key, o.kind, o.payment_id, o.amount, p.currency, o.state
         from payments.operation o join payments.payment p on p.id = o.payment_id, payments.reconciliation r
        where r.id = ? and o.state in ('succeeded', 'declined', 'pending') and coalesce(o.seen_in, 0) < r.id
          and coalesce(o.closed_at, o.created_at) < r.started_at
          and not (o.kind = 'authorize' and o.code = 'token_erased')
        order by o.id limit 10000`,
      [run],
    ),
  );
}

const REFUNDED = `(select coalesce(sum((r->>'amount')::bigint), 0) from jsonb_array_elements(p.refunds) r where r->>'status' = 'succeeded')`;
const CHARGED_BACK = `(select coalesce(sum((c->>'amount')::bigint), 0) from jsonb_array_elements(p.chargebacks) c where c->>'status' <> 'won')`;

/** Payments of which refunds and chargebacks together took more than was captured. */
export async function givenBackTwice(em: EntityManager): Promise<OwnSide[]> {
  return sides(
    await em.execute<Side[]>(
      `select p.id as key, null as kind, p.id as payment_id, ${REFUNDED} + ${CHARGED_BACK} - p.captured_amount as amount,
              p.currency, p.status as state
         from payments.payment p where p.chargebacks <> '[]' and ${REFUNDED} + ${CHARGED_BACK} > p.captured_amount`,
    ),
  );
}

/** Payments through a provider whose sums are not those of their operations. */
export async function wrongSums(em: EntityManager): Promise<OwnSide[]> {
  return sides(
    await em.execute<Side[]>(
      `select p.id as key, null as kind, p.id as payment_id, p.captured_amount - p.refunded_amount as amount, p.currency, p.status as state
         from payments.payment p left join (
           select payment_id, sum(amount) filter (where kind = 'capture') as captured, sum(amount) filter (where kind = 'refund') as refunded
             from payments.operation where state = 'succeeded' group by payment_id) o on o.payment_id = p.id
        where p.provider <> 'manual'
          and (p.captured_amount <> coalesce(o.captured, 0) or p.refunded_amount <> coalesce(o.refunded, 0))`,
    ),
  );
}

interface RunRow {
  id: string;
  started_at: Date;
  finished_at: Date | null;
  effects: number;
  difference_count: number;
  differences: ReconciliationRun['differences'];
}
const toRun = (row: RunRow): ReconciliationRun => ({
  id: Number(row.id),
  startedAt: new Date(row.started_at).toISOString(),
  finishedAt: row.finished_at && new Date(row.finished_at).toISOString(),
  effects: row.effects,
  differenceCount: row.difference_count,
  differences: row.differences,
});

export async function finish(
  em: EntityManager,
  run: number,
  result: Pick<ReconciliationRun, 'effects' | 'differenceCount' | 'differences'>,
): Promise<ReconciliationRun> {
  const [row] = await em.execute<RunRow[]>(
    `update payments.reconciliation set finished_at = now(), effects = ?, difference_count = ?, differences = ?::jsonb where id = ? returning *`,
    [result.effects, result.differenceCount, JSON.stringify(result.differences), run],
  );
  if (!row) throw new Error(`reconciliation ${run} is gone`);
  return toRun(row);
}

/** The last runs, newest first. */
export async function lastRuns(em: EntityManager, limit: number): Promise<ReconciliationRun[]> {
  const rows = await em.execute<RunRow[]>(`select * from payments.reconciliation order by id desc limit ?`, [
    limit,
  ]);
  return rows.map(toRun);
}

/** Differences that the last finished run found; null before the first. */
export async function lastDifferences(em: EntityManager): Promise<number | null> {
  const [row] = await em.execute<{ difference_count: number }[]>(
    `select difference_count from payments.reconciliation where finished_at is not null order by id desc limit 1`,
  );
  return row?.difference_count ?? null;
}

/** Seconds since the last finished run; null before the first. */
export async function lastAgeS(em: EntityManager): Promise<number | null> {
  const [row] = await em.execute<{ age: string | null }[]>(
    `select extract(epoch from now() - max(finished_at)) as age from payments.reconciliation`,
  );
  return row?.age ? Number(row.age) : null;
}
