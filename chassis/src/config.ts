import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One setting: its variable, how it is read, what it is when nobody says, and what it is for (units included). */
export interface ConfigRow<T> {
  env: string;
  parse: z.ZodType<T>;
  default?: string;
  describes: string;
  /** Never printed. */
  secret?: boolean;
}

export const row = <T>(definition: ConfigRow<T>): ConfigRow<T> => definition;

type Rows = Record<string, ConfigRow<any>>;
export type ConfigOf<R extends Rows> = {
  readonly [K in keyof R]: R[K] extends ConfigRow<infer T> ? T : never;
};

export interface Config<R extends Rows> {
  service: string;
  rows: R;
  /** Reads the environment; a bad or missing setting is a sentence for each, and the process ends with {@link MISCONFIGURED}. */
  read(env?: NodeJS.ProcessEnv): ConfigOf<R>;
}

/** The exit code of a process that can not work with its settings (`EX_CONFIG` of sysexits.h): to start it again is no use. */
export const MISCONFIGURED = 78;

/** A service's settings as a table, from which its documentation is printed too. */
export function defineConfig<R extends Rows>(service: string, rows: R): Config<R> {
  return {
    service,
    rows,
    read(env = process.env) {
      const faults: string[] = [];
      const values: Record<string, unknown> = {};
      for (const [name, definition] of Object.entries(rows)) {
        const raw = env[definition.env] ?? definition.default;
        if (raw === undefined) {
          faults.push(`${definition.env} is not set: ${definition.describes}`);
          continue;
        }
        const result = definition.parse.safeParse(raw);
        if (result.success) values[name] = result.data;
        else
          faults.push(
            `${definition.env} is wrong: ${result.error.issues.map((issue) => issue.message).join(', ')} (${definition.describes})`,
          );
      }
      if (faults.length > 0) {
        for (const fault of faults) process.stderr.write(`${service}: ${fault}\n`);
        process.exit(MISCONFIGURED);
      }
      return values as ConfigOf<R>;
    },
  };
}

/** Where every process, services and gateway, sends its spans. Empty is as good as unset, as OpenTelemetry wants it. */
export const otlpEndpoint = row<string | null>({
  env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  parse: z.union([z.literal(['', 'none']).transform(() => null), z.url({ protocol: /^https?$/ })]),
  default: 'none',
  describes: 'collector of spans (base URL, OTLP over HTTP); without one no span is sent',
});

/** An nkey seed (`SU…`), or the absolute path of a file that holds one; empty for none. */
const Seed = z
  .string()
  .transform((value) => (value.startsWith('/') ? readFileSync(value, 'utf8').trim() : value))
  .refine((value) => /^(SU[A-Z2-7]{56})?$/.test(value), 'must be an nkey seed of a user, or a file with one');

/** How a process reaches the broker and who it is there: one identity for requests, another for events. */
export const brokerRows = {
  natsUrl: row({
    env: 'NATS_URL',
    parse: z.string().min(1),
    default: 'nats://127.0.0.1:4222',
    describes: 'the broker, or its servers separated by commas; user and password where there is no nkey',
    secret: true,
  }),
  natsSeed: row({
    env: 'NATS_SEED',
    parse: Seed,
    default: '',
    describes: 'nkey seed of the identity for requests and replies, or the path of a file with it',
    secret: true,
  }),
  natsEventsSeed: row({
    env: 'NATS_EVENTS_SEED',
    parse: Seed,
    default: '',
    describes: 'nkey seed of the identity for events, or the path of a file with it',
    secret: true,
  }),
  natsApiPrefix: row({
    env: 'NATS_API_PREFIX',
    parse: z.string().min(1),
    default: '$JS.API',
    describes:
      "where this process's account finds the stream's API; `OMS.API` with the accounts of deploy/nats",
  }),
  natsCaFile: row({
    env: 'NATS_CA_FILE',
    parse: z.string(),
    default: '',
    describes: "the broker's certificate authority (PEM); with it TLS is demanded",
  }),
  natsCertFile: row({
    env: 'NATS_CERT_FILE',
    parse: z.string(),
    default: '',
    describes: 'client certificate (PEM), where the broker wants one',
  }),
  natsKeyFile: row({
    env: 'NATS_KEY_FILE',
    parse: z.string(),
    default: '',
    describes: "the client certificate's key (PEM)",
  }),
} as const;
export type BrokerConfig = ConfigOf<typeof brokerRows>;

