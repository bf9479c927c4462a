import type { Caller } from '@oms/contracts';
import type { AddressInfo } from 'node:net';
import { createApp, type DoorRules } from '../src/app.js';
import type { BearerCheck } from '../src/auth/bearer.js';
import type { Call } from '../src/call.js';
import { httpServer } from '../src/door/server.js';
import { Problem } from '../src/problem.js';

/** The one token that is good. */
export const GOOD = 'a.b.c';
const staff: Caller = { type: 'staff', id: 'x', scopes: null };

export interface Door {
  url: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** The application behind its server, without any service: what they would answer the test says. */
export async function openDoor(
  options: { call?: Call; bearer?: BearerCheck; rules?: Partial<DoorRules> } = {},
): Promise<Door> {
  const app = createApp({
    call:
      options.call ?? (() => Promise.resolve({ body: { data: [] }, version: undefined, replayed: false })),
    feed: { streams: 0, handle: (_req: unknown, res: { end(): void }) => res.end() } as never,
    readiness: { ready: () => true },
    log: { error() {} } as never,
    bearer:
      options.bearer ??
      (async (token) => {
        if (token !== GOOD) throw new Problem('unauthenticated');
        return staff;
      }),
    rules: {
      bodyLimitBytes: 1024,
      idempotencyKeysRequired: false,
      corsOrigins: [],
      mostAtOnce: 100,
      callsPerMinute: 1000,
      wrongTokensPerMinute: 3,
      trustedProxies: 1,
      providerWebhookSecrets: [],
      ...options.rules,
    },
  });
  const server = httpServer(app, { headersTimeoutMs: 10_000, requestTimeoutMs: 30_000 });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    fetch: (path, init = {}) =>
      fetch(url + path, {
        ...init,
        headers: { authorization: `Bearer ${GOOD}`, ...(init.headers as Record<string, string>) },
      }),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((done) => server.close(() => done()));
    },
  };
}
