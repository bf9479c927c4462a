/** A closed loop of `connections` callers for `seconds`: each sends its next request when the last one is answered. */
export interface Load {
  name: string;
  connections: number;
  requests: number;
  failures: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;

/**
 * Runs `work` on every connection until the time is over. `work` throws when the answer was not the wanted one; a
 * failure is counted and never hidden. Latencies in ms, over successful calls.
 */
export async function measure(
  name: string,
  connections: number,
  seconds: number,
  work: (turn: number) => Promise<void>,
): Promise<Load> {
  const latencies: number[] = [];
  let failures = 0;
  let turn = 0;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const loop = async () => {
    while (performance.now() < until) {
      const from = performance.now();
      try {
        await work(turn++);
        latencies.push(performance.now() - from);
      } catch {
        failures += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  return summary(name, connections, latencies, failures, startedAt);
}

/** One call for each of `things`, one after the other: latency without any queueing. */
export async function measureEach<T>(
  name: string,
  things: readonly T[],
  work: (thing: T) => Promise<void>,
): Promise<Load> {
  const latencies: number[] = [];
  let failures = 0;
  const startedAt = performance.now();
  for (const thing of things) {
    const from = performance.now();
    try {
      await work(thing);
      latencies.push(performance.now() - from);
    } catch {
      failures += 1;
    }
  }
  return summary(name, 1, latencies, failures, startedAt);
}

/** Rate and percentiles of what took `latencies` ms each, since `startedAt`. */
export function summary(
  name: string,
  connections: number,
  latencies: number[],
  failures: number,
  startedAt: number,
): Load {
  const elapsed = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    name,
    connections,
    requests: latencies.length,
    failures,
    requestsPerSecond: round(latencies.length / elapsed),
    p50Ms: round(percentile(latencies, 0.5)),
    p99Ms: round(percentile(latencies, 0.99)),
  };
}

export const round = (value: number): number => Math.round(value * 10) / 10;
