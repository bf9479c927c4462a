import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { statement, type Place } from '@oms/chassis';
import { listOrdersQuery, type Actor } from '@oms/contracts';
import pg from 'pg';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { orderList } from '../src/features/list-orders.js';
import { orderModule } from '../src/order.module.js';

/** A shop of 200,000 orders in 400,000 lines: the newest are open, most are delivered, some SKUs are in a third of them. */
const ORDERS = 200_000;
/** One order every two minutes until this. */
const NEWEST = new Date('2026-11-01T00:00:00Z');
const EVERY_MS = 120_000;

/** Made inside Postgres: through the API it would take an hour. Ids are TypeIDs of their time, in base32. */
const shop = [
  `create function pg_temp.born(prefix text, n bigint) returns text language sql immutable as $$
     select prefix || '_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', (((${NEWEST.getTime()} - n * ${EVERY_MS}) >> (45 - 5 * p)) % 32)::int + 1, 1), '' order by p)
            || lpad(n::text, 16, '0') from generate_series(0, 9) p $$`,
  `insert into orders.orders (id, number, status, version, event_seq, status_times, created_at, updated_at, customer_id, email, channel,
       external_ref, currency, subtotal, discount_amount, tax_amount, shipping_amount, shipping_tax_amount, total, payment_status,
       payments, tags, metadata, shipping_address, placed_at, item_count, shipments, open_returns)
   select pg_temp.born('ord', n), 'ORD-' || (900000 - n),
       case when n < 1000 then 'pending' when n < 2000 then 'confirmed' when n < 5000 then 'processing' when n < 12000 then 'shipped'
            when n % 20 = 0 then 'cancelled' when n % 33 = 0 then 'returned' else 'delivered' end,
       3, 3, '{}', t, t, case when n % 100 = 0 then 'cus_big' else 'cus_' || n % 20000 end, 'Jane' || n % 20000 || '@example.com', 'web',
       'ref-' || n, 'GBP', (n * 7919) % 100000, 0, 0, 0, 0, (n * 7919) % 100000, 'captured',
       '{"pay_x":{"status":"captured","authorizedAmount":1,"capturedAmount":1,"refundedAmount":0}}', '[]', '{"channel":"web"}',
       '{"name":"Jane Roe","line1":"1 High Street","city":"Leeds","country":"GB"}', t, 2, '[]', '{}'
     from generate_series(1, ${ORDERS}) n, lateral (select to_timestamp((${NEWEST.getTime()} - n::bigint * ${EVERY_MS}) / 1000.0) t) born`,
  `insert into orders.order_item (id, order_id, position, sku, name, quantity, unit_price, discount_amount, order_discount_share, tax_amount, total)
   select 'itm_' || n || '_' || p, pg_temp.born('ord', n), p,
       case when p = 0 and n % 3 = 0 then 'BESTSELLER' when p = 0 then 'SKU-' || n % 4000 else 'RARE-' || n % 60000 end,
       case when p = 0 then 'White hanging heart' else 'Lantern no ' || n % 500 end, 1, 100, 0, 0, 0, 100
     from generate_series(1, ${ORDERS}) n, generate_series(0, 1) p`,
  `insert into orders.order_search (order_id, words)
   select o.id, array_to_tsvector(array['ord-' || (900000 - n), (900000 - n)::text, lower(o.email), 'jane', o.external_ref, 'roe', 'white', 'hanging', 'heart',
       case when n % 3 = 0 then 'bestseller' else 'sku-' || n % 4000 end, 'rare-' || n % 60000, 'lantern', 'no', (n % 500)::text])
     from generate_series(1, ${ORDERS}) n join orders.orders o on o.id = pg_temp.born('ord', n)`,
  `vacuum analyze orders.orders`,
  `vacuum analyze orders.order_item`,
  `vacuum analyze orders.order_search`,
];

const STAFF: Actor = { type: 'staff', id: 'anna' };
const JANE: Actor = { type: 'customer', id: 'cus_4242' };

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Plan[];
}
const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

