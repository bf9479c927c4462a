import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

type State = 'open' | 'cut' | 'stalled';

/** A connection between a process and what it is connected to, that can be cut (refused and torn) or stalled (silent both ways). */
export class Wire {
  private state: State = 'open';
  private readonly pairs = new Set<[Socket, Socket]>();
  private readonly server: Server;
  private readonly target: { host: string; port: number };

  private constructor(target: { host: string; port: number }) {
    this.target = target;
    this.server = createServer((near) => this.carry(near));
  }

  /** Lays a wire in front of `url`, and answers it with the address at which it is found instead. */
  static async before(url: string): Promise<{ wire: Wire; url: string }> {
    const address = new URL(url);
    const wire = new Wire({ host: address.hostname, port: Number(address.port) });
    await new Promise<void>((done) => wire.server.listen(0, '127.0.0.1', done));
    address.port = String((wire.server.address() as AddressInfo).port);
    return { wire, url: address.href.replace(/\/$/, url.endsWith('/') ? '/' : '') };
  }

  cut(): void {
    this.state = 'cut';
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
  }

  stall(): void {
    this.state = 'stalled';
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  mend(): void {
    this.state = 'open';
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private carry(near: Socket): void {
    if (this.state === 'cut') return void near.destroy();
    const far = createConnection(this.target);
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.setNoDelay(true);
      from.on('data', (part) => {
        if (!to.write(part)) from.pause();
      });
      to.on('drain', () => {
        if (this.state !== 'stalled') from.resume();
      });
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        this.pairs.delete(pair);
      });
      if (this.state === 'stalled') from.pause();
    }
  }
}
