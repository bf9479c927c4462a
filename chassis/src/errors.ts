import { DriverException } from '@mikro-orm/core';
import { errors, type ErrorCode } from '@oms/contracts';
import { z } from 'zod';
import type { Log } from './log.js';
import { Refused, type RefusalExtra } from './refused.js';

/** How a request ended, on its way to the wire. */
export interface Failure {
  code: ErrorCode;
  title: string;
  detail?: string | undefined;
  extra: RefusalExtra;
}

const failure = (code: ErrorCode, detail?: string, extra: RefusalExtra = {}): Failure => ({
  code,
  title: errors[code].title,
  detail,
  extra,
});

/**
 * SQLSTATEs after which the same request may succeed: it lost against a neighbour, or the database is away. A lock that is
 * not given in time (55P03) is as good as away: its holder may be frozen, and nothing is known to have changed.
 */
const CONFLICTS = new Set(['40001', '40P01', '23505']);
const AWAY = /^(08|57P0|53|25P03|55P03)/;

/** What the business or a schema refuses, as an answer; null when something else went wrong. */
export function refusalOf(error: unknown): Failure | null {
  if (error instanceof Refused) return failure(error.code, error.detail, error.extra);
  if (error instanceof z.ZodError) {
    const fields = error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'unknown field' }))
        : [{ path: issue.path.join('.'), message: issue.message }],
    );
    return failure('validation_failed', undefined, { errors: fields });
  }
  return null;
}

/** The one error mapper: whatever was thrown becomes a code of the catalogue, and nothing of its inner text leaves. */
export function toFailure(error: unknown, log: Log): Failure {
  const refusal = refusalOf(error);
  if (refusal) return refusal;
  const state =
    error instanceof DriverException
      ? String((error as DriverException & { code?: string }).code ?? '')
      : String((error as { code?: unknown }).code ?? '');
  if (CONFLICTS.has(state)) return failure('write_conflict');
  if (
    AWAY.test(state) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57014'].includes(state) ||
    /terminat|timeout|Connection/i.test((error as Error).message)
  ) {
    log.warn({ reason: (error as Error).message }, 'request failed, the database is away');
    return failure('service_unavailable');
  }
  log.error({ err: error }, 'request failed');
  return failure('internal_error');
}
