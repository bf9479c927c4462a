import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { alive } from './alive.ts';
import { Sentence } from './sentence.ts';

/** The command line of a process; pids are given to others after a while, so a number alone proves nothing. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

const ours = /nats-server|postgres|dist\/(sandbox\/)?main(\.bundle)?\.js|(issuer|mailbox)\/main\.ts/;

/**
 * Ends what an earlier stack left behind when its supervisor was killed. Throws a sentence when that supervisor lives.
 */
export async function endLeftovers(home: string, say: (text: string) => void): Promise<void> {
  const file = join(home, 'run.json');
  if (!existsSync(file)) return;
  let run: Record<string, { pid?: number }>;
  try {
    run = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { pid?: number }>;
  } catch {
    rmSync(file);
    return;
  }
  const supervisor = run['supervisor']?.pid ?? 0;
  if (supervisor !== process.pid && alive(supervisor) && /deploy\/local|jest/.test(commandOf(supervisor))) {
    throw new Sentence(
      `a stack is running in ${home} already (pid ${supervisor}): use it, or choose another OMS_HOME and OMS_HTTP_PORT`,
    );
  }
  const pids = Object.entries(run)
    .filter(([name]) => name !== 'supervisor')
    .map(([, entry]) => entry.pid ?? 0)
    .filter((pid) => pid > 1 && alive(pid) && ours.test(commandOf(pid)));
  if (pids.length > 0) say(`ending ${pids.length} processes that an earlier stack left behind`);
  for (const pid of pids) process.kill(pid, commandOf(pid).includes('postgres') ? 'SIGINT' : 'SIGTERM');
  const deadline = Date.now() + 10_000;
  while (pids.some(alive)) {
    if (Date.now() > deadline) for (const pid of pids.filter(alive)) process.kill(pid, 'SIGKILL');
    await new Promise((done) => setTimeout(done, 50));
  }
  rmSync(file, { force: true });
}
