import type { ErrorCode } from '@oms/contracts';

/** What a refusal may add for the client. */
export interface RefusalExtra {
  errors?: { path: string; message: string }[];
  from?: string;
  transition?: string;
  allowedTransitions?: string[];
  requiredScope?: string;
  /** Of a refusal that is told again: whose request it first answered. */
  requestId?: string;
  /** When to ask again, in s; told in a header, never in the body. */
  retryAfterS?: number;
}

/** The business says no. Thrown out of a transaction, so that nothing of it stays; mapped to an answer in one place. */
export class Refused extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly extra: RefusalExtra;

  constructor(code: ErrorCode, detail?: string, extra: RefusalExtra = {}) {
    super(detail ?? code);
    this.name = 'Refused';
    this.code = code;
    this.detail = detail;
    this.extra = extra;
  }
}
