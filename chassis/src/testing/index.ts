export { startCollector, type CollectedSpan } from './collector.js';

/**
 * Reads until `holds` answers true, and throws with `what` when it has not within `withinMs`. Tests wait for conditions, never
 * for the clock: `withinMs` is spent by what fails only, and far more than anything takes on a busy machine.
 */
export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
