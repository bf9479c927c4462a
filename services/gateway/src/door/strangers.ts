import type { ErrorRequestHandler, Request, Response } from 'express';
import { ipKeyGenerator, MemoryStore, type Options } from 'express-rate-limit';
import { Problem } from '../problem.js';
import { WINDOW_MS } from './limits.js';

/** Does what it costs to find out who somebody is, at once or when it is their turn. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Guesses of one address that wait to be looked at; the next one is told to come back in a second. */
const MOST_WAITING = 32;

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
 * itself; a budget of looks in a minute would lock out again whoever comes with a fresh token. Only so many wait in line,
 * or a flood of guesses would hold every place that requests have here.
 */
export function strangers(perMinute: number): {
  turn(req: Request, res: Response): Turn;
  refuse: ErrorRequestHandler;
} {
  const wrong = new MemoryStore();
  wrong.init({ windowMs: WINDOW_MS } as Options);
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>();
  const addressOf = (req: Request): string => ipKeyGenerator(req.ip ?? '');

  const refusal = (res: Response, resetTime: Date | undefined, retryAfterS?: number): Problem => {
    const seconds = Math.max(1, Math.ceil((Number(resetTime) - Date.now()) / 1000));
    res.setHeader('RateLimit-Policy', `${STRANGER}; q=${perMinute}; w=${WINDOW_MS / 1000}`);
    res.setHeader('RateLimit', `${STRANGER}; r=0; t=${seconds}`);
    return new Problem('rate_limited', undefined, { retryAfterS: retryAfterS ?? seconds });
  };

  const turn =
    (req: Request, res: Response): Turn =>
    async (work) => {
      const address = addressOf(req);
      const { totalHits, resetTime } = (await wrong.get(address)) ?? { totalHits: 0 };
      if (totalHits < perMinute || Number(resetTime) <= Date.now()) return work();
      const line = lines.get(address) ?? { last: Promise.resolve(), waiting: 0 };
      if (line.waiting >= MOST_WAITING) throw refusal(res, resetTime, 1);
      const own = line.last.then(work, work);
      line.last = own;
      line.waiting += 1;
      lines.set(address, line);
      try {
        return await own;
      } finally {
        line.waiting -= 1;
        if (line.waiting === 0) lines.delete(address);
      }
    };

  const refuse: ErrorRequestHandler = (error: unknown, req, res, next) => {
    const code = error instanceof Problem ? error.code : undefined;
    if (code !== 'unauthenticated' && !(code === 'not_found' && req.baseUrl === '/unsubscribe'))
      return next(error);
    void wrong
      .increment(addressOf(req))
      .then(
        ({ totalHits, resetTime }) => next(totalHits <= perMinute ? error : refusal(res, resetTime)),
        next,
      );
  };
  return { turn, refuse };
}
