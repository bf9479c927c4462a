import { z } from 'zod';
import { errors, type ErrorCode } from '../errors.js';
import { statusOf } from './status.js';

/** A failure as RFC 9457 tells it, with a stable code of ours, where one stands inside an answer. */
export const ProblemView = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type ProblemView = z.infer<typeof ProblemView>;

/** The problem of a code; `extra` are the members that it has beside the common ones. */
export const problemOf = (code: ErrorCode, extra: object = {}): ProblemView => ({
  type: `/problems/${code}`,
  title: errors[code].title,
  status: statusOf[errors[code].kind],
  code,
  ...extra,
});
