/** The middle of paired differences, and where the true one lies with 95 % certainty. */
export interface Difference {
  median: number;
  from: number;
  to: number;
}

/** The middle one, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/**
 * How much `more[i]` is above `less[i]`. The interval is the one of the sign test: it asks nothing of how the differences are
 * spread, and a turn in which the machine did something else moves it by one place, however far out it lies.
 */
export function differenceOf(less: readonly number[], more: readonly number[]): Difference {
  const sorted = less.map((value, index) => (more[index] ?? 0) - value).toSorted((a, b) => a - b);
  const skipped = outside(sorted.length);
  return {
    median: median(sorted),
    from: sorted[skipped] ?? 0,
    to: sorted[sorted.length - 1 - skipped] ?? 0,
  };
}

/** How many of `n` may be left out at each end: as many heads of `n` coins have a probability of at most 2.5 %. */
function outside(n: number): number {
  let coins = 0.5 ** n;
  let probability = 0;
  for (let heads = 0; ; heads++) {
    probability += coins;
    if (probability > 0.025 || heads >= n) return heads;
    coins *= (n - heads) / (heads + 1);
  }
}

/** In a sequence by chance. */
export function shuffled<T>(things: readonly T[]): T[] {
  return things
    .map((thing) => ({ thing, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ thing }) => thing);
}
