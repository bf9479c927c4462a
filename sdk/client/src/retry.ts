const FIRST_MS = 100;
const LONGEST_MS = 2_000;

/** The pause before attempt `attempt` + 1: doubled each time up to 2 s, of which a random half, so that clients do not come in step. */
export const backOff = (attempt: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10)) * (0.5 + Math.random() / 2);

/** `Retry-After` in ms: seconds, or a date (RFC 9110 §10.2.3); undefined when it is neither. */
export function asked(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Resolves after `ms`; rejects with the signal's reason when that comes first. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((done, fail) => {
    const stop = () => {
      clearTimeout(timer);
      fail(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      done();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });

/** A key that nobody else has. `randomUUID` is missing in Node 18 and on pages without https; a key needs to be unique, not secret. */
export function newKey(): string {
  const { crypto } = globalThis as { crypto?: { randomUUID?: () => string } };
  if (typeof crypto?.randomUUID === 'function') return crypto.randomUUID();
  const digits = () => Math.random().toString(36).slice(2, 12).padEnd(10, '0');
  return `${Date.now().toString(36)}-${digits()}-${digits()}-${digits()}`;
}
