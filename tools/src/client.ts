import { randomUUID } from 'node:crypto';

/** An answer that says no: the problem's stable code, and the sentence that came with it. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(
    call: string,
    status: number,
    problem: { code?: string; detail?: string; title?: string; errors?: unknown },
  ) {
    super(
      `${call}: ${status} ${problem.code ?? ''} ${problem.detail ?? problem.title ?? ''} ${problem.errors ? JSON.stringify(problem.errors) : ''}`.trim(),
    );
    this.status = status;
    this.code = problem.code ?? 'unknown';
  }
}

/** How often a call that ended in doubt (503, 504, a broken connection) is sent again; about two minutes in all. */
const ATTEMPTS = 70;
const MAX_PAUSE_MS = 2_000;

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/**
 * A client of the public API for our own tools. A write that ended in doubt is sent again under the same
 * Idempotency-Key, which API.md promises to be safe; a refusal is thrown as an {@link ApiProblem} at once.
 */
export class ApiClient {
  private readonly base: string;
  private readonly onRetry: (reason: string) => void;
  private readonly token: () => Promise<string>;

  /** `token` is asked before each call; it caches what it likes. */
  constructor(url: string, token: () => Promise<string>, onRetry: (reason: string) => void = () => {}) {
    this.base = `${url}/api/v1`;
    this.token = token;
    this.onRetry = onRetry;
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path, undefined, undefined);
  }

  post<T>(path: string, body: object, key: string = randomUUID()): Promise<T> {
    return this.send<T>('POST', path, body, key);
  }

  patch<T>(path: string, body: object, key: string = randomUUID()): Promise<T> {
    return this.send<T>('PATCH', path, body, key);
  }

  private async send<T>(
    method: string,
    path: string,
    body: object | undefined,
    key: string | undefined,
  ): Promise<T> {
    const call = `${method} ${path}`;
    for (let attempt = 1; ; attempt++) {
      const token = await this.token();
      try {
        const response = await fetch(this.base + path, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(body ? { 'content-type': 'application/json' } : {}),
            ...(key ? { 'idempotency-key': key } : {}),
          },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        const answer = (await response.json()) as T;
        if (response.ok) return answer;
        const problem = new ApiProblem(call, response.status, answer as object);
        const inDoubt =
          response.status >= 502 || response.status === 429 || problem.code === 'idempotency_in_progress';
        if (!inDoubt || attempt >= ATTEMPTS) throw problem;
        this.onRetry(`${response.status} ${problem.code}`);
      } catch (error) {
        if (error instanceof ApiProblem || attempt >= ATTEMPTS) throw error;
        this.onRetry('connection');
      }
      await pause(Math.min(MAX_PAUSE_MS, 50 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2));
    }
  }

  /**
   * Reads `path` until `done` holds, and answers the last reading. The pause grows from 5 to 200 ms. After `withinMs`
   * it throws, with what it saw last.
   */
  async until<T>(path: string, done: (value: T) => boolean, withinMs = 180_000): Promise<T> {
    const deadline = Date.now() + withinMs;
    for (let wait = 5; ; wait = Math.min(200, wait * 1.6)) {
      const value = await this.get<T>(path);
      if (done(value)) return value;
      if (Date.now() > deadline)
        throw new Error(
          `GET ${path}: still ${(value as { status?: string }).status ?? 'waiting'} after ${withinMs} ms`,
        );
      await pause(wait);
    }
  }
}
