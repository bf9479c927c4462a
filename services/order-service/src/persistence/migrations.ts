import { Migration } from '@mikro-orm/migrations';
import { chassisMigration } from '@oms/chassis';

class Orders extends Migration {
  override up(): void {
    for (const statement of chassisMigration('orders')) this.addSql(statement);
    this.addSql(`create sequence orders.order_number start 100001`);
    this.addSql(`create table orders.orders (
      id text primary key, number text not null unique, status text not null, previous_status text,
      version int not null, event_seq int not null, last_transition jsonb, status_times jsonb not null,
      created_at timestamptz not null, updated_at timestamptz not null,
      customer_id text, email text, channel text not null, external_ref text, currency text not null,
      subtotal bigint not null, discount_amount bigint not null, tax_amount bigint not null,
      shipping_amount bigint not null, shipping_tax_amount bigint not null, total bigint not null,
      payment_status text not null, payments jsonb not null, payment_wanted jsonb, payment_token text,
      hold jsonb, cancel_reason text, notes text, tags jsonb not null, metadata jsonb not null,
      shipping_address jsonb not null, billing_address jsonb, placed_at timestamptz not null,
      item_count int not null, shipments jsonb not null, open_returns jsonb not null)`);
    this.addSql(
      `create unique index orders_external_ref on orders.orders (channel, external_ref) where external_ref is not null`,
    );
    this.addSql(`create index orders_newest on orders.orders (created_at desc, id desc)`);
    this.addSql(`create index orders_by_status on orders.orders (status, created_at desc, id desc)`);
    this.addSql(`create index orders_by_customer on orders.orders (customer_id, created_at desc, id desc)`);
    this.addSql(`create index orders_by_ref on orders.orders (external_ref) where external_ref is not null`);
    this.addSql(`create table orders.order_item (
      id text primary key, order_id text not null references orders.orders (id) on delete cascade, position int not null,
      sku text not null, name text not null, quantity int not null check (quantity > 0),
      unit_price bigint not null, discount_amount bigint not null, order_discount_share bigint not null, tax_amount bigint not null, total bigint not null,
      shipped int not null default 0, delivered int not null default 0, cancelled int not null default 0,
      return_requested int not null default 0, returned int not null default 0,
      check (shipped + cancelled <= quantity), check (delivered <= shipped), check (returned <= delivered))`);
    this.addSql(`create index order_item_of on orders.order_item (order_id, position)`);
    this.addSql(`create index order_item_sku on orders.order_item (sku)`);
  }
}

/** Keys of programs; only a hash is kept (ADR 8 says why they live here). */
class ApiKeys extends Migration {
  override up(): void {
    this.addSql(`create table orders.api_key (
      id text primary key, name text not null, hash text not null unique, role text not null, scopes jsonb not null,
      created_by text not null, created_at timestamptz not null, expires_at timestamptz, revoked_at timestamptz)`);
  }
}

/**
 * An index for every filter and order of the list (ADR 20). Ids sort by birth, so the newest first of anything is its
 * column and the id; `order_search` is a table of its own, because an index on a row that changes with every transition
 * would be written again with each.
 */
class OrderLists extends Migration {
  override up(): void {
    this.addSql(`create table orders.order_search (
      order_id text primary key references orders.orders (id) on delete cascade, words tsvector not null)`);
    this.addSql(`insert into orders.order_search (order_id, words)
      select o.id, array_to_tsvector(array(select distinct w from (
        select lower(unnest(array[o.number, o.email, o.external_ref]))
        union all select lower(i.sku) from orders.order_item i where i.order_id = o.id
        union all select unnest(regexp_split_to_array(lower(i.name), '[^[:alnum:]]+')) from orders.order_item i where i.order_id = o.id
      ) found (w) where w <> '')) from orders.orders o`);
    this.addSql(`create index order_search_words on orders.order_search using gin (words)`);
    this.addSql(
      `create unique index orders_external_ref_of on orders.orders (external_ref, channel) where external_ref is not null`,
    );
    this.addSql(`create index orders_status on orders.orders (status, id)`);
    this.addSql(`create index orders_customer on orders.orders (customer_id, id)`);
    this.addSql(`create index orders_email on orders.orders (lower(email), id)`);
    this.addSql(`create index orders_total on orders.orders (total, id)`);
    this.addSql(`create index orders_status_total on orders.orders (status, total, id)`);
    this.addSql(`create index order_item_sku_of on orders.order_item (sku, order_id)`);
    for (const old of ['external_ref', 'by_ref', 'newest', 'by_status', 'by_customer'])
      this.addSql(`drop index orders.orders_${old}`);
    this.addSql(`drop index orders.order_item_sku`);
  }
}

/** In what language its customer is written to. */
class OrderLocale extends Migration {
  override up(): void {
    this.addSql(`alter table orders.orders add column locale text`);
  }
}

/** Sold as final. Null is false: a process of before this column inserts whole rows without it. */
class FinalSale extends Migration {
  override up(): void {
    this.addSql(`alter table orders.order_item add column final_sale boolean`);
  }
}

export const migrations = [
  { name: 'Orders', class: Orders },
  { name: 'ApiKeys', class: ApiKeys },
  { name: 'OrderLists', class: OrderLists },
  { name: 'OrderLocale', class: OrderLocale },
  { name: 'FinalSale', class: FinalSale },
];
