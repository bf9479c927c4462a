import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

/** One write and what was answered, kept to be compared with what is true later. */
export interface Deed {
  method: string;
  path: string;
  body: object;
  key: string;
  status: number;
  answer: unknown;
  /** Times it was sent; more than one when an answer was lost or said to ask again. */
  sent: number;
}

export interface Resource {
  id: string;
  status: string;
  [field: string]: unknown;
}

/** Answers after which a write is to be sent again under its key (API.md). */
const AGAIN = new Set([429, 502, 503, 504]);
const PATIENCE_MS = 180_000;

/** A client of the public API that remembers every write, sends those in doubt again under their key, and can ask for all of them once more. */
export class Witness {
  readonly deeds: Deed[] = [];
  /** Answers that the contract does not know for what was asked. */
  readonly surprises: string[] = [];
  /** How often each status was answered; a refusal with its code. */
  readonly statuses = new Map<string, number>();
  /** Requests that ended without an answer. */
  torn = 0;
  private readonly gateways: () => readonly string[];
  private readonly token: () => Promise<string>;
  private next = 0;

  constructor(gateways: () => readonly string[], token: () => Promise<string>) {
    this.gateways = gateways;
    this.token = token;
  }

  async read<T = Resource>(path: string): Promise<T> {
    return (await this.settled('GET', path, undefined, undefined)).answer as T;
  }

  /** Answers the resource; throws when the contract refuses, which a workload that keeps to it never sees. */
  async write(method: 'POST' | 'PATCH', path: string, body: object, key: string): Promise<Resource> {
    const { status, answer } = await this.attempt(method, path, body, key);
    if (status >= 300)
      throw new Error(
        `${method} ${path} ${JSON.stringify(body).slice(0, 200)}: ${status} ${JSON.stringify(answer)}`,
      );
    return answer as Resource;
  }

  /** Asks for what the contract may refuse. A refusal is an answer too: repeated, it is the same. */
  async attempt(method: 'POST' | 'PATCH', path: string, body: object, key: string): Promise<Deed> {
    const { status, answer, sent } = await this.settled(method, path, body, key);
    const deed = { method, path, body, key, status, answer, sent };
    this.deeds.push(deed);
    return deed;
  }

  async until(path: string, holds: (view: Resource) => boolean): Promise<Resource> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let wait = 50; ; wait = Math.min(250, wait * 1.5)) {
      const view = await this.read(path);
      if (holds(view)) return view;
      if (Date.now() > deadline) throw new Error(`GET ${path}: still ${view.status} after ${PATIENCE_MS} ms`);
      await pause(wait);
    }
  }

  /** Sends every write once more under its key: each that answered otherwise than the first time. */
  async repeatAll(): Promise<string[]> {
    const differing: string[] = [];
    for (const deed of this.deeds) {
      const { status, answer } = await this.settled(deed.method, deed.path, deed.body, deed.key);
      if (status !== deed.status || !isDeepStrictEqual(answer, deed.answer))
        differing.push(
          `${deed.method} ${deed.path} (${deed.key}): ${deed.status}, then ${status} ${JSON.stringify(answer).slice(0, 300)}`,
        );
    }
    return differing;
  }

  private async settled(
    method: string,
    path: string,
    body: object | undefined,
    key: string | undefined,
  ): Promise<{ status: number; answer: unknown; sent: number }> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let sent = 1; ; sent++) {
      const known = await this.send(method, path, body, key).catch((error: Error) => {
        this.torn += 1;
        return error;
      });
      if (!(known instanceof Error)) {
        const code = (known.answer as { code?: string } | null)?.code;
        const told =
          known.status >= 400 && known.status < 500 ? `${known.status} ${code}` : `${known.status}`;
        this.statuses.set(told, (this.statuses.get(told) ?? 0) + 1);
        const again = AGAIN.has(known.status) || code === 'idempotency_in_progress';
        if (known.status >= 500 && !AGAIN.has(known.status))
          this.surprises.push(`${method} ${path}: ${known.status} ${JSON.stringify(known.answer)}`);
        if (!again && known.status < 500) return { ...known, sent };
      }
      if (Date.now() > deadline)
        throw new Error(
          `${method} ${path}: no answer in ${PATIENCE_MS} ms, last ${known instanceof Error ? known.message : known.status}`,
        );
      await pause(Math.min(500, 25 * 2 ** Math.min(sent, 5)));
    }
  }

  private async send(
    method: string,
    path: string,
    body: object | undefined,
    key: string | undefined,
  ): Promise<{ status: number; answer: unknown }> {
    const gateways = this.gateways();
    const response = await fetch(`${gateways[this.next++ % gateways.length]}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token()}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(key ? { 'idempotency-key': key } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, answer: await response.json() };
  }
}
