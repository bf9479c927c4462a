import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@oms/chassis/testing';
import { freePort } from '../../../deploy/local/src/ports.ts';
import type { OperationKind } from '../src/domain/payment.js';

/** A line of the provider's own book. */
export interface LedgerRow {
  operation: OperationKind;
  key: string;
  reference: string;
  amount: number;
  outcome: string;
}

/** Ends a child as a crash would, and waits until it is gone. */
export async function crash(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGKILL');
  await ended;
}

/** The real sandbox provider, a process of its own with a book on disk. */
export class Sandbox {
  private child: ChildProcess | undefined;
  private port = 0;
  private readonly store = mkdtempSync(join(tmpdir(), 'oms-sandbox-'));

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.port ||= await freePort();
    this.child = spawn(process.execPath, [join(import.meta.dirname, '../dist/sandbox/main.js')], {
      env: { ...process.env, SANDBOX_PORT: String(this.port), SANDBOX_STORE: this.store },
      stdio: 'ignore',
    });
    await eventually('the sandbox answers', () =>
      fetch(`${this.url}/livez`).then(
        (answer) => answer.ok,
        () => false,
      ),
    );
  }

  async crash(): Promise<void> {
    if (this.child) await crash(this.child);
  }

  async stop(): Promise<void> {
    await this.crash();
    rmSync(this.store, { recursive: true, force: true });
  }

  /** Everything it did for a payment. */
  async ledger(reference: string): Promise<LedgerRow[]> {
    const answer = await fetch(`${this.url}/ledger?reference=${reference}`);
    return ((await answer.json()) as { data: LedgerRow[] }).data;
  }
}

/** Where a call to the provider gets stuck: before the provider hears of it, after it did its work, or not at all. */
export type Point = 'before the provider' | 'before the answer' | 'answered';

interface Trap {
  kind: OperationKind;
  point: Point;
  lose: boolean;
  spring(): void;
}

/** The wire between payment-service and the provider; it can be cut at a point of one call. */
export class Wire {
  /** The effects asked for, as `POST authorize pay_…:authorize`, and the questions, as `GET pay_…:authorize`. */
  readonly calls: string[] = [];
  private trap: Trap | undefined;
  private kept: (() => void) | undefined;
  private readonly server = createServer((req, res) => {
    this.carry(req, res).catch(() => req.socket.destroy());
  });
  private readonly sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  start(): Promise<void> {
    return new Promise((done) => this.server.listen(0, '127.0.0.1', done));
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** Resolves when the next call of `kind` has come to `point`, where it stays until released; with `lose`, its caller hears so. */
  reach(kind: OperationKind, point: Point, options: { lose?: boolean } = {}): Promise<void> {
    return new Promise((spring) => (this.trap = { kind, point, lose: options.lose ?? false, spring }));
  }

  /** Lets the answer that is stuck go on its way. */
  release(): void {
    this.kept?.();
  }

  private async carry(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of req) body += String(chunk);
    const [, , what = '', key = ''] = (req.url ?? '').split('/');
    const asks = req.method === 'POST';
    this.calls.push(
      asks ? `POST ${what} ${(JSON.parse(body) as LedgerRow).key}` : `GET ${decodeURIComponent(key)}`,
    );
    const trap = asks && this.trap?.kind === what ? this.trap : undefined;
    if (trap) this.trap = undefined;
    const stuck = () => {
      trap?.spring();
      if (trap?.lose) req.socket.destroy();
    };
    if (trap?.point === 'before the provider') return stuck();
    const answer = await fetch(`${this.sandbox.url}${req.url}`, {
      method: req.method ?? 'GET',
      ...(asks ? { body } : {}),
    });
    const text = await answer.text();
    const send = () => void res.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    if (trap?.point === 'before the answer') {
      this.kept = send;
      return stuck();
    }
    send();
    trap?.spring();
  }
}
