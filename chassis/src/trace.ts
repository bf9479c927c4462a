import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** What one piece of work is a part of: the W3C trace, and the story it belongs to. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  correlationId: string;
  requestId: string | null;
}

const storage = new AsyncLocalStorage<TraceContext>();

/** W3C Trace Context §3.2: version 00, a trace id and a parent id that are not all zero. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The trace of the work that runs now, if any. */
export const currentTrace = (): TraceContext | undefined => storage.getStore();

/** The header that makes the next hop a child of this one. */
export function traceparent(): string | null {
  const trace = storage.getStore();
  return trace ? `00-${trace.traceId}-${trace.spanId}-01` : null;
}

/** Runs `work` in the caller's trace, or in a new one when the header is missing or wrong. */
export function withTrace<T>(
  from: { traceparent: string | null | undefined; correlationId?: string | null; requestId?: string | null },
  work: () => T,
): T {
  const parent = TRACEPARENT.exec(from.traceparent ?? '');
  const traceId = parent?.[1] ?? randomBytes(16).toString('hex');
  return storage.run(
    {
      traceId,
      spanId: randomBytes(8).toString('hex'),
      correlationId: from.correlationId ?? traceId,
      requestId: from.requestId ?? null,
    },
    work,
  );
}
