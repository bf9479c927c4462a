import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../log.js';

const RETRY_MS = 500;

/** Where the replies to a process of this name arrive: one prefix each, so that permissions and services can tell them apart. */
export const inboxPrefix = (name: string): string => `_INBOX_${name}`;

/**
 * A connection that never gives up: it waits for a broker that is not there yet, reconnects for ever, and notices within
 * ten seconds that the other side is frozen (ping every 5 s, two missed). The client's own defaults stop after ten tries
 * and ping every two minutes.
 */
export async function connectNats(options: {
  /** One address, or those of a cluster's servers, separated by commas. */
  url: string;
  name: string;
  inboxPrefix: string;
  log: Log;
}): Promise<NatsConnection> {
  for (let told = false; ; told = true) {
    try {
      return await connect({
        servers: options.url.split(','),
        name: options.name,
        inboxPrefix: options.inboxPrefix,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        pingInterval: 5_000,
        maxPingOut: 2,
        noAsyncTraces: true,
      });
    } catch (error) {
      if (!told) options.log.warn({ reason: (error as Error).message }, 'waiting for NATS');
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}