let ground: ServiceGround;
let client: pg.Client;
beforeAll(async () => {
  ground = await startGround(orderModule);
  client = new pg.Client({ connectionString: ground.databaseUrl });
  await client.connect();
  for (const text of shop) await client.query(text);
}, 300_000);
afterAll(async () => {
  await client?.end();
  await ground?.stop();
});

/** How Postgres reads a page, and the ids that it found. */
async function page(
  asked: object,
  caller: Actor,
  place: Place | null = null,
): Promise<{ plan: Plan; ids: string[]; keys: (string | null)[] }> {
  const { sql, values } = statement(orderList, listOrdersQuery.parse(asked), caller, place);
  let count = 0;
  const text = sql.replaceAll('?', () => `$${(count += 1)}`);
  const { rows } = await client.query<{ id: string; sort_key: string | null }>(text, values);
  const explained = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
    `explain (analyze, buffers, format json) ${text}`,
    values,
  );
  const plan = explained.rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (!plan) throw new Error('no plan');
  return { plan, ids: rows.map((row) => row.id), keys: rows.map((row) => row.sort_key) };
}

const at = (order: number) => new Date(NEWEST.getTime() - order * EVERY_MS).toISOString();
const filters: Record<string, object> = {
  none: {},
  'a status of many': { status: 'delivered' },
  'a status of few': { status: 'pending' },
  'states whose orders are all old or all new': { status: ['pending', 'returned', 'cancelled'] },
  'a customer': { customerId: 'cus_77' },
  'a customer of 2,000 orders': { customerId: 'cus_big' },
  'an email': { email: 'jane77@EXAMPLE.com' },
  'a number': { number: 'ORD-850000' },
  'an external reference': { externalRef: 'ref-777' },
  'a SKU in a third of all orders': { sku: 'BESTSELLER' },
  'a SKU in a few orders': { sku: 'RARE-4242' },
  'a SKU in none': { sku: 'nothing' },
  'a day': { createdAfter: at(3000), createdBefore: at(2280) },
  'a year': { createdAfter: at(190_000) },
  'a word in all orders': { q: 'heart' },
  'a word in a few': { q: 'rare-4242' },
  'words together': { q: 'white sku-17' },
  'the beginning of an email': { q: 'jane123' },
  'a word in none': { q: 'zebra' },
  'a status and a word': { status: 'shipped', q: 'lantern' },
};
const sorts = ['createdAt', '-createdAt', 'total', '-total'];
/** Pages of 8 KiB that a list of 50 may touch; the tables and indexes that are asked have 30,000. */
const MOST_BLOCKS = 6_000;
/** Thousands of SKUs begin with `sku-17`: the orders that have one lie on nearly every page, and each is read to be sorted. */
const MOST_BLOCKS_OF_SCATTERED_WORDS = 30_000;

describe.each(Object.entries(filters))('with %s', (name, filter) => {
  it.each(sorts.flatMap((sort) => [[sort, STAFF] as const, [sort, JANE] as const]))(
    'sorted by %s, a page is read by index, wherever it begins',
    async (sort, caller) => {
      const first = await page({ ...filter, sort }, caller);
      const last = first.ids.at(-1);
      const pages = [first];
      if (last)
        pages.push(await page({ ...filter, sort }, caller, { key: first.keys.at(-1) ?? null, id: last }));
      for (const { plan } of pages) {
        const scanned = nodes(plan).filter((node) => node['Node Type'] === 'Seq Scan');
        expect(scanned.map((node) => node['Relation Name'])).toEqual([]);
        expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(
          name === 'words together' ? MOST_BLOCKS_OF_SCATTERED_WORDS : MOST_BLOCKS,
        );
      }
      expect(new Set(pages.flatMap(({ ids }) => ids)).size).toBe(
        pages.reduce((sum, { ids }) => sum + ids.length, 0),
      );
    },
  );
});
