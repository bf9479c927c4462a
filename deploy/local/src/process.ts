import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';

/** How one process of the stack is started. */
export interface Spec {
  name: string;
  file: string;
  args: string[];
  cwd?: string;
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
  log: string;
  stopSignal?: NodeJS.Signals;
  /** Runs after it was started again, before anybody is told. */
  restarted?: () => Promise<void>;
}

/** Starts a process of the stack and remembers its address for `run.json`. */
export type Launch = (spec: Omit<Spec, 'log'>, address: Record<string, string>) => Supervised;

/** How a process ended that nobody stopped through {@link Supervised.stop}. */
export interface Ending {
  name: string;
  pid: number;
  code: number | null;
  signal: NodeJS.Signals | null;
}

const FIRST_BACKOFF_MS = 250;
const LAST_BACKOFF_MS = 10_000;
/** Alive for so long, a process is taken for well, and its back-off starts over. */
const STEADY_MS = 10_000;

/** How a process ends that can not work with the settings it was given (chassis/src/config.ts): started again, it would end again. */
const MISCONFIGURED = 78;
const MOST_WORDS = 4_096;

/** What was written into `file` after its first `from` bytes. */
function writtenSince(file: string, from: number): string {
  const log = openSync(file, 'r');
  try {
    const words = Buffer.alloc(MOST_WORDS);
    return words.toString('utf8', 0, readSync(log, words, 0, MOST_WORDS, from)).trim();
  } finally {
    closeSync(log);
  }
}

/** What is done when a process was started, ended by itself, or refused its settings, in its own words. */
export interface Hooks {
  spawned(): void;
  ended(ending: Ending): void;
  refused(words: string): void;
}

/** One process that is started again when it ends by itself, with back-off and a line that says so. */
export class Supervised {
  pid = 0;
  private child: ChildProcess | undefined;
  private stopping = false;
  private backoffMs = FIRST_BACKOFF_MS;
  readonly spec: Spec;
  private readonly say: (text: string) => void;
  private readonly on: Hooks;

  constructor(spec: Spec, say: (text: string) => void, on: Hooks) {
    this.spec = spec;
    this.say = say;
    this.on = on;
  }

  start(): void {
    const { spec } = this;
    mkdirSync(dirname(spec.log), { recursive: true });
    // The file itself and no pipe through us: what outlives a supervisor that was killed can go on writing.
    const log = openSync(spec.log, 'a');
    const { size } = fstatSync(log);
    const child = spawn(spec.file, spec.args, {
      cwd: spec.cwd,
      env: { ...process.env, ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
      ...(spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid }),
    });
    closeSync(log);
    const startedAt = Date.now();
    child.once('error', (error) => this.say(`${spec.name} could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      this.child = undefined;
      if (this.stopping) return;
      this.on.ended({ name: spec.name, pid: child.pid ?? 0, code, signal });
      if (code === MISCONFIGURED) {
        this.stopping = true;
        this.say(`${spec.name} refuses its settings and is not started again; see ${spec.log}`);
        return this.on.refused(writtenSince(spec.log, size));
      }
      if (Date.now() - startedAt > STEADY_MS) this.backoffMs = FIRST_BACKOFF_MS;
      const waitMs = this.backoffMs;
      this.backoffMs = Math.min(LAST_BACKOFF_MS, this.backoffMs * 2);
      this.say(
        `${spec.name} ended (${signal ?? `exit ${code}`}), starting it again in ${waitMs} ms; see ${spec.log}`,
      );
      setTimeout(() => {
        if (this.stopping) return;
        this.start();
        void spec.restarted?.().catch((error: Error) => this.say(`${spec.name}: ${error.message}`));
      }, waitMs);
    });
    this.child = child;
    this.pid = child.pid ?? 0;
    this.on.spawned();
  }

  /** Asks it to end, and kills it when it has not after `withinMs`. */
  async stop(withinMs = 12_000): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (!child) return;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill(this.spec.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    await ended;
    clearTimeout(timer);
  }

  /** For drills: ends it as a crash would. It comes back by itself. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.child?.kill(signal);
  }
}
