import pg from 'pg';

/**
 * How long a statement, or the way to Postgres, may stay silent before the connection is given up. A little more than the
 * server's own limits, so that only a silence, never a slow statement, ends it.
 */
export const SILENCE_MS = 15_000;
export const CONNECT_MS = 5_000;

/**
 * By which Postgres finds out within half a minute that the other end is gone: until then a session keeps its locks, and no
 * replica can take over what the lost one led. Its own default is two hours.
 */
const KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/** A connection outside the pool, for what holds an advisory lock as long as it lives. */
export class Session {
  readonly client: pg.Client;
  private broken = false;

  /** `name` is what Postgres shows of it; `settings` are of this session alone. */
  constructor(databaseUrl: string, name: string, settings: Readonly<Record<string, string>> = {}) {
    this.client = new pg.Client({
      connectionString: databaseUrl,
      application_name: name,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: SILENCE_MS,
      options: [KEEPALIVE, ...Object.entries(settings).map(([key, value]) => `-c ${key}=${value}`)].join(' '),
    });
    this.client.on('error', () => (this.broken = true));
  }

  connect(): Promise<unknown> {
    return this.client.connect();
  }

  /** Whether the connection, and with it every lock, is known to be gone. */
  isLost(): boolean {
    return this.broken;
  }

  /** Never waits for the other end: it may be what is gone. */
  async close(): Promise<void> {
    const ended = this.client.end().catch(() => {});
    await Promise.race([ended, new Promise((done) => setTimeout(done, 1_000).unref())]);
  }
}
