import type { Log } from '@oms/chassis';

const POLL_MS = 1_000;

/**
 * Works through rows that state an intent, `most` at once: as soon as one is done the next is claimed, so that a slow one
 * holds its own place and nobody else's. What is claimed is leased in the database; this only keeps the places full.
 */
export class Slots<Item> {
  private readonly running = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private claiming = false;
  private again = false;
  private stopped = false;
  private readonly options: {
    name: string;
    most: number;
    /** Takes up to `free` items for this process; fewer when no more are due. */
    claim(free: number): Promise<Item[]>;
    /** Never throws. */
    perform(item: Item): Promise<void>;
    log: Log;
  };

  constructor(options: Slots<Item>['options']) {
    this.options = options;
  }

  /** Called after a commit that intended something, when a place has become free, and by the poll. */
  kick(): void {
    if (this.stopped) return;
    if (this.claiming) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.claiming = true;
    void this.fill().finally(() => {
      this.claiming = false;
      if (this.stopped) return;
      if (this.again) {
        this.again = false;
        this.kick();
      } else {
        this.timer = setTimeout(() => this.kick(), POLL_MS * (0.8 + Math.random() * 0.4));
      }
    });
  }

  /** Takes nothing new and waits for what runs. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await Promise.allSettled(this.running);
  }

  private async fill(): Promise<void> {
    const { name, most, claim, perform, log } = this.options;
    try {
      const free = most - this.running.size;
      if (free <= 0) return;
      const items = await claim(free);
      for (const item of items) {
        const task: Promise<void> = perform(item).finally(() => {
          this.running.delete(task);
          this.kick();
        });
        this.running.add(task);
      }
    } catch (error) {
      log.warn({ reason: (error as Error).message }, `${name}: trying again`);
    }
  }
}
