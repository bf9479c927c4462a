import type { Caller } from '@oms/contracts';
import { createHash } from 'node:crypto';
import type { Call } from '../call.js';
import type { Turn } from '../door/strangers.js';
import { Problem } from '../problem.js';
import { refusedLately } from './refused-lately.js';

const CACHE_MS = 10_000;
const MOST_CACHED = 10_000;
/** `oms_` and 43 characters of base64url: 256 random bits. */
const FORM = /^oms_[A-Za-z0-9_-]{43}$/;

export type ApiKeyCheck = (key: string, turn: Turn) => Promise<Caller>;

/**
 * Asks order-service, which keeps the keys as hashes. A key that is good is not asked about again for 10 s: that is how long
 * a revoked one may still work.
 */
export function apiKeyCheck(call: Call): ApiKeyCheck {
  const cache = new Map<string, { caller: Caller; until: number }>();
  const refused = refusedLately();
  const invalid = () => new Problem('unauthenticated', 'the API key is not valid');

  async function ask(key: string, hash: string): Promise<Caller> {
    const before = refused.problemOf(key);
    if (before) throw before;
    const gateway = { type: 'admin', id: 'gateway', scopes: ['api-keys:read'] } as const;
    const { body } = await call('rpc.order.find_api_key', { hash }, gateway, {});
    const { caller } = body as { caller: Caller | null };
    if (!caller) {
      const problem = invalid();
      refused.remember(key, problem);
      throw problem;
    }
    if (cache.size >= MOST_CACHED) cache.clear();
    cache.set(hash, { caller, until: Date.now() + CACHE_MS });
    return caller;
  }

  return async (key, turn) => {
    if (!FORM.test(key)) throw invalid();
    const hash = createHash('sha256').update(key).digest('hex');
    const known = cache.get(hash);
    if (known && known.until > Date.now()) return known.caller;
    return turn(() => ask(key, hash));
  };
}
