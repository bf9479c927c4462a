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

export const migrations = [{ name: 'Notifications', class: Notifications }];
