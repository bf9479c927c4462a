import { Migration } from '@mikro-orm/migrations';

/**
 * The tables that every schema has, whatever its business. Outbox and inbox rows outlive the stream's retention; the
 * inbox is never trusted to the broker's own deduplication.
 */
export function chassisMigration(schema: string): string[] {
  const t = (name: string) => `"${schema}"."${name}"`;
  return [
    `create table ${t('outbox')} (
       id bigint generated always as identity primary key,
       event_id text not null unique,
       aggregate_type text not null, aggregate_id text not null, agg_seq int not null,
       subject text not null, type text not null, payload jsonb not null, headers jsonb not null,
       created_at timestamptz not null default now(), published_at timestamptz, stream_seq bigint,
       attempts int not null default 0, last_error text,
       unique (aggregate_type, aggregate_id, agg_seq))`,
    `create index outbox_unsent on ${t('outbox')} (id) where published_at is null`,
    `create table ${t('inbox')} (
       event_id text primary key,
       aggregate_type text not null, aggregate_id text not null, agg_seq int not null,
       type text not null, source text not null,
       state text not null default 'new' check (state in ('new', 'running', 'done', 'parked')),
       payload jsonb, headers jsonb not null,
       started_attempts int not null default 0, finished_attempts int not null default 0,
       owner int, next_at timestamptz not null default now(), error text,
       received_at timestamptz not null default now(), done_at timestamptz)`,
    `create index inbox_open on ${t('inbox')} (aggregate_type, aggregate_id, agg_seq) where state <> 'done'`,
    `create index inbox_next on ${t('inbox')} (received_at) where state = 'new'`,
    `create table ${t('inbox_cursor')} (
       aggregate_type text not null, aggregate_id text not null, last_seq int not null,
       primary key (aggregate_type, aggregate_id))`,
    `create table ${t('saga')} (
       id text primary key, kind text not null, aggregate_id text not null,
       state text not null check (state in ('running', 'needs_attention', 'finished')),
       step text not null, data jsonb not null, attempts int not null default 0,
       deadline_name text, deadline_at timestamptz, version int not null default 1, steps jsonb not null default '[]',
       created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
       unique (kind, aggregate_id))`,
    `create index saga_due on ${t('saga')} (deadline_at) where deadline_at is not null`,
    `create table ${t('idempotency')} (
       scope text not null, key text not null, caller text not null, body_hash text not null,
       error_code text, answer jsonb, version text, created_at timestamptz not null default now(),
       primary key (caller, scope, key))`,
    `create table ${t('history')} (
       id bigint generated always as identity primary key,
       aggregate_type text not null, aggregate_id text not null,
       from_status text, to_status text not null, transition text not null,
       actor jsonb not null, reason text, at timestamptz not null, event_id text, trace_id text)`,
    `create index history_of on ${t('history')} (aggregate_id, id)`,
  ];
}

/** One migration, as the migrator's list wants it. */
export interface NamedMigration {
  name: string;
  class: new (...args: never[]) => Migration;
}

const step = (name: string, statements: readonly string[]): NamedMigration => ({
  name,
  class: class extends Migration {
    override up(): void {
      for (const statement of statements) this.addSql(statement);
    }
  },
});

/**
 * What the tables of every schema got since, in sequence; each service runs them after its own without naming them. Only
 * additions: the code of the release before goes on working on them (docs/schema-life.md).
 */
export function chassisMigrations(schema: string): NamedMigration[] {
  const inbox = `"${schema}".inbox`;
  return [
    step('ChassisDeadLetters', [
      `alter table ${inbox} add column parked_at timestamptz, add column discarded_at timestamptz, add column raw bytea`,
      `create index inbox_parked on ${inbox} (coalesce(parked_at, received_at) desc, event_id desc) where state = 'parked'`,
      `create index inbox_discarded on ${inbox} (coalesce(parked_at, received_at) desc, event_id desc) where discarded_at is not null`,
      `create index inbox_suspect on ${inbox} (received_at) where state = 'new' and started_attempts > finished_attempts`,
    ]),
    step('ChassisSagaList', [`create index saga_by_state on "${schema}".saga (state, id desc)`]),
    step('ChassisRetention', [
      `create index idempotency_age on "${schema}".idempotency (created_at)`,
      `create index saga_open on "${schema}".saga (kind, state) where state <> 'finished'`,
    ]),
    step('ChassisStreamSeen', [
      `create table "${schema}".stream_seen (stream text primary key, created text not null, seen_at timestamptz not null default now())`,
    ]),
    step('ChassisSettling', [`alter table "${schema}".idempotency add column settling_until timestamptz`]),
    step('ChassisChanged', [`alter table "${schema}".history add column changed jsonb`]),
    // An answer of a few KiB is kept as it is: to compress it costs a sixth of its insert, for rows that live a day.
    step('ChassisAnswersAsTheyAre', [`alter table "${schema}".idempotency set (toast_tuple_target = 8160)`]),
    // As text it is neither taken apart nor put together again, and keeps its sequence. What the release before writes is cast.
    step('ChassisAnswersAsText', [
      `alter table "${schema}".idempotency alter column answer type json using answer::json`,
    ]),
    step('ChassisUnchanged', [`alter table "${schema}".idempotency add column unchanged boolean`]),
  ];
}
