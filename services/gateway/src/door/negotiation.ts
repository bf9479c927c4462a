import type { Request, RequestHandler } from 'express';
import { Problem } from '../problem.js';

/** What comes in is JSON; anything else is told before it is read (RFC 9110 §15.5.16). */
export const takesJson: RequestHandler = (req, _res, next) => {
  const length = req.headers['content-length'];
  const hasBody = req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  if (hasBody && !req.is('application/json'))
    throw new Problem('unsupported_media_type', 'send application/json');
  next();
};

/** Refuses a client that takes nothing of what a call answers with (RFC 9110 §15.5.7). */
export function offers(req: Request, type: string): void {
  if (!req.accepts(type)) throw new Problem('not_acceptable', `offered: ${type}`);
}
