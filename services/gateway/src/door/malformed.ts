import type { RequestHandler } from 'express';
import { Problem } from '../problem.js';

const MOST_FIELDS = 100;

/**
 * Refuses what Node's parser lets pass and HTTP does not (RFC 9112 §3.2: a request has one Host), and more header fields than
 * anybody has a use for. The connection ends with the answer.
 */
export const refuseMalformed: RequestHandler = (req, res, next) => {
  const fields = req.rawHeaders.length / 2;
  const hosts = req.rawHeaders.filter((text, index) => index % 2 === 0 && /^host$/i.test(text)).length;
  const one = hosts === 1 || (hosts === 0 && req.httpVersion === '1.0');
  if (one && fields <= MOST_FIELDS) return next();
  res.setHeader('Connection', 'close');
  throw one ? new Problem('headers_too_large') : new Problem('malformed_request', 'a request has one Host');
};
