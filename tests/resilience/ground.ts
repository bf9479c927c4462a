import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, type Backing, type Stack, type StackOptions } from '../../deploy/local/src/stack.ts';
import { Books } from '../../tools/src/verify/books.ts';
import { Control, type OtherCode } from './control.ts';
import { Wire } from './wire.ts';

/**
 * The real processes with everything in reach that can be done to them: their fault points, the wires between them and what
 * they are connected to, their signals; and the books by which they are judged.
 */
export class Ground {
  readonly home: string;
  readonly stack: Stack;
  readonly books: Books;
  readonly control: Control;
  /** By `<process> <backing>`. */
  readonly wires: ReadonlyMap<string, Wire[]>;
  /** Which processes were told to end, by pid: whoever else ends, ended by itself. */
  readonly doomed = new Set<number>();

  private constructor(parts: Pick<Ground, 'home' | 'stack' | 'books' | 'control' | 'wires'>) {
    this.home = parts.home;
    this.stack = parts.stack;
    this.books = parts.books;
    this.control = parts.control;
    this.wires = parts.wires;
  }

  static async start({
    replicas = 1,
    natsNodes = 1,
    env = {},
    ...other
  }: Pick<StackOptions, 'replicas' | 'natsNodes' | 'env'> & OtherCode = {}): Promise<Ground> {
    const home = mkdtempSync(join(tmpdir(), 'oms-faults-'));
    chmodSync(home, 0o755);
    const control = new Control();
    const wires = new Map<string, Wire[]>();
    const wire = async (process: string, to: Backing, target: string): Promise<string> => {
      const laid = await Wire.before(target);
      const key = `${process} ${to}`;
      wires.set(key, [...(wires.get(key) ?? []), laid.wire]);
      return laid.url;
    };
    const stack = await startStack({
      replicas,
      natsNodes,
      home,
      httpPort: 0,
      quiet: true,
      unbundled: true,
      env: { ...env, ...(await control.environment(other)) },
      wire,
    });
    return new Ground({ home, stack, control, wires, books: await Books.open(stack.run) });
  }

  /** The base URLs of all gateways. */
  get gateways(): string[] {
    return this.replicasOf('gateway').map((name) => this.stack.run[name]?.url ?? '');
  }

  /** The names of the processes that fit. */
  named(pattern: RegExp): string[] {
    return Object.keys(this.stack.run).filter((name) => pattern.test(name));
  }

  /** The processes of one kind. */
  replicasOf(role: string): string[] {
    return this.named(new RegExp(`^${role}(-\\d+)?$`));
  }

  pid(process: string): number {
    return this.stack.run[process]?.pid ?? 0;
  }

  signal(process: string, signal: NodeJS.Signals): number {
    const pid = this.pid(process);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.doomed.add(pid);
    try {
      globalThis.process.kill(pid, signal);
    } catch {
      // It has ended already and is on its way back: nothing is left to do to it.
    }
    return pid;
  }

  /** The processes that do not say that they are ready, right now. */
  async notReady(): Promise<string[]> {
    const { run } = this.stack;
    const asked = Object.entries(run).flatMap(([name, entry]): [string, string][] => {
      const { health, url, monitor } = entry as { health?: string; url?: string; monitor?: string };
      if (health) return [[name, `${health}/readyz`]];
      if (/^gateway/.test(name)) return [[name, `${url}/readyz`]];
      if (name === 'payment-sandbox') return [[name, `${url}/livez`]];
      return monitor ? [[name, `${monitor}/healthz`]] : [];
    });
    const answers = await Promise.all(
      asked.map(async ([name, url]) => {
        const ready = await fetch(url, { signal: AbortSignal.timeout(3_000) }).then(
          (answer) => answer.ok,
          () => false,
        );
        return ready ? [] : [name];
      }),
    );
    return answers.flat();
  }

  /** Copies the logs of all processes to where they outlive this ground, and says where. */
  keepLogs(): string {
    const kept = mkdtempSync(join(tmpdir(), 'oms-fault-logs-'));
    cpSync(join(this.home, 'logs'), kept, { recursive: true });
    return kept;
  }

  async close(): Promise<void> {
    await this.books.close().catch(() => {});
    await this.stack.stop();
    this.control.close();
    for (const wire of [...this.wires.values()].flat()) wire.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
