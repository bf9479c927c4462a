/** The lines of a body, each as soon as it is whole; leaving the loop early closes the connection. `heard` is told of every piece that comes. */
export async function* textLinesOf(
  answer: Response,
  signal: AbortSignal | undefined,
  heard?: () => void,
): AsyncGenerator<string, void, undefined> {
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
      heard?.();
      const lines = (rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }))).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      yield* lines;
      if (done) return;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await reader.cancel().catch(() => undefined);
  }
}

/** The values of an NDJSON body. */
export async function* linesOf<T>(
  answer: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  for await (const line of textLinesOf(answer, signal)) if (line.trim() !== '') yield JSON.parse(line) as T;
}
