import { Migration } from '@mikro-orm/migrations';
import { chassisMigration } from '@oms/chassis';

class Payments extends Migration {
  override up(): void {
    for (const statement of chassisMigration('payments')) this.addSql(statement);
    this.addSql(`create table payments.payment (
      id text primary key, status text not null, previous_status text, version int not null, event_seq int not null,
      last_transition jsonb, status_times jsonb not null, created_at timestamptz not null, updated_at timestamptz not null,
      order_id text not null, customer_id text, method text not null, provider text not null, capture text not null, currency text not null,
      amount bigint not null check (amount > 0), authorized_amount bigint not null, captured_amount bigint not null, refunded_amount bigint not null,
      capturing_amount bigint not null, captures int not null, under_way text, abandoned boolean not null, failure_code text, token text,
      metadata jsonb not null, note text, refunds jsonb not null, origin text,
      check (refunded_amount <= captured_amount), check (captured_amount <= amount))`);
    // The placing of an order opens one payment, however often its event is delivered.
    this.addSql(
      `create unique index payment_origin on payments.payment (order_id, origin) where origin is not null`,
    );
    this.addSql(`create index payment_of on payments.payment (order_id, id)`);
    this.addSql(`create index payment_newest on payments.payment (created_at desc, id desc)`);
    this.addSql(`create table payments.operation (
      id bigint generated always as identity primary key, payment_id text not null references payments.payment (id),
      kind text not null, key text not null unique, amount bigint not null, refund_id text,
      state text not null default 'intended' check (state in ('intended', 'succeeded', 'declined', 'pending', 'unknown')),
      attempts int not null default 0, next_at timestamptz not null default now(), code text, created_at timestamptz not null default now())`);
    this.addSql(
      `create index operation_open on payments.operation (next_at) where state in ('intended', 'pending', 'unknown')`,
    );
    this.addSql(`create index operation_of on payments.operation (payment_id)`);
    this.addSql(`create table payments.provider_call (
      id bigint generated always as identity primary key, payment_id text not null, operation text not null, key text not null,
      amount bigint not null, outcome text not null, code text, at timestamptz not null default now())`);
    this.addSql(`create index provider_call_of on payments.provider_call (payment_id, id)`);
    this.addSql(`create table payments.order_snapshot (
      id text primary key, customer_id text, currency text not null, total bigint not null, cancelled boolean not null default false)`);
  }
}

/** A payment that knows its last capture lets go of what it holds beyond it. */
class LastCapture extends Migration {
  override up(): void {
    this.addSql(`alter table payments.payment add column last_capture boolean not null default false`);
  }
}

/** An index for every filter and order of the list (ADR 20): ids sort by birth. */
class PaymentLists extends Migration {
  override up(): void {
    this.addSql(`create index payment_status on payments.payment (status, id)`);
    this.addSql(`create index payment_status_total on payments.payment (status, amount, id)`);
    this.addSql(`create index payment_total on payments.payment (amount, id)`);
    this.addSql(`create index payment_customer on payments.payment (customer_id, id)`);
    this.addSql(`create index payment_provider on payments.payment (provider, id)`);
    this.addSql(`drop index payments.payment_newest`);
  }
}

class OperationTrace extends Migration {
  override up(): void {
    this.addSql(`alter table payments.operation add column traceparent text, add column correlation_id text`);
  }
}

/** Chargebacks, repetitions that are known after the provider's answer, and what each parcel costs that is paid at the door. */
class ManyPayments extends Migration {
  override up(): void {
    this.addSql(
      `alter table payments.payment add column chargebacks jsonb not null default '[]', add column last_asked jsonb`,
    );
    this.addSql(
      `create table payments.parcel (id text primary key, order_id text not null, amount bigint not null)`,
    );
  }
}

/** What the provider told by itself, raw, each once; and when an operation was closed. */
class ProviderWebhooks extends Migration {
  override up(): void {
    this.addSql(`create table payments.provider_webhook (
      id text primary key, type text, result text, body text not null, received_at timestamptz not null default now())`);
    this.addSql(`alter table payments.operation add column closed_at timestamptz`);
  }
}

/** The refunds of a return are found by what they pay; payments that gave nothing back cost nothing. */
class RefundsOfReturns extends Migration {
  override up(): void {
    this.addSql(
      `create index payment_refunds on payments.payment using gin (refunds jsonb_path_ops) where refunds <> '[]'`,
    );
  }
}

/** Runs of the reconciler; each operation knows the last one that found it in the provider's book. */
class Reconciliation extends Migration {
  override up(): void {
    this.addSql(`create table payments.reconciliation (
      id bigint generated always as identity primary key, started_at timestamptz not null default now(), finished_at timestamptz,
      effects int not null default 0, difference_count int not null default 0, differences jsonb not null default '[]')`);
    this.addSql(`alter table payments.operation add column seen_in bigint`);
  }
}

/** What the provider told is pruned by its age. */
class WebhookAge extends Migration {
  override up(): void {
    this.addSql(`create index provider_webhook_age on payments.provider_webhook (received_at)`);
  }
}

/** Opens a case for each payment that was pending before there were any; its deadline runs from now. */
export const openPayingCases = `
  insert into payments.saga (id, kind, aggregate_id, state, step, data, steps, deadline_name, deadline_at, created_at, updated_at)
  select 'sga_' || substr(id, 5), 'paying', id, 'running', 'open', jsonb_build_object('paidByHand', method = 'manual'), '[]',
         case when method = 'manual' then 'pay_by_hand_deadline' else 'pay_deadline' end,
         now() + case when method = 'manual' then interval '30 days' else interval '1 day' end, created_at, now()
    from payments.payment where status = 'pending' and origin is null
  on conflict (kind, aggregate_id) do nothing`;
class PayingCases extends Migration {
  override up(): void {
    this.addSql(openPayingCases);
  }
}

/** What has to go back of money that is only being taken. */
class AwaitsCapture extends Migration {
  override up(): void {
    this.addSql(`create table payments.awaits_capture (
      id bigint generated always as identity primary key, order_id text not null, wanted_for text not null, request jsonb not null,
      created_at timestamptz not null default now())`);
    this.addSql(`create index awaits_capture_of on payments.awaits_capture (order_id)`);
  }
}

/** What each return is owed, so that no more is given in its name. */
class ReturnSnapshot extends Migration {
  override up(): void {
    this.addSql(
      `create table payments.return_snapshot (id text primary key, order_id text not null, amount bigint not null)`,
    );
  }
}

export const migrations = [
  { name: 'Payments', class: Payments },
  { name: 'LastCapture', class: LastCapture },
  { name: 'PaymentLists', class: PaymentLists },
  { name: 'OperationTrace', class: OperationTrace },
  { name: 'ManyPayments', class: ManyPayments },
  { name: 'ProviderWebhooks', class: ProviderWebhooks },
  { name: 'RefundsOfReturns', class: RefundsOfReturns },
  { name: 'Reconciliation', class: Reconciliation },
  { name: 'WebhookAge', class: WebhookAge },
  { name: 'PayingCases', class: PayingCases },
  { name: 'AwaitsCapture', class: AwaitsCapture },
  { name: 'ReturnSnapshot', class: ReturnSnapshot },
];
