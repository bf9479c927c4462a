import type { Caller } from '@oms/contracts';
import type { Request, RequestHandler, Response } from 'express';
import { Problem } from '../problem.js';
import type { ApiKeyCheck } from './api-key.js';
import type { Turn } from '../door/strangers.js';
import type { BearerCheck } from './bearer.js';

/** Who sent the request, as {@link authenticate} found out. */
export const callerOf = (res: Response): Caller => {
  const caller = res.locals['caller'] as Caller | undefined;
  if (!caller) throw new Problem('unauthenticated');
  return caller;
};

interface Checks {
  bearer: BearerCheck;
  apiKey: ApiKeyCheck;
}

/** Every call of the API needs a bearer token or an API key; both at once are a mistake that is told. */
export function authenticate(checks: Checks, turn: (req: Request, res: Response) => Turn): RequestHandler {
  return async (req, res, next) => {
    res.locals['caller'] = await identify(req, checks, turn(req, res));
    next();
  };
}

async function identify(req: Request, checks: Checks, turn: Turn): Promise<Caller> {
  const authorization = req.get('Authorization');
  const key = req.get('X-Api-Key');
  if (authorization !== undefined && key !== undefined)
    throw new Problem('unauthenticated', 'send a bearer token or an API key, not both');
  if (key !== undefined) return checks.apiKey(key, turn);
  const token = /^Bearer ([\w-]+\.[\w-]*\.[\w-]*)$/i.exec(authorization ?? '')?.[1];
  if (token !== undefined) return checks.bearer(token, turn);
  throw new Problem('unauthenticated', undefined, authorization === undefined ? {} : { invalidToken: true });
}
