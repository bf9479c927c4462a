import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
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

const WINDOW_MS = 60_000;

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

/** What the RateLimit fields of a stranger's refusal are named by. */
const STRANGER = '"stranger"';

/** Wrong tokens, keys and links from one address in a minute: guessing is made slow, callers that are known are not counted. */
export function limitStrangers(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    standardHeaders: false,
    legacyHeaders: false,
    keyGenerator: (req) => ipKeyGenerator(req.ip ?? ''),
    skipSuccessfulRequests: true,
    requestWasSuccessful: (req, res) =>
      res.statusCode !== 401 && !(res.statusCode === 404 && req.baseUrl === '/unsubscribe'),
    handler: (_req, res) => {
      // Known callers are told their own limit; this one only who has reached it.
      res.setHeader('RateLimit-Policy', `${STRANGER}; q=${perMinute}; w=${WINDOW_MS / 1000}`);
      res.setHeader('RateLimit', `${STRANGER}; r=0; t=${res.getHeader('Retry-After')}`);
      throw new Problem('rate_limited');
    },
  });
}
