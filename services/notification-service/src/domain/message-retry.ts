const LAST_PAUSE_MS = 600_000;
/** A pause is a quarter more or less: what was put off together would storm a server that has just come back. */
const SPREAD = 0.25;

/** The longest that a message waits between two tries, whatever the settings. */
export const longestPauseMs = LAST_PAUSE_MS * (1 + SPREAD);

/**
 * How long a message that was put off rests, in ms: `firstMs` after the first try, twice as long each time, up to ten minutes.
 * `chance`: a number from 0 to 1 that says how much more or less.
 */
export function pauseAfter(attempt: number, firstMs: number, chance: number): number {
  const pauseMs = Math.min(LAST_PAUSE_MS, firstMs * 2 ** Math.min(attempt - 1, 16));
  return pauseMs * (1 - SPREAD + chance * 2 * SPREAD);
}
