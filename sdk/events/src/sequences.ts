/** Where an event stands in its aggregate's count: the next, one that was there before, or one with a gap before it. */
export type Place = 'next' | 'repeated' | 'gap';

/**
 * Tells repetitions and gaps by `sequence`, for a subscriber to all events of an aggregate. It remembers the aggregates that it
 * has seen most recently; what must be told after a restart too needs the number from the subscriber's own tables.
 */
export class Sequences {
  private readonly last = new Map<string, number>();
  private readonly most: number;

  /** `most`: aggregates that are remembered. */
  constructor(most = 100_000) {
    this.most = most;
  }

  /** Where `sequence` of `subject` stands. `known` is the last one in the subscriber's own tables, if it keeps them. */
  place(subject: string, sequence: number, known = 0): Place {
    const last = Math.max(known, this.last.get(subject) ?? 0);
    if (sequence <= last) return 'repeated';
    this.last.delete(subject);
    this.last.set(subject, sequence);
    const [oldest] = this.last.keys();
    if (this.last.size > this.most && oldest !== undefined) this.last.delete(oldest);
    return sequence === last + 1 ? 'next' : 'gap';
  }
}
