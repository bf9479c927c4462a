import { brokerRows, defineConfig, otlpEndpoint, row, type Config, type ConfigRow } from '@oms/chassis/edge';
import { z } from 'zod';

/** Everything an operator may set for the gateway. */
const rows = {
  port: row({
    env: 'PORT',
    parse: z.coerce.number().int().min(0).max(65_535),
    default: '3000',
    describes: 'port of the public API',
  }),
  host: row({
    env: 'HOST',
    parse: z.string().min(1),
    default: '127.0.0.1',
    describes: 'address to listen on',
  }),
  ...brokerRows,
  rpcTimeoutMs: row({
    env: 'RPC_TIMEOUT_MS',
    parse: z.coerce.number().int().min(50).max(60_000),
    default: '5000',
    describes: 'how long a service may take to answer, in ms; later is 504',
  }),
  bodyLimitBytes: row({
    env: 'BODY_LIMIT_BYTES',
    parse: z.coerce.number().int().min(1024),
    default: '1048576',
    describes: 'largest accepted body, in bytes; larger is 413',
  }),
  headersTimeoutMs: row({
    env: 'HEADERS_TIMEOUT_MS',
    parse: z.coerce.number().int().min(100).max(60_000),
    default: '10000',
    describes: 'how long the header fields of a request may take to arrive, in ms; later is 408',
  }),
  requestTimeoutMs: row({
    env: 'REQUEST_TIMEOUT_MS',
    parse: z.coerce.number().int().min(100).max(300_000),
    default: '30000',
    describes: 'how long a whole request may take to arrive, in ms, its header fields among it; later is 408',
  }),
  corsOrigins: row({
    env: 'CORS_ORIGINS',
    parse: z.string().transform((list) => list.split(',').filter((origin) => origin !== '')),
    default: '',
    describes: 'origins whose pages may call the API from a browser, separated by commas; none by default',
  }),
  mostAtOnce: row({
    env: 'MOST_AT_ONCE',
    parse: z.coerce.number().int().min(1),
    default: '256',
    describes: 'requests under way at once; one more is answered 503 with Retry-After',
  }),
  eventStreamsAtOnce: row({
    env: 'EVENT_STREAMS_AT_ONCE',
    parse: z.coerce.number().int().min(1),
    default: '2000',
    describes: 'streams of events open at once; one more is answered 503 with Retry-After',
  }),
  eventStreamLifeMs: row({
    env: 'EVENT_STREAM_LIFE_S',
    parse: z.coerce
      .number()
      .positive()
      .max(86_400)
      .transform((seconds) => seconds * 1000),
    default: '3600',
    describes:
      'seconds after which a stream of events ends and its client comes back: for so long a token that was taken back is still believed',
  }),
  eventStreamHeartbeatMs: row({
    env: 'EVENT_STREAM_HEARTBEAT_S',
    parse: z.coerce
      .number()
      .positive()
      .max(600)
      .transform((seconds) => seconds * 1000),
    default: '15',
    describes:
      'seconds between two heartbeats of a stream of events; less than what the proxies in front wait',
  }),
  callsPerMinute: row({
    env: 'CALLS_PER_MINUTE',
    parse: z.coerce.number().int().min(1),
    default: '6000',
    describes: 'requests of one caller in a minute, per replica; more are 429',
  }),
  wrongTokensPerMinute: row({
    env: 'WRONG_TOKENS_PER_MINUTE',
    parse: z.coerce.number().int().min(1),
    default: '300',
    describes: 'refused tokens and keys from one address in a minute, per replica; more are 429',
  }),
  trustedProxies: row({
    env: 'TRUSTED_PROXIES',
    parse: z.coerce.number().int().min(0).max(10),
    default: '0',
    describes: 'proxies in front whose X-Forwarded-For is believed',
  }),
  identityKey: row({
    env: 'IDENTITY_KEY',
    parse: z.string().startsWith('{'),
    describes: 'Ed25519 JWK (kid `gateway`) by which callers are vouched for to the services',
    secret: true,
  }),
  authIssuer: row({
    env: 'AUTH_ISSUER',
    parse: z.url(),
    describes: 'the OIDC issuer whose access tokens are believed',
  }),
  authJwksUrl: row({
    env: 'AUTH_JWKS_URL',
    parse: z.union([z.url(), z.literal('')]),
    default: '',
    describes: "the issuer's keys; left out, its discovery document says where",
  }),
  authAudience: row({
    env: 'AUTH_AUDIENCE',
    parse: z.string().min(1),
    default: 'oms',
    describes: 'the audience a token must be for',
  }),
  authAlgorithms: row({
    env: 'AUTH_ALGORITHMS',
    parse: z
      .string()
      .transform((list) => list.split(','))
      .pipe(z.array(z.enum(['RS256', 'PS256', 'ES256', 'EdDSA'])).min(1)),
    default: 'RS256,PS256,ES256,EdDSA',
    describes: 'accepted signature algorithms, all of them asymmetric',
  }),
  authType: row({
    env: 'AUTH_TYPE',
    parse: z.string().min(1),
    default: 'at+jwt',
    describes: 'the `typ` of an access token (RFC 9068)',
  }),
  authClockToleranceS: row({
    env: 'AUTH_CLOCK_TOLERANCE_S',
    parse: z.coerce.number().int().min(0).max(300),
    default: '5',
    describes: 'how far clocks may differ, in s',
  }),
  authRoleClaim: row({
    env: 'AUTH_ROLE_CLAIM',
    parse: z.string().min(1),
    default: 'role',
    describes: 'the claim with the role: customer, staff, admin or service',
  }),
  idempotencyKeysRequired: row({
    env: 'IDEMPOTENCY_KEYS_REQUIRED',
    parse: z.enum(['true', 'false']).transform((value) => value === 'true'),
    default: 'true',
    describes:
      'whether calls that create something or move money need an Idempotency-Key; false for simple clients',
  }),
  providerWebhookSecrets: row({
    env: 'PROVIDER_WEBHOOK_SECRETS',
    parse: z
      .string()
      .transform((list) => list.split(' ').filter((secret) => secret !== ''))
      .pipe(z.array(z.string().startsWith('whsec_'))),
    default: '',
    describes:
      "the payment provider's webhook secrets (`whsec_…`), separated by spaces: two while one replaces the other; without one no webhook is taken",
    secret: true,
  }),
  otlpEndpoint,
  logLevel: row({ env: 'LOG_LEVEL', parse: z.string(), default: 'info', describes: 'pino level' }),
} satisfies Record<string, ConfigRow<unknown>>;
export const config: Config<typeof rows> = defineConfig('gateway', rows);
export type GatewayConfig = ReturnType<typeof config.read>;
