import type { RequestHandler } from 'express';

/**
 * What is answered is its caller's own: nobody else's cache may keep it, and the caller's asks whether it is still true. The answer
 * to a write may show a secret, and is of no use later: it is kept nowhere (RFC 9111 §5.2.2).
 */
export const keepPrivate: RequestHandler = (req, res, next) => {
  const read = req.method === 'GET' || req.method === 'HEAD';
  res.setHeader('Cache-Control', read ? 'private, no-cache' : 'no-store');
  next();
};
