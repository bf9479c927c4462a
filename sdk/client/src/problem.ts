import type { ErrorCode } from './calls.js';

/** One field that does not fit: its path in the body or query (`items.0.quantity`) and why. */
export interface InvalidField {
  path: string;
  message: string;
}

/** What stands in an `application/problem+json` answer (RFC 9457). */
interface ProblemBody {
  code?: string;
  title?: string;
  detail?: string;
  requestId?: string;
  errors?: InvalidField[];
  from?: string;
  transition?: string;
  allowedTransitions?: string[];
  requiredScope?: string;
}

/**
 * The API said no. `code` is stable and what a program decides by; `message` is for a log. Thrown at once for what will not
 * change by asking again, and for the rest when the time for retries is over.
 */
export class OmsProblem extends Error {
  override readonly name = 'OmsProblem';
  /** The HTTP status. */
  readonly status: number;
  /** The stable code; `unknown` when something between us and the API answered without one. */
  readonly code: ErrorCode | 'unknown';
  readonly title: string;
  readonly detail: string | undefined;
  /** What did not fit, for 400 and some 422; empty otherwise. */
  readonly errors: readonly InvalidField[];
  /** Names the request in the operator's logs. */
  readonly requestId: string | undefined;
  /** Of a refused transition (409): where the resource stands, what was asked, and what it allows. */
  readonly from: string | undefined;
  readonly transition: string | undefined;
  readonly allowedTransitions: readonly string[] | undefined;
  /** The scope that the token or key lacks (403). */
  readonly requiredScope: string | undefined;
  /** The key that a write was sent under: under the same one it is safe to send again. */
  readonly idempotencyKey: string | undefined;

  constructor(call: string, answer: Response, body: ProblemBody, idempotencyKey: string | undefined) {
    const code = body.code ?? 'unknown';
    const fields = (body.errors ?? []).map((one) => `${one.path}: ${one.message}`).join('; ');
    super(
      [`${call}: ${answer.status} ${code}`, body.detail ?? body.title, fields && `(${fields})`]
        .filter(Boolean)
        .join(' '),
    );
    this.status = answer.status;
    this.code = code as ErrorCode | 'unknown';
    this.title = body.title ?? answer.statusText;
    this.detail = body.detail;
    this.errors = body.errors ?? [];
    this.requestId = body.requestId ?? answer.headers.get('x-request-id') ?? undefined;
    this.from = body.from;
    this.transition = body.transition;
    this.allowedTransitions = body.allowedTransitions;
    this.requiredScope = body.requiredScope;
    this.idempotencyKey = idempotencyKey;
  }

  /** Whether asking again, later and under the same key, may end otherwise. */
  get retryable(): boolean {
    return [408, 429, 502, 503, 504].includes(this.status) || this.code === 'idempotency_in_progress';
  }
}

/**
 * No answer came: the network, or the time for the call was over. Of a write it is not known whether it was carried out; send it
 * again under {@link idempotencyKey}, and the answer is the one that was lost.
 */
export class OmsUnreachable extends Error {
  override readonly name = 'OmsUnreachable';
  readonly idempotencyKey: string | undefined;

  constructor(call: string, cause: unknown, idempotencyKey: string | undefined) {
    super(`${call}: no answer (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
    this.idempotencyKey = idempotencyKey;
  }
}

/** The problem in `answer`; something that is no problem document (a proxy's page) is told by its status alone. */
export async function problemOf(
  call: string,
  answer: Response,
  idempotencyKey: string | undefined,
): Promise<OmsProblem> {
  const body = await answer.json().then(
    (value: unknown) => (value !== null && typeof value === 'object' ? value : {}),
    () => ({}),
  );
  return new OmsProblem(call, answer, body, idempotencyKey);
}
