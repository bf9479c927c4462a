/** The values of an NDJSON body, each as soon as its line is whole; leaving the loop early closes the connection. */
export async function* linesOf<T>(
  answer: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const reader = answer.body?.getReader();
  if (!reader) return;
  const stop = () => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      const lines = (rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }))).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T;
      if (done) return;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await reader.cancel().catch(() => undefined);
  }
}
