import { Migration } from '@mikro-orm/migrations';
import { chassisMigration } from '@oms/chassis';

class Notifications extends Migration {
  override up(): void {
    for (const statement of chassisMigration('notifications')) this.addSql(statement);
    this.addSql(`create table notifications.message (
      id text primary key, event_id text not null, template text not null, locale text not null, recipient text,
      order_id text, return_id text, subject text not null, body text not null, status text not null, created_at timestamptz not null,
      unique (event_id, template))`);
    this.addSql(`create index message_newest on notifications.message (created_at desc, id desc)`);
    this.addSql(`create index message_of_order on notifications.message (order_id)`);
  }
}

/** An index for every filter of the list (ADR 20): ids sort by birth. */
class MessageLists extends Migration {
  override up(): void {
    this.addSql(`create index message_order on notifications.message (order_id, id)`);
    this.addSql(`create index message_status on notifications.message (status, id)`);
    this.addSql(`drop index notifications.message_newest`);
    this.addSql(`drop index notifications.message_of_order`);
  }
}

/** Messages are delivered, and not only recorded. Those of before were never offered to anybody, and are not now. */
class MessageDelivery extends Migration {
  override up(): void {
    this.addSql(`alter table notifications.message
      alter column locale drop not null, alter column subject drop not null, alter column body drop not null,
      add column previous_status text, add column version int not null default 1, add column event_seq int not null default 0,
      add column last_transition jsonb, add column status_times jsonb not null default '{}', add column updated_at timestamptz not null default now(),
      add column event jsonb not null default '{}', add column channel text not null default 'email', add column customer_id text,
      add column message_id text, add column round int not null default 1, add column attempts int not null default 0,
      add column next_at timestamptz, add column give_up_at timestamptz not null default now(), add column provider_ref text, add column reason text,
      add column unsubscribe_token text not null default replace(gen_random_uuid()::text, '-', '')`);
    this.addSql(`update notifications.message set status = 'suppressed', reason = 'recorded_before_delivery',
      customer_id = recipient, recipient = null where status = 'recorded'`);
    this.addSql(
      `create index message_due on notifications.message (next_at) where status in ('queued', 'sending')`,
    );
    this.addSql(
      `create index message_of_return on notifications.message (return_id) where return_id is not null`,
    );
    this.addSql(`create index message_to on notifications.message (recipient) where recipient is not null`);
    this.addSql(
      `create index message_for on notifications.message (customer_id) where customer_id is not null`,
    );
    this.addSql(`create unique index message_unsubscribe on notifications.message (unsubscribe_token)`);
    this.addSql(`create table notifications.suppressed_address (
      address text primary key, reason text not null, created_at timestamptz not null default now())`);
    this.addSql(`create table notifications.opt_out (
      subject text primary key, created_at timestamptz not null default now())`);
  }
}

/** Endpoints that get events by HTTP, what goes to them, and every try. The events themselves stay in the inbox. */
class Webhooks extends Migration {
  override up(): void {
    this.addSql(`create table notifications.webhook_endpoint (
      id text primary key, url text not null, events text[] not null, description text, metadata jsonb not null,
      status text not null default 'enabled' check (status in ('enabled', 'disabled')), disabled_reason text, failing_since timestamptz,
      secrets jsonb not null, created_by text not null, version int not null default 1, created_at timestamptz not null, updated_at timestamptz not null)`);
    this.addSql(`create table notifications.webhook_delivery (
      endpoint_id text not null references notifications.webhook_endpoint (id) on delete cascade, event_id text not null, type text not null,
      status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
      attempts int not null default 0, next_at timestamptz default now(), response_status int, error text,
      test_headers jsonb, test_payload jsonb, created_at timestamptz not null default now(), finished_at timestamptz,
      primary key (endpoint_id, event_id))`);
    this.addSql(
      `create index webhook_delivery_due on notifications.webhook_delivery (endpoint_id, next_at) where status = 'pending'`,
    );
    this.addSql(
      `create index webhook_delivery_newest on notifications.webhook_delivery (endpoint_id, created_at desc, event_id desc)`,
    );
    this.addSql(`create table notifications.webhook_try (
      id bigint generated always as identity primary key, endpoint_id text not null, event_id text not null, at timestamptz not null default now(),
      response_status int, error text, duration_ms int not null, response text,
      foreign key (endpoint_id, event_id) references notifications.webhook_delivery (endpoint_id, event_id) on delete cascade)`);
    this.addSql(`create index webhook_try_of on notifications.webhook_try (endpoint_id, event_id, id)`);
  }
}

/** An index for every list and every span of time that had none: of suppressed addresses, deliveries, and the events to send again. */
class ListsByIndex extends Migration {
  override up(): void {
    this.addSql(
      `create index suppressed_address_newest on notifications.suppressed_address (created_at desc, address desc)`,
    );
    this.addSql(
      `create index webhook_delivery_failed on notifications.webhook_delivery (endpoint_id, created_at desc, event_id desc) where status = 'failed'`,
    );
    this.addSql(
      `create index webhook_delivery_type on notifications.webhook_delivery (endpoint_id, type, created_at desc, event_id desc)`,
    );
    this.addSql(`create index inbox_received on notifications.inbox (received_at, event_id)`);
  }
}

export const migrations = [
  { name: 'Notifications', class: Notifications },
  { name: 'MessageLists', class: MessageLists },
  { name: 'MessageDelivery', class: MessageDelivery },
  { name: 'Webhooks', class: Webhooks },
  { name: 'ListsByIndex', class: ListsByIndex },
];
