/** Wakes a loop in this process. A wake-up while nobody waits is kept, so that none is ever missed. */
export class Signal {
  private wake: (() => void) | undefined;
  private pending = false;

  notify(): void {
    this.pending = true;
    this.wake?.();
  }

  /** Returns at the next notification, or after `timeoutMs` with up to a fifth of jitter. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.pending) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, timeoutMs * (0.8 + Math.random() * 0.2));
        this.wake = () => {
          clearTimeout(timer);
          done();
        };
      });
      this.wake = undefined;
    }
    this.pending = false;
  }
}