/** How long something may take before a saga's timer fires, in ms; a year at most. */
export const deadline = z.coerce.number().int().min(10).max(31_536_000_000);

const port = z.coerce.number().int().min(0).max(65_535);

/** The settings that every service on this chassis has. */
export const serviceRows = {
  databaseUrl: row({
    env: 'DATABASE_URL',
    parse: z.string().min(1),
    describes: "Postgres, as the service's own role",
    secret: true,
  }),
  databasePoolMax: row({
    env: 'DATABASE_POOL_MAX',
    parse: z.coerce.number().int().min(2).max(100),
    default: '10',
    describes: 'most connections to Postgres',
  }),
  ...brokerRows,
  healthPort: row({
    env: 'HEALTH_PORT',
    parse: port,
    default: '0',
    describes: 'port of /livez, /readyz and /metrics; 0 takes a free one',
  }),
  healthHost: row({
    env: 'HEALTH_HOST',
    parse: z.string().min(1),
    default: '127.0.0.1',
    describes: 'address of the health endpoints',
  }),
  logLevel: row({ env: 'LOG_LEVEL', parse: z.string().min(1), default: 'info', describes: 'pino level' }),
  otlpEndpoint,
  identityKeys: row({
    env: 'IDENTITY_KEYS',
    parse: z.string().startsWith('{'),
    describes: 'JWKS of those who may say who a caller is: the gateway for clients, a service for itself',
  }),
  identityKey: row({
    env: 'IDENTITY_KEY',
    parse: z.string().startsWith('{'),
    describes: "this service's own Ed25519 JWK, by which it says who it is when it asks another one",
    secret: true,
  }),
  cursorKey: row({
    env: 'CURSOR_KEY',
    parse: z.string().min(32),
    describes:
      'signs the cursors of lists, and seals answers with a secret that are kept for their idempotency key; the same for all replicas, at least 32 characters',
    secret: true,
  }),
  rpcConcurrency: row({
    env: 'RPC_CONCURRENCY',
    parse: z.coerce.number().int().min(1),
    default: '32',
    describes: 'requests worked on at once; more wait',
  }),
  rpcWaiting: row({
    env: 'RPC_WAITING',
    parse: z.coerce.number().int().min(0),
    default: '256',
    describes: 'requests that may wait; more are answered `overloaded`',
  }),
  inboxConcurrency: row({
    env: 'INBOX_CONCURRENCY',
    parse: z.coerce.number().int().min(1),
    default: '4',
    describes: 'aggregates whose events are handled at once',
  }),
  inboxAttempts: row({
    env: 'INBOX_ATTEMPTS',
    parse: z.coerce.number().int().min(1),
    default: '8',
    describes: 'tries before an event is parked',
  }),
  outboxAgeLimitS: row({
    env: 'OUTBOX_AGE_LIMIT_S',
    parse: z.coerce.number().positive(),
    default: '120',
    describes: 'how long an event may wait to be published before no new work is taken, in s',
  }),
  inboxDepthLimit: row({
    env: 'INBOX_DEPTH_LIMIT',
    parse: z.coerce.number().int().min(1),
    default: '20000',
    describes: 'how many events may wait to be handled before no new work is taken',
  }),
  backlogEveryMs: row({
    env: 'BACKLOG_EVERY_MS',
    parse: z.coerce.number().int().min(100),
    default: '5000',
    describes: 'how often the backlog is looked at, for those limits and the metrics, in ms',
  }),
  outboxRetentionDays: row({
    env: 'OUTBOX_RETENTION_DAYS',
    parse: z.coerce.number().min(8),
    default: '30',
    describes: 'how long published events are kept, in days; longer than the stream keeps them',
  }),
  inboxRetentionDays: row({
    env: 'INBOX_RETENTION_DAYS',
    parse: z.coerce.number().min(8),
    default: '30',
    describes: 'how long handled events are kept, in days; longer than the stream keeps them',
  }),
  idempotencyRetentionHours: row({
    env: 'IDEMPOTENCY_RETENTION_HOURS',
    parse: z.coerce.number().min(24),
    default: '48',
    describes: 'how long an answer is given again under its key, in hours',
  }),
  retentionEveryMs: row({
    env: 'RETENTION_EVERY_MS',
    parse: z.coerce.number().int().min(100),
    default: '60000',
    describes: 'how often what is past its time is deleted, in ms',
  }),
} as const;
export type ServiceConfig = ConfigOf<typeof serviceRows>;
