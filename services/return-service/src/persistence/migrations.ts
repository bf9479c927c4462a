import { Migration } from '@mikro-orm/migrations';
import { chassisMigration } from '@oms/chassis';
import { standardPolicy } from '../domain/policy.js';

/**
 * The tables of a return and of what is known of the orders. The checks on `order_line_snapshot` are the last guard of "never
 * more than was delivered": a race that slipped past the row lock would fail here and roll back.
 */
class Returns extends Migration {
  override up(): void {
    for (const statement of chassisMigration('returns')) this.addSql(statement);
    this.addSql(`create sequence returns.return_number_seq start 100001`);
    this.addSql(`create table returns.order_snapshot (
      id text primary key,
      number text not null,
      customer_id text,
      currency text not null,
      total bigint not null,
      shipping_paid bigint not null,
      shipping_refunded bigint not null default 0,
      check (shipping_refunded between 0 and shipping_paid)
    )`);
    this.addSql(`create table returns.order_line_snapshot (
      id text primary key,
      order_id text not null references returns.order_snapshot (id) deferrable initially deferred,
      position int not null,
      sku text not null,
      quantity int not null,
      unit_price bigint not null,
      discount bigint not null,
      tax bigint not null,
      cancelled int not null default 0,
      delivered int not null default 0,
      held int not null default 0,
      returned int not null default 0,
      delivered_at timestamptz,
      check (held >= 0 and returned >= 0 and held + returned <= delivered)
    )`);
    this.addSql(`create index on returns.order_line_snapshot (order_id)`);
    this.addSql(`create table returns.return (
      id text primary key,
      number text not null unique,
      order_id text not null references returns.order_snapshot (id),
      customer_id text,
      currency text not null,
      external_ref text constraint return_external_ref_key unique,
      status text not null,
      previous_status text,
      version int not null,
      event_seq int not null,
      last_transition jsonb,
      status_times jsonb not null,
      note text,
      metadata jsonb not null,
      refund_method text not null,
      override jsonb,
      policy_version text not null,
      pickup jsonb,
      carrier text,
      tracking_number text,
      return_address jsonb,
      refund_amount bigint check (refund_amount >= 0),
      refund_breakdown jsonb,
      adjustment_reason text,
      refund_id text,
      payment_refunds jsonb not null,
      refund_ids jsonb not null,
      end_reason text,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`);
    this.addSql(`create index on returns.return (created_at desc, id desc)`);
    this.addSql(`create index on returns.return (order_id)`);
    this.addSql(`create index on returns.return (customer_id, created_at desc)`);
    this.addSql(`create index on returns.return (status, created_at desc)`);
    this.addSql(`create table returns.return_item (
      id text primary key,
      return_id text not null references returns.return (id) deferrable initially deferred,
      position int not null,
      order_item_id text not null references returns.order_line_snapshot (id) deferrable initially deferred,
      sku text not null,
      status text not null,
      quantity int not null check (quantity > 0),
      reason text not null,
      comment text,
      received_quantity int,
      condition text,
      accepted_quantity int check (accepted_quantity <= least(quantity, received_quantity)),
      disposition text,
      refund_amount bigint,
      held int not null,
      returned int not null
    )`);
    this.addSql(`create index on returns.return_item (return_id)`);
    this.addSql(`create index on returns.return_item (order_item_id)`);
  }
}

/**
 * The policy as data: versions are added and never changed, an order remembers the one of its first delivery, a return keeps the
 * rules themselves. Refunds remember what they were calculated from, and orders what all their returns give back.
 */
class PolicyAsData extends Migration {
  override up(): void {
    this.addSql(`create table returns.policy (
      id bigint generated always as identity primary key,
      version text not null constraint policy_version_key unique,
      rules jsonb not null,
      note text,
      created_by text not null,
      created_at timestamptz not null default now()
    )`);
    const { version, ...rules } = standardPolicy;
    this.addSql(
      `insert into returns.policy (version, rules, note, created_by) values ('${version}', '${JSON.stringify(rules)}', 'the first policy', 'system')`,
    );
    this.addSql(`alter table returns.return add column policy jsonb, add column refund_inputs jsonb`);
    this.addSql(
      `alter table returns.order_line_snapshot add column final_sale boolean not null default false`,
    );
    this
      .addSql(`alter table returns.order_snapshot add column policy_version text references returns.policy (version),
      add column refunded bigint not null default 0`);
    this.addSql(`update returns.order_snapshot o set policy_version = '${version}'
      where exists (select from returns.order_line_snapshot l where l.order_id = o.id and l.delivered > 0)`);
    this.addSql(`update returns.order_snapshot o set refunded = r.total
      from (select order_id, sum(refund_amount) as total from returns.return group by 1) r where r.order_id = o.id and r.total > 0`);
  }
}

/** An index for every filter and order of the list (ADR 20): ids sort by birth. */
class ReturnLists extends Migration {
  override up(): void {
    this.addSql(`create index return_status on returns.return (status, id)`);
    this.addSql(
      `create index return_status_total on returns.return (status, (coalesce(refund_amount, 0)), id)`,
    );
    this.addSql(`create index return_total on returns.return ((coalesce(refund_amount, 0)), id)`);
    this.addSql(`create index return_customer on returns.return (customer_id, id)`);
    this.addSql(`create index return_item_reason on returns.return_item (reason, return_id)`);
  }
}

/** Which orders a payment was ever opened for; of those that were placed before this was followed, nothing is known. */
class PaymentsFollowed extends Migration {
  override up(): void {
    this.addSql(`create table returns.order_payment (order_id text primary key)`);
    this.addSql(
      `alter table returns.order_snapshot add column payments_followed boolean not null default false`,
    );
  }
}

export const migrations = [
  { name: 'Returns', class: Returns },
  { name: 'ReturnLists', class: ReturnLists },
  { name: 'PolicyAsData', class: PolicyAsData },
  { name: 'PaymentsFollowed', class: PaymentsFollowed },
];
