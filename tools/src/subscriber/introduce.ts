import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { API_PREFIX, inboxPrefix, STREAM, subscriberIdentity } from '@oms/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunFile } from '../run-file.ts';

const PATIENCE_MS = 30_000;
const ANSWER_MS = 2_000;
const BETWEEN_MS = 200;

/** The stack's own servers; one that was given by NATS_URL is its operator's. */
const serversOf = (run: RunFile): { pid: number; url: string }[] =>
  Object.entries(run).flatMap(([process_, { pid, url }]) =>
    /^nats(-\d+)?$/.test(process_) && pid > 0 && url ? [{ pid, url }] : [],
  );

/** Has every server read its users again; nobody's connection is lost. */
export function reload(run: RunFile): void {
  for (const { pid } of serversOf(run)) process.kill(pid, 'SIGHUP');
}

/**
 * Has every server read its users again until it serves the new one: lets it in, and tells it of its consumer. Once is not
 * enough: to an account that came by SIGHUP, nats-server (2.15.1) answers "no responders" until it has read its users a second
 * time, and a subscriber that was started meanwhile waits for ever. Throws a sentence when a server does not come to serve it.
 */
export async function introduce(run: RunFile, { name, seed }: { name: string; seed: string }): Promise<void> {
  await Promise.all(
    serversOf(run).map(async ({ pid, url }) => {
      const deadline = Date.now() + PATIENCE_MS;
      for (process.kill(pid, 'SIGHUP'); !(await isServed(url, name, seed)); process.kill(pid, 'SIGHUP')) {
        if (Date.now() > deadline) throw new Error(`${name} was added, but ${url} does not serve it yet`);
        await pause(BETWEEN_MS);
      }
    }),
  );
}

async function isServed(url: string, name: string, seed: string): Promise<boolean> {
  try {
    const nc = await connect({
      servers: url,
      authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
      inboxPrefix: inboxPrefix(subscriberIdentity(name).name),
      maxReconnectAttempts: 0,
      timeout: ANSWER_MS,
    });
    try {
      await nc.request(`${API_PREFIX}.CONSUMER.INFO.${STREAM}.${name}`, '', { timeout: ANSWER_MS });
      return true;
    } finally {
      await nc.close();
    }
  } catch {
    return false;
  }
}
