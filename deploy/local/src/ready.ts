import { Sentence } from './sentence.ts';

/** Shorter than a test waits for its stack, so that it is told which process it was. */
const READY_MS = 150_000;

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** Waits until `url` answers well; after two and a half minutes throws a sentence that names `what` and its log. */
export async function until(url: string, what: string, log: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await answers(url))) {
    signal.throwIfAborted();
    if (Date.now() > deadline)
      throw new Sentence(`${what} did not become ready within ${READY_MS / 1000} s; see ${log}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Never comes back; throws the reason of `signal` when that is aborted. */
export async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
  throw signal.reason;
}
