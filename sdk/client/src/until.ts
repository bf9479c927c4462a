const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Reads until `done` holds, and answers the last reading: for what happens by events a moment after a call was answered.
 * After `withinMs` it throws, and names what it saw last.
 */
export async function until<T>(
  read: () => PromiseLike<T>,
  done: (value: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.6)) {
    const value = await read();
    if (done(value)) return value;
    if (Date.now() > deadline) {
      const status = (value as { status?: string } | null)?.status ?? 'not what was waited for';
      throw new Error(`still ${status} after ${withinMs} ms`);
    }
    await new Promise((next) => setTimeout(next, pause));
  }
}
