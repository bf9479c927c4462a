import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { alive } from './alive.ts';
import { Sentence } from './sentence.ts';

/** What `/proc` says of a process; nothing when it has ended. Pids are given to others after a while: a number alone proves nothing. */
function told(pid: number, what: 'cmdline' | 'environ'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** In the environment of every process of a stack, so that it is known again whatever its program is called. */
export const markOf = (home: string): Record<string, string> => ({ OMS_STACK: home });

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
  if (
    supervisor !== process.pid &&
    alive(supervisor) &&
    /deploy\/local|jest/.test(told(supervisor, 'cmdline').join(' '))
  ) {
    throw new Sentence(
      `a stack is running in ${home} already (pid ${supervisor}): use it, or choose another OMS_HOME and OMS_HTTP_PORT`,
    );
  }
  const ours = (pid: number) => told(pid, 'environ').includes(`OMS_STACK=${home}`);
  const left = Object.entries(run).flatMap(([name, { pid = 0 }]) => (ours(pid) ? [{ name, pid }] : []));
  if (left.length > 0) say(`ending ${left.length} processes that an earlier stack left behind`);
  const end = (pid: number, signal: NodeJS.Signals) => {
    if (ours(pid)) process.kill(pid, signal);
  };
  for (const { name, pid } of left) end(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  const deadline = Date.now() + 10_000;
  while (left.some(({ pid }) => ours(pid))) {
    if (Date.now() > deadline) for (const { pid } of left) end(pid, 'SIGKILL');
    await new Promise((done) => setTimeout(done, 50));
  }
  rmSync(file, { force: true });
}
