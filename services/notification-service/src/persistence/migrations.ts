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

export const migrations = [
  { name: 'Notifications', class: Notifications },
  { name: 'MessageDelivery', class: MessageDelivery },
];
