import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { Problem } from '../problem.js';

/**
 * At most `most` requests at once; one more is told to come back. Beyond this the queue in front of the services only
 * grows, and everybody's answer is late. Health is answered in front of it.
 */
export function shed(most: number): RequestHandler {
  let underWay = 0;
  return (_req, res, next) => {
    if (underWay >= most) throw new Problem('overloaded');
    underWay += 1;
    let counted = true;
    const release = () => {
      if (counted) underWay -= 1;
      counted = false;
    };
    res.once('close', release);
    // An answer that stays open costs next to nothing once it has begun; what it is limited by is its own number.
    res.locals['release'] = release;
    next();
  };
}

/** What limits are counted over. */
export const WINDOW_MS = 60_000;

/**
 * Requests of one caller in a minute, told with every answer in the RateLimit fields. Counted in this process: with several
 * replicas behind a balancer the whole limit is theirs together.
 */
export function limitCallers(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'caller',
    keyGenerator: (_req, res) => {
      const caller = res.locals['caller'] as { type: string; id: string };
      return `${caller.type}:${caller.id}`;
    },
    handler: () => {
      throw new Problem('rate_limited');
    },
  });
}
