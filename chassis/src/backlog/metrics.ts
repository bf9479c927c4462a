import type { EntityManager } from '@mikro-orm/postgresql';
import type { Gauge, Registry } from 'prom-client';
import type { Standing } from './standing.js';

/** A figure of a service's own business, read at each scrape; null while there is none. `name` without `oms_`. */
export interface OwnGauge {
  name: string;
  help: string;
  read(em: EntityManager): Promise<number | null>;
}

/** What a service can tell of itself beside its backlog; asked at each scrape, so it must cost nothing. */
export interface Vitals {
  schema: string;
  standing(): Standing | undefined;
  underPressure(): boolean;
  relayLeads(): boolean;
  pool(): Promise<{ total: number; idle: number; waiting: number } | null>;
  /** Rows that retention has deleted since this process began, by table. */
  pruned(): Readonly<Record<string, number>>;
  /** How often a lost stream was found and published again. */
  streamLost(): number;
  own: readonly { name: string; help: string; read(): Promise<number | null> }[];
}

/** The text that Prometheus scrapes. The library is loaded at the first scrape: a service that nobody watches does without. */
export function metricsOf(vitals: Vitals): () => Promise<string> {
  let registry: Promise<Registry> | undefined;
  return async () => (await (registry ??= register(vitals))).metrics();
}

async function register(vitals: Vitals): Promise<Registry> {
  const { default: prom } = await import('prom-client');
  const registry = new prom.Registry();
  registry.setDefaultLabels({ schema: vitals.schema });
  prom.collectDefaultMetrics({ register: registry });
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    collect: (gauge: Gauge<L>) => void | Promise<void>,
  ): void => {
    const made: Gauge<L> = new prom.Gauge({
      name: `oms_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect: () => collect(made),
    });
  };
  const of = (name: string, help: string, value: (standing: Standing) => number): void =>
    gauge(name, help, [], (one) => {
      const standing = vitals.standing();
      if (standing) one.set(value(standing));
    });
  of('outbox_unsent', 'Events that are committed and not published', (s) => s.outboxUnsent);
  of('outbox_oldest_seconds', 'How long the oldest of them waits', (s) => s.outboxOldestS);
  of('inbox_open', 'Events that are stored and not handled', (s) => s.inboxOpen);
  of('inbox_oldest_seconds', 'How long the oldest of them waits', (s) => s.inboxOldestS);
  of('dead_letters', 'Events that are parked and wait for a person', (s) => s.deadLetters);
  of('dead_letters_oldest_seconds', 'How long the oldest of them is parked', (s) => s.deadLettersOldestS);
  of('saga_overdue_seconds', 'How late the deadline is that should have fired first', (s) => s.sagaOverdueS);
  gauge('sagas', 'Cases that are not finished', ['kind', 'state'], (one) => {
    one.reset();
    for (const { kind, state, count } of vitals.standing()?.sagas ?? []) one.set({ kind, state }, count);
  });
  gauge(
    'inbox_sequence_gap',
    'The number that an aggregate waits for; a series for each aggregate with a gap, 50 at most',
    ['aggregate_type', 'aggregate_id'],
    (one) => {
      one.reset();
      for (const { aggregateType, aggregateId, missing } of vitals.standing()?.gaps ?? [])
        one.set({ aggregate_type: aggregateType, aggregate_id: aggregateId }, missing);
    },
  );
  gauge('under_pressure', '1 while no new work from outside is taken', [], (one) =>
    one.set(vitals.underPressure() ? 1 : 0),
  );
  gauge('relay_leads', '1 in the replica that publishes this schema', [], (one) =>
    one.set(vitals.relayLeads() ? 1 : 0),
  );
  gauge(
    'pool_connections',
    'Connections to Postgres, and requests that wait for one',
    ['state'],
    async (one) => {
      for (const [state, count] of Object.entries((await vitals.pool()) ?? {})) one.set({ state }, count);
    },
  );
  gauge('retention_pruned_rows', 'Rows that retention deleted since the process began', ['table'], (one) => {
    for (const [table, count] of Object.entries(vitals.pruned())) one.set({ table }, count);
  });
  gauge('stream_lost', 'Times that the stream was found to be lost and published again', [], (one) =>
    one.set(vitals.streamLost()),
  );
  for (const { name, help, read } of vitals.own)
    gauge(name, help, [], async (one) => {
      const value = await read();
      if (value !== null) one.set(value);
    });
  return registry;
}
