import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { ToBench, ToProcess, Trap } from './points.ts';

/** What the processes of a ground run other than what was built. */
export interface OtherCode {
  /** The name of a protection that all do without. */
  without?: string;
  /** Every second replica is of the release after this one. */
  nextRelease?: boolean;
}

interface Armed {
  process: string;
  trap: Trap;
  sprung(during: string): void;
}

/** The bench's end of the fault points: arms traps in processes by name, also in those that are only started later. */
export class Control {
  private readonly server: Server;
  private readonly sockets = new Map<string, Socket>();
  private readonly armed = new Map<number, Armed>();
  private last = 0;

  constructor() {
    this.server = createServer((socket) => this.greet(socket));
  }

  /** What a process needs in its environment to find this bench, and to run other code than was built. */
  async environment(other: OtherCode = {}): Promise<Record<string, string>> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return {
      OMS_FAULT_PORT: String((this.server.address() as AddressInfo).port),
      NODE_OPTIONS: [...(other.without || other.nextRelease ? ['patched'] : []), 'points']
        .map((preload) => `--import ${new URL(`${preload}.preload.ts`, import.meta.url).href}`)
        .join(' '),
      ...(other.without ? { OMS_WITHOUT: other.without } : {}),
      ...(other.nextRelease ? { OMS_NEXT_RELEASE: 'true' } : {}),
    };
  }

  /** Sets a trap in `process`; `reached` resolves with what it was doing when it came there. */
  arm(process: string, trap: Omit<Trap, 'id'>): { id: number; reached: Promise<string>; disarm(): void } {
    const id = ++this.last;
    const reached = new Promise<string>((sprung) => {
      this.armed.set(id, { process, trap: { ...trap, id }, sprung });
    });
    this.send(process, { arm: { ...trap, id } });
    const disarm = () => {
      this.armed.delete(id);
      this.send(process, { disarm: id });
    };
    return { id, reached, disarm };
  }

  /** Lets the process that holds at a sprung trap go on. */
  release(process: string, id: number): void {
    this.send(process, { go: id });
  }

  close(): void {
    for (const socket of this.sockets.values()) socket.destroy();
    this.server.close();
  }

  private send(process: string, line: ToProcess): void {
    this.sockets.get(process)?.write(`${JSON.stringify(line)}\n`);
  }

  private greet(socket: Socket): void {
    socket.on('error', () => {});
    createInterface({ input: socket })
      .on('error', () => {})
      .on('line', (text) => {
        const line = JSON.parse(text) as ToBench;
        if ('hello' in line) {
          this.sockets.set(line.hello, socket);
          for (const { process, trap } of this.armed.values())
            if (process === line.hello) this.send(process, { arm: trap });
          return;
        }
        const armed = this.armed.get(line.reached);
        this.armed.delete(line.reached);
        armed?.sprung(line.during);
      });
  }
}
