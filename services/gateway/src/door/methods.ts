import type { RequestHandler } from 'express';
import { Problem } from '../problem.js';

/** What stands behind the methods that a path knows: the others are told so (RFC 9110 §15.5.6). Who answers GET answers HEAD. */
export const otherMethods = (...known: readonly string[]): RequestHandler => {
  const allow = known.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  return (_req, res) => {
    res.setHeader('Allow', allow);
    throw new Problem('method_not_allowed');
  };
};
