import pg from 'pg';

/** What has to hold in the tables whatever was sent: a query that finds what breaks it. */
const invariants: readonly [sentence: string, sql: string][] = [
  [
    'an order adds up to its lines',
    `select o.id from orders.orders o join orders.order_item i on i.order_id = o.id
      group by o.id having o.subtotal <> sum(i.unit_price * i.quantity) or o.discount_amount <> sum(i.order_discount_share)
         or o.total <> sum(i.total) + o.shipping_amount + o.shipping_tax_amount or o.item_count <> count(*)`,
  ],
  [
    'an order has lines',
    `select id from orders.orders o where not exists (select 1 from orders.order_item i where i.order_id = o.id)`,
  ],
  [
    'a line adds up',
    `select id from orders.order_item where total <> unit_price * quantity - discount_amount - order_discount_share + tax_amount or total < 0`,
  ],
  [
    'a return has lines',
    `select id from returns.return r where not exists (select 1 from returns.return_item i where i.return_id = r.id)`,
  ],
  [
    'no more comes back than was delivered',
    `select id from returns.order_line_snapshot where held + returned > delivered or held < 0 or returned < 0`,
  ],
  [
    'what a line holds is what its returns hold',
    `select s.id from returns.order_line_snapshot s left join returns.return_item i on i.order_item_id = s.id
      group by s.id, s.held, s.returned having s.held <> coalesce(sum(i.held), 0) or s.returned <> coalesce(sum(i.returned), 0)`,
  ],
  [
    'no more is refunded than captured',
    `select id from payments.payment where refunded_amount > captured_amount or captured_amount > amount`,
  ],
  ...['orders', 'returns', 'payments', 'notifications'].flatMap((schema): [string, string][] => [
    [
      `${schema}: events are numbered without a gap`,
      `select aggregate_id from ${schema}.outbox group by aggregate_id having max(agg_seq) <> count(*) or min(agg_seq) <> 1`,
    ],
    [`${schema}: nothing is parked`, `select event_id from ${schema}.inbox where state = 'parked'`],
  ]),
  ...(
    [
      ['orders', 'orders', 'order'],
      ['returns', 'return', 'return'],
      ['payments', 'payment', 'payment'],
    ] as const
  ).flatMap(([schema, table, kind]): [string, string][] => [
    [
      `a ${kind} has told as many events as it counts`,
      `select t.id from ${schema}."${table}" t left join ${schema}.outbox o on o.aggregate_id = t.id
        group by t.id, t.event_seq having t.event_seq <> count(o.id)`,
    ],
    [
      `a ${kind}'s history ends where it stands`,
      `select t.id from ${schema}."${table}" t
        where t.status <> (select h.to_status from ${schema}.history h where h.aggregate_id = t.id order by h.id desc limit 1)`,
    ],
    [
      `a ${kind} has a history`,
      `select t.id from ${schema}."${table}" t where not exists (select 1 from ${schema}.history h where h.aggregate_id = t.id)`,
    ],
    [
      `a history belongs to a ${kind}`,
      `select distinct h.aggregate_id from ${schema}.history h where h.aggregate_type = '${kind}' and not exists (select 1 from ${schema}."${table}" t where t.id = h.aggregate_id)`,
    ],
  ]),
];

const QUIET = ['orders', 'returns', 'payments', 'notifications']
  .map(
    (schema) =>
      `(select count(*) from ${schema}.outbox where published_at is null) + (select count(*) from ${schema}.inbox where state in ('new', 'running'))`,
  )
  .join(' + ');

/** Waits until all events are worked through, then answers each broken sentence with the first ids that break it. */
export async function brokenBooks(url: string, withinMs = 120_000): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const deadline = Date.now() + withinMs;
    for (let calm = 0; calm < 3;) {
      const { rows } = await client.query<{ open: string }>(`select ${QUIET} as open`);
      calm = rows[0]?.open === '0' ? calm + 1 : 0;
      if (Date.now() > deadline) return [`${rows[0]?.open} events are still open after ${withinMs} ms`];
      await new Promise((next) => setTimeout(next, 200));
    }
    const broken: string[] = [];
    for (const [sentence, sql] of invariants) {
      const { rows } = await client.query<Record<string, string>>(`${sql} limit 5`);
      if (rows.length > 0)
        broken.push(`not so: ${sentence} (${rows.map((row) => Object.values(row)[0]).join(', ')})`);
    }
    return broken;
  } finally {
    await client.end();
  }
}
