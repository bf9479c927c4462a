import type { Books } from './books.ts';

/** A promise of the whole system, as a question that nothing may answer: each row found breaks it. */
export interface Invariant {
  name: string;
  /** `always`: at any moment, whatever is under way; `at rest`: once nothing moves any more. */
  holds: 'always' | 'at rest';
  /** Rows that break it, each with what is needed to find it. */
  sql: string;
}

const REFUNDS = `payments.payment p, jsonb_array_elements(p.refunds) r`;
/** Steps in which a saga waits for the payments, and is stuck when nothing of them is under way. */
const WAITS_FOR_MONEY = `('awaiting_payment', 'giving_back', 'refunding')`;
const PUBLIC_SEQUENCES = [
  ['orders', 'order', 'orders.orders'],
  ['payments', 'payment', 'payments.payment'],
  ['returns', 'return', 'returns.return'],
]
  .map(
    ([schema, type, table]) =>
      `select '${schema}' as schema, '${type}' as aggregate_type, id as aggregate_id, event_seq from ${table}`,
  )
  .join(' union all ');

export const invariants: readonly Invariant[] = [
  {
    name: 'no payment gives back more than it took, counting what is on its way',
    holds: 'always',
    sql: `select p.id, p.captured_amount, sum((r->>'amount')::bigint) as given from ${REFUNDS}
           where r->>'status' <> 'failed' group by p.id having sum((r->>'amount')::bigint) > p.captured_amount`,
  },
  {
    name: 'what a payment says it gave back is the sum of its refunds',
    holds: 'always',
    sql: `select p.id, p.refunded_amount from payments.payment p
           where p.refunded_amount <> (select coalesce(sum((r->>'amount')::bigint), 0) from jsonb_array_elements(p.refunds) r where r->>'status' = 'succeeded')`,
  },
  {
    name: 'no more of a line comes back than was delivered',
    holds: 'always',
    sql: `select id, delivered, returned from orders.order_item where returned > delivered
          union all select id, delivered, held + returned from returns.order_line_snapshot where held + returned > delivered`,
  },
  {
    name: 'a return is paid once, and no other sum than it says',
    holds: 'always',
    sql: `select t.id, t.refund_amount, paid.amount from returns.return t
            join (select r->>'returnId' as return_id, sum((r->>'amount')::bigint) as amount from ${REFUNDS}
                   where r->>'status' <> 'failed' and r->>'returnId' is not null and r->>'reason' = 'return' group by 1) paid on paid.return_id = t.id
           where paid.amount > t.refund_amount`,
  },
  {
    name: 'the provider made nothing twice',
    holds: 'always',
    sql: `select key, count(*) from provider_effect group by key having count(*) > 1
          union all
          select reference || ' ' || operation, count(*) from provider_effect
           where outcome = 'succeeded' and operation in ('authorize', 'void') group by reference, operation having count(*) > 1`,
  },
  {
    name: "the provider's ledger is ours, effect by effect",
    holds: 'at rest',
    sql: `select coalesce(e.key, o.key) as key, e.amount, e.outcome, o.amount as ours, o.state
            from (select * from provider_effect where operation not like 'chargeback%') e
            full join (select * from payments.operation where state in ('succeeded', 'declined', 'pending') and code is distinct from 'token_erased') o on o.key = e.key
           where e.key is null or o.key is null or e.amount <> o.amount or e.outcome <> o.state`,
  },
  {
    name: "the provider's ledger is ours, payment by payment",
    holds: 'at rest',
    sql: `select coalesce(p.id, e.reference) as id, p.captured_amount, e.captured, p.refunded_amount, e.refunded
            from payments.payment p
            full join (select reference, coalesce(sum(amount) filter (where operation = 'capture'), 0) as captured,
                              coalesce(sum(amount) filter (where operation = 'refund'), 0) as refunded
                         from provider_effect where outcome = 'succeeded' group by reference) e on e.reference = p.id
           where p.id is null or p.provider <> 'manual'
             and (p.captured_amount <> coalesce(e.captured, 0) or p.refunded_amount <> coalesce(e.refunded, 0))`,
  },
  {
    name: 'nothing asked of the provider is left open',
    holds: 'at rest',
    sql: `select key, state, attempts, code from payments.operation where state not in ('succeeded', 'declined')
          union all
          select a.order_id, a.wanted_for, 0, 'waits for a capture that nobody is making' from payments.awaits_capture a
           where not exists (select from payments.payment p where p.order_id = a.order_id and p.status in ('pending', 'authorized'))`,
  },
  {
    name: 'what came back of a line is the same in the books of orders and of returns',
    holds: 'at rest',
    sql: `select l.id, l.returned as orders_say, coalesce(r.returned, 0) as returns_say from orders.order_item l
            left join (select i.order_item_id, sum(i.returned) as returned from returns.return_item i
                         join returns.return t on t.id = i.return_id where t.status = 'refunded' group by 1) r on r.order_item_id = l.id
           where l.returned <> coalesce(r.returned, 0)`,
  },
  {
    name: 'a refunded return has its money, to the penny',
    holds: 'at rest',
    sql: `select t.id, t.refund_amount, paid.amount from returns.return t
            left join (select r->>'returnId' as return_id, sum((r->>'amount')::bigint) as amount from ${REFUNDS}
                        where r->>'status' = 'succeeded' group by 1) paid on paid.return_id = t.id
           where t.status = 'refunded' and t.refund_method = 'original' and t.refund_amount <> coalesce(paid.amount, 0)`,
  },
  {
    name: 'every saga is finished, waits before its deadline, or stands in needs_attention',
    holds: 'at rest',
    sql: `select schema, kind, aggregate_id, step, deadline_name, deadline_at from all_saga
           where state = 'running' and deadline_at < now() - interval '5 seconds'`,
  },
  {
    name: 'no saga waits for money that nobody is moving',
    holds: 'at rest',
    sql: `select s.schema, s.kind, s.aggregate_id, s.step from all_saga s left join returns.return t on t.id = s.aggregate_id
           where s.state = 'running' and s.step in ${WAITS_FOR_MONEY}
             and not exists (select from payments.operation o join payments.payment p on p.id = o.payment_id
                              where p.order_id = coalesce(t.order_id, s.aggregate_id) and o.state not in ('succeeded', 'declined'))
             and not exists (select from payments.awaits_capture a where a.request ->> 'returnId' = s.aggregate_id)`,
  },
  {
    name: 'every event of an outbox is in the stream, and marked as sent',
    holds: 'at rest',
    sql: `select o.schema, o.event_id, o.type, o.published_at from all_outbox o
           where o.published_at is null or not exists (select from stream_event e where e.event_id = o.event_id)`,
  },
  {
    name: 'every event of the stream is in an outbox, or was put in as poison',
    holds: 'at rest',
    sql: `select e.stream_seq, e.event_id, e.type from stream_event e
           where not exists (select from all_outbox o where o.event_id = e.event_id) and not exists (select from poison p where p.aggregate_id = e.aggregate_id)`,
  },
  {
    name: 'what the stream says of an event is what was committed',
    holds: 'at rest',
    sql: `select e.stream_seq, e.event_id from stream_event e join all_outbox o on o.event_id = e.event_id
           where e.payload <> o.payload or e.agg_seq <> o.agg_seq or e.aggregate_id <> o.aggregate_id or e.type <> o.type`,
  },
  {
    name: 'the sequence of every aggregate is without a gap, and as long as the aggregate says',
    holds: 'always',
    sql: `select a.*, o.events, o.last from (${PUBLIC_SEQUENCES}) a
            left join (select schema, aggregate_type, aggregate_id, count(*) as events, max(agg_seq) as last from all_outbox group by 1, 2, 3) o
              using (schema, aggregate_type, aggregate_id)
           where a.event_seq <> coalesce(o.events, 0) or a.event_seq <> coalesce(o.last, 0)`,
  },
  {
    name: 'the stream has the events of an aggregate in their order',
    holds: 'at rest',
    sql: `select * from (
            select aggregate_id, agg_seq, row_number() over (partition by aggregate_id order by stream_seq) as place from (
              select aggregate_id, agg_seq, min(stream_seq) as stream_seq from stream_event e
               where not exists (select from poison p where p.aggregate_id = e.aggregate_id) group by aggregate_id, agg_seq) first) placed
           where agg_seq <> place`,
  },
  {
    name: 'every change in the history has the event it names',
    holds: 'always',
    sql: `select h.schema, h.aggregate_id, h.transition, h.event_id from all_history h
           where h.event_id is not null and not exists (select from all_outbox o where o.event_id = h.event_id)`,
  },
  {
    name: 'every consumer is done with every event it subscribes to',
    holds: 'at rest',
    sql: `select s.consumer, e.event_id, e.type, i.state, i.error from stream_event e join subscription s using (aggregate_type)
            left join all_inbox i on i.schema = s.consumer and i.event_id = e.event_id
           where i.state is distinct from 'done' and not exists (select from poison p where p.aggregate_id = e.aggregate_id)`,
  },
  {
    name: 'an event has each of its effects once',
    holds: 'always',
    sql: `select schema, headers->>'ce-causationid' as cause, aggregate_id, type, count(*) from all_outbox
           where headers->>'ce-causationid' like 'evt\\_%' group by 1, 2, 3, 4 having count(*) > 1`,
  },
  {
    name: 'a message to a customer is about an event that happened',
    holds: 'at rest',
    sql: `select m.id, m.event_id from notifications.message m where not exists (select from all_outbox o where o.event_id = m.event_id)`,
  },
  {
    name: 'what is parked is exactly the poison that was put in',
    holds: 'at rest',
    sql: `select i.schema, i.event_id, i.type, i.error from all_inbox i
           where i.state = 'parked' and not exists (select from poison p where p.aggregate_id = i.aggregate_id)
          union all
          select 'nowhere', p.aggregate_id, null, 'put in, and parked by nobody' from poison p
           where not exists (select from all_inbox i where i.aggregate_id = p.aggregate_id and i.state = 'parked')`,
  },
];

/** An invariant that does not hold, and the first of the rows that show it. */
export interface Violation {
  invariant: string;
  rows: object[];
}

const SHOWN = 5;

/** The invariants that the books break; of those that hold `at rest` only when `moving` is not set. */
export async function violations(books: Books, options: { moving?: boolean } = {}): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const { name, holds, sql } of invariants) {
    if (options.moving && holds === 'at rest') continue;
    const rows = await books.query(`select * from (${sql}) broken limit ${SHOWN}`);
    if (rows.length > 0) found.push({ invariant: name, rows });
  }
  return found;
}
