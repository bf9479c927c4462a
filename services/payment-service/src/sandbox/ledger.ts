import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** `chargeback` and its reversal are made by the customer's bank, not by a call. */
export type Operation = 'authorize' | 'capture' | 'void' | 'refund' | 'chargeback' | 'chargeback_reversal';

/** One effect that the provider made, or refused to make. Amounts in minor units. */
export interface Effect {
  operation: Operation;
  key: string;
  reference: string;
  amount: number;
  currency: string;
  outcome: 'succeeded' | 'declined' | 'pending';
  code: string | null;
  token: string | null;
  at: string;
}

/** The provider's own book: append-only, on disk before anybody is answered, so that a charge survives every death. */
export class Ledger {
  private readonly effects = new Map<string, Effect>();
  private readonly keys: string[] = [];
  private readonly file: number;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'ledger.ndjson');
    this.file = openSync(path, 'a+');
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line === '') continue;
      try {
        this.know(JSON.parse(line) as Effect);
      } catch {
        // The last line of a process that was killed while it wrote: nobody was answered for it.
      }
    }
  }

  find(key: string): Effect | undefined {
    return this.effects.get(key);
  }

  append(effect: Effect): Effect {
    writeSync(this.file, `${JSON.stringify(effect)}\n`);
    fsyncSync(this.file);
    this.know(effect);
    return effect;
  }

  /** A page of it, in the order in which the effects began; `next` is null on the last one. */
  page(after: number, limit: number): { data: Effect[]; next: number | null } {
    const keys = this.keys.slice(after, after + limit);
    const data = keys.flatMap((key) => this.effects.get(key) ?? []);
    return { data, next: after + limit < this.keys.length ? after + limit : null };
  }

  private know(effect: Effect): void {
    if (!this.effects.has(effect.key)) this.keys.push(effect.key);
    this.effects.set(effect.key, effect);
  }

  all(filter: { key?: string | null; reference?: string | null }): Effect[] {
    return [...this.effects.values()].filter(
      (one) =>
        (!filter.key || one.key === filter.key) && (!filter.reference || one.reference === filter.reference),
    );
  }

  close(): void {
    closeSync(this.file);
  }
}
