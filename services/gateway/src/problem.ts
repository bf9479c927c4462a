import { errors, statusOf, type ErrorCode } from '@oms/contracts';
import type { ErrorRequestHandler, Response } from 'express';

/** What a service may add to a problem: the fields of a refused transition, or the paths of a bad body. */
export interface ProblemExtra {
  errors?: { path: string; message: string }[];
  from?: string;
  transition?: string;
  allowedTransitions?: string[];
  requiredScope?: string;
  /** Only for `Retry-After`; never in the body. */
  retryAfterS?: number;
  /** Of a refusal that is told again: whose request it first answered. */
  requestId?: string;
  /** Only for the challenge; never in the body. */
  invalidToken?: boolean;
  /** Only for `Idempotency-Replayed`; never in the body. */
  replayed?: boolean;
}

/** A failure that the client may see. Everything else that is thrown becomes `internal_error`, without its text. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly extra: ProblemExtra;

  constructor(code: ErrorCode, detail?: string, extra: ProblemExtra = {}) {
    super(detail ?? code);
    this.code = code;
    this.detail = detail;
    this.extra = extra;
  }
}

/** Seconds after which a client may try again; small, because a service that restarts is back within two. */
const RETRY_AFTER_SECONDS = 1;

/** RFC 6750 §3: how to authenticate, and why it was not enough. */
const challenge = (error?: string, scope?: string): string =>
  ['Bearer realm="oms"', error && `error="${error}"`, scope && `scope="${scope}"`].filter(Boolean).join(', ');

/** Writes `problem` as application/problem+json (RFC 9457). */
export function sendProblem(res: Response, problem: Problem): void {
  const entry = errors[problem.code];
  const status = statusOf[entry.kind];
  if ((status === 503 || status === 429) && !res.hasHeader('Retry-After'))
    res.setHeader('Retry-After', String(problem.extra.retryAfterS ?? RETRY_AFTER_SECONDS));
  const { invalidToken, replayed, retryAfterS: _, ...extra } = problem.extra;
  if (replayed) res.setHeader('Idempotency-Replayed', 'true');
  if (status === 401)
    res.setHeader('WWW-Authenticate', challenge(invalidToken ? 'invalid_token' : undefined));
  if (problem.code === 'insufficient_scope')
    res.setHeader('WWW-Authenticate', challenge('insufficient_scope', extra.requiredScope));
  res
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `/problems/${problem.code}`,
        title: entry.title,
        status,
        detail: problem.detail,
        instance: res.req.originalUrl.split('?')[0],
        code: problem.code,
        requestId: res.getHeader('X-Request-Id'),
        ...extra,
      }),
    );
}

/** body-parser names its failures by `type`; any other error is ours and stays inside. */
const parserCodes: Readonly<Record<string, ErrorCode>> = {
  'entity.too.large': 'body_too_large',
  'entity.parse.failed': 'malformed_body',
  'charset.unsupported': 'unsupported_media_type',
  'encoding.unsupported': 'unsupported_media_type',
  'request.aborted': 'malformed_body',
  'request.size.invalid': 'malformed_body',
};

/** The last middleware: whatever was thrown leaves as a problem, and only bugs are logged as errors. */
export function problemHandler(log: { error(fields: object, text: string): void }): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) return next(error);
    if (error instanceof Problem) return sendProblem(res, error);
    const type = (error as { type?: string }).type;
    const code = type === undefined ? undefined : parserCodes[type];
    if (code) return sendProblem(res, new Problem(code));
    // Brackets nested by the thousand exhaust the parser's stack.
    if (error instanceof RangeError) return sendProblem(res, new Problem('malformed_body'));
    if (error instanceof URIError) return sendProblem(res, new Problem('not_found'));
    log.error({ err: error }, 'request failed');
    sendProblem(res, new Problem('internal_error'));
  };
}
