import { defineConfig, otlpEndpoint, row, type Config, type ConfigRow } from '@oms/chassis/edge';
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
    describes: 'address to listen on; loopback until callers are authenticated',
  }),
  natsUrl: row({
    env: 'NATS_URL',
    parse: z.string().min(1),
    default: 'nats://127.0.0.1:4222',
    describes: 'the broker',
    secret: true,
  }),
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
  otlpEndpoint,
  logLevel: row({ env: 'LOG_LEVEL', parse: z.string(), default: 'info', describes: 'pino level' }),
} satisfies Record<string, ConfigRow<unknown>>;
export const config: Config<typeof rows> = defineConfig('gateway', rows);
export type GatewayConfig = ReturnType<typeof config.read>;
