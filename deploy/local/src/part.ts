import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Postgres or a nats-server of its own, for tests: in a fresh folder, on loopback, gone when stopped. */
export interface Part {
  url: string;
  stop(): Promise<void>;
}

/** A new folder that whoever runs a server may enter. */
export function fresh(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `oms-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

/** Ends `child` and takes its folder away. */
export async function end(child: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill(signal);
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
