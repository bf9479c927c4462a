import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts CPU time in ticks of 10 ms on every platform that Node supports. */
const MS_PER_TICK = 10;

/**
 * User and system time of one process and of its children, those that ended included, in ms. Postgres works in children
 * of the postmaster.
 */
export function cpuMs(pid: number): number {
  let total = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = (from: number) => Number(fields[from]) + Number(fields[from + 1]);
      if (Number(entry) === pid) total += (ticks(11) + ticks(13)) * MS_PER_TICK;
      else if (Number(fields[1]) === pid) total += ticks(11) * MS_PER_TICK;
    } catch {
      // The process ended between the listing and the reading.
    }
  }
  return total;
}

/** User and system time of one process, in ms; 0 for one that has ended. */
export function ownCpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  } catch {
    return 0;
  }
}

/** Resident memory of one process, in MiB. */
export function residentMib(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) / 1024;
}
