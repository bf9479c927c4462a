import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alive } from './alive.ts';
import { Sentence } from './sentence.ts';

/**
 * Below what systems give to outgoing connections: a port of theirs that was free a moment ago may be somebody's other end by now.
 * Above 10080, the last port that `fetch` refuses to ask (WHATWG Fetch, "bad port"): a service that had it was never seen ready.
 */
const FIRST = 10_100;
const LAST = 29_999;
/** A folder for each user: another's can not be written. */
const RESERVED = join(tmpdir(), `oms-ports-${process.getuid?.() ?? ''}`);

/** Ours as long as this process lives; false when another living process was first. */
function reserve(port: number): boolean {
  mkdirSync(RESERVED, { recursive: true });
  const file = join(RESERVED, String(port));
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!existsSync(file) || alive(Number(readFileSync(file, 'utf8')) || process.pid)) return false;
    rmSync(file, { force: true });
    return false;
  }
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(true));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)));
  });

/**
 * A port on loopback that nobody listens on, and that no other stack or test is given while this process lives: between the
 * look and the listening lie seconds, in which two stacks that start together would take the same one.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST + 1);
    if (reserve(port) && !(await listens(port))) return port;
  }
}

/** Whether this process has `port` from now on. */
export async function takePort(port: number): Promise<boolean> {
  // The first try takes away what a process that has ended reserved.
  return (reserve(port) || reserve(port)) && !(await listens(port));
}

/** Gives back a port that this process had. */
export function release(port: number): void {
  rmSync(join(RESERVED, String(port)), { force: true });
}

/** Throws a sentence when `port` is taken. */
export async function needPort(port: number): Promise<void> {
  if (await listens(port))
    throw new Sentence(
      `port ${port} is taken: stop what listens there, or choose another with OMS_HTTP_PORT`,
    );
  reserve(port);
}
