import type { RequestHandler } from 'express';
import { Problem } from '../problem.js';

const OFFERED = ['application/json', 'application/problem+json', 'application/x-ndjson'];

/** What comes in is JSON and what goes out is JSON; anything else is told before it is read (RFC 9110 §15.5.7, §15.5.16). */
export const negotiate: RequestHandler = (req, _res, next) => {
  if (!req.accepts(OFFERED)) throw new Problem('not_acceptable', `offered: ${OFFERED.join(', ')}`);
  const length = req.headers['content-length'];
  const hasBody = req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  if (hasBody && !req.is('application/json'))
    throw new Problem('unsupported_media_type', 'send application/json');
  next();
};
