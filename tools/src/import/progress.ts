const BAR = 30;

/** A bar with rate and time left on a terminal; without one, a line every ten seconds. */
export class Progress {
  private done = 0;
  private retries = 0;
  private printedAt = 0;
  private readonly startedAt = Date.now();
  private readonly total: number;

  constructor(total: number) {
    this.total = total;
  }

  retried(): void {
    this.retries += 1;
  }

  step(): void {
    this.done += 1;
    const now = Date.now();
    const every = process.stderr.isTTY ? 100 : 10_000;
    if (now - this.printedAt < every && this.done < this.total) return;
    this.printedAt = now;
    const seconds = (now - this.startedAt) / 1000;
    const rate = this.done / Math.max(seconds, 0.001);
    const left = Math.ceil((this.total - this.done) / Math.max(rate, 0.001));
    const filled = Math.round((this.done / this.total) * BAR);
    const line = `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${this.done}/${this.total} orders, ${rate.toFixed(1)}/s, ${left} s left, ${this.retries} retries`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}\x1b[K` : `${line}\n`);
    if (this.done === this.total && process.stderr.isTTY) process.stderr.write('\n');
  }
}
