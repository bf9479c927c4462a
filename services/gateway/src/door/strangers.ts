import type { ErrorRequestHandler, Request } from 'express';
import { ipKeyGenerator, MemoryStore, type Options } from 'express-rate-limit';
import { Problem } from '../problem.js';
import { WINDOW_MS } from './limits.js';

/** Does what it costs to find out who somebody is, at once or when it is their turn. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** What the RateLimit fields of a stranger's refusal are named by. */
const STRANGER = '"stranger"';

/**
 * Wrong tokens, keys and links from one address in a minute: guessing is made slow. Only what was found to be wrong is counted,
 * and only that is refused with 429: an address may be that of a whole office, and one broken client in it must not lock
 * out the others.
 *
 * So a guess is still looked at when its address is over the limit, or nobody could tell it from a caller. What that costs is
 * bounded: of such an address what is not known is looked at one after the other, and a token or a key that was refused
 * a moment ago not again (see `refusedLately`). A signature takes 50 to 120 µs (RS256, ES256, EdDSA), less than the answer
 * itself; a budget of looks would lock out again whoever comes with a fresh token.
 */
export function strangers(perMinute: number): { turn(req: Request): Turn; refuse: ErrorRequestHandler } {
  const wrong = new MemoryStore();
  wrong.init({ windowMs: WINDOW_MS } as Options);
  const lines = new Map<string, Promise<unknown>>();
  const addressOf = (req: Request): string => ipKeyGenerator(req.ip ?? '');

  const turn =
    (req: Request): Turn =>
    async (work) => {
      const address = addressOf(req);
      const { totalHits, resetTime } = (await wrong.get(address)) ?? { totalHits: 0 };
      if (totalHits < perMinute || Number(resetTime) <= Date.now()) return work();
      const own = (lines.get(address) ?? Promise.resolve()).then(work, work);
      lines.set(address, own);
      try {
        return await own;
      } finally {
        if (lines.get(address) === own) lines.delete(address);
      }
    };

  const refuse: ErrorRequestHandler = (error: unknown, req, res, next) => {
    const code = error instanceof Problem ? error.code : undefined;
    if (code !== 'unauthenticated' && !(code === 'not_found' && req.baseUrl === '/unsubscribe'))
      return next(error);
    void wrong.increment(addressOf(req)).then(({ totalHits, resetTime }) => {
      if (totalHits <= perMinute) return next(error);
      const seconds = Math.max(1, Math.ceil((Number(resetTime) - Date.now()) / 1000));
      res.setHeader('RateLimit-Policy', `${STRANGER}; q=${perMinute}; w=${WINDOW_MS / 1000}`);
      res.setHeader('RateLimit', `${STRANGER}; r=0; t=${seconds}`);
      next(new Problem('rate_limited', undefined, { retryAfterS: seconds }));
    }, next);
  };
  return { turn, refuse };
}
