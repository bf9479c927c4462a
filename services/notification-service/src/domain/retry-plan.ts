/** The longest that an endpoint may ask us to stay away. */
const MOST_ASKED_MS = 24 * 3_600_000;

/**
 * When to try again after `attempts` tries, in milliseconds from now; null after the last. `plan` are the pauses between
 * tries, `spread` is a number in [0, 1): pauses are up to a fifth shorter or longer, so that what failed together does
 * not come back together. An endpoint may ask for longer, not for shorter.
 */
export function pauseAfter(
  attempts: number,
  plan: readonly number[],
  spread: number,
  askedMs: number | null,
): number | null {
  const pause = plan[attempts - 1];
  if (pause === undefined) return null;
  return Math.max(pause * (0.8 + spread * 0.4), Math.min(askedMs ?? 0, MOST_ASKED_MS));
}

/** `Retry-After` (RFC 9110 §10.2.3): seconds, or a date; null for what is neither. */
export function retryAfterMs(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}
