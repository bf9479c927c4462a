import type { NatsConnection } from '@nats-io/transport-node';
import { connectAs } from '../../deploy/nats/connect.ts';

/**
 * Hears the events by which a case is settled, as another service of the company would. Polling the API instead was a
 * quarter of the load that the chains put on the system.
 */
export class Witness {
  private readonly seen = new Set<string>();
  private readonly waiting = new Map<string, () => void>();
  private readonly nc: NatsConnection;

  private constructor(nc: NatsConnection) {
    this.nc = nc;
    for (const subject of ['oms.order.v1.*.confirmed', 'oms.return.v1.*.refunded']) {
      nc.subscribe(subject, {
        callback: (_, message) => {
          const id = message.subject.split('.')[3] ?? '';
          this.seen.add(id);
          this.waiting.get(id)?.();
        },
      });
    }
  }

  static async of(url: string): Promise<Witness> {
    const nc = await connectAs(url);
    const witness = new Witness(nc);
    await nc.flush();
    return witness;
  }

  /** Resolves when the order is confirmed, or the return refunded; rejects after `withinMs`. */
  async settled(id: string, withinMs = 30_000): Promise<void> {
    if (!this.seen.has(id))
      await new Promise<void>((done, fail) => {
        const late = setTimeout(() => fail(new Error(`${id} was not settled in ${withinMs} ms`)), withinMs);
        this.waiting.set(id, () => {
          clearTimeout(late);
          done();
        });
      });
    this.waiting.delete(id);
    this.seen.delete(id);
  }

  close(): Promise<void> {
    return this.nc.close();
  }
}
