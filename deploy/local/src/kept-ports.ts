import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, release, takePort } from './ports.ts';

/** Answers the port of a process of the stack, by its name. */
export type PortOf = (name: string) => Promise<number>;

function read(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}

/**
 * The ports of the stack in `home`: those that it had the last time, as far as they are free. The issuer's is in every token
 * it gave, and the broker's in the settings of whoever subscribes.
 */
export function keptPorts(home: string): { of: PortOf; release(): void } {
  const file = join(home, 'ports.json');
  const kept = read(file);
  const taken: number[] = [];
  return {
    async of(name) {
      const before = kept[name];
      const port = before !== undefined && (await takePort(before)) ? before : await freePort();
      taken.push(port);
      kept[name] = port;
      writeFileSync(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`);
      renameSync(`${file}.new`, file);
      return port;
    },
    release: () => taken.forEach(release),
  };
}
