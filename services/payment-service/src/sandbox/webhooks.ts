import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';

/** What the provider tells by itself, after Standard Webhooks; `id` is the same however often it is sent. */
export interface Notice {
  id: string;
  type: 'operation.settled' | 'chargeback.opened' | 'chargeback.closed';
  timestamp: string;
  data: object;
}

const TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5_000;

/** Sends notices until they are taken, also those that a process before this one could not. Without an address, none is sent. */
export class Webhooks {
  private readonly path: string;
  private readonly url: string | undefined;
  private readonly signer: Webhook | undefined;
  private stopped = false;

  constructor(folder: string, target: { url: string | undefined; secret: string | undefined }) {
    this.path = join(folder, 'webhooks.ndjson');
    this.url = target.url;
    this.signer = target.secret ? new Webhook(target.secret) : undefined;
    for (const notice of this.kept()) void this.deliver(notice);
  }

  /** Kept on disk before it is sent. */
  send(notice: Notice): void {
    if (!this.url) return;
    this.write({ notice });
    void this.deliver(notice);
  }

  stop(): void {
    this.stopped = true;
  }

  private write(line: { notice: Notice } | { taken: string }): void {
    appendFileSync(this.path, `${JSON.stringify(line)}\n`);
  }

  /** What was kept and not taken yet. */
  private kept(): Notice[] {
    if (!existsSync(this.path)) return [];
    const open = new Map<string, Notice>();
    for (const text of readFileSync(this.path, 'utf8').split('\n')) {
      try {
        const line = JSON.parse(text) as { notice?: Notice; taken?: string };
        if (line.notice) open.set(line.notice.id, line.notice);
        if (line.taken) open.delete(line.taken);
      } catch {
        // An empty line, or the last one of a process that was killed while it wrote.
      }
    }
    return [...open.values()];
  }

  private async deliver({ id, ...notice }: Notice): Promise<void> {
    if (!this.url || !this.signer) return;
    const body = JSON.stringify(notice);
    for (let wait = FIRST_RETRY_MS; !this.stopped; wait = Math.min(LAST_RETRY_MS, wait * 2)) {
      const now = new Date();
      const taken = await fetch(this.url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': this.signer.sign(id, now, body),
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).then(
        (answer) => answer.ok,
        () => false,
      );
      if (taken) return this.write({ taken: id });
      await new Promise((done) => setTimeout(done, wait).unref());
    }
  }
}
