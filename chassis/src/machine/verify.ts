import { startsIn } from './machine.js';
import { NEW, type AnyRow, type Machine } from './types.js';

/**
 * Proves that a table can be trusted, and answers every fault as a sentence; an empty list is what a test and the start
 * of a service expect. `events` are the names declared in the contracts.
 */
export function verify(machines: readonly Machine[], events: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  const owners = new Map<string, string>();
  for (const machine of machines) {
    faults.push(...graphFaults(machine), ...shadowFaults(machine));
    for (const row of machine.rows) {
      for (const name of row.emits ?? []) {
        if (!events.has(name))
          faults.push(`${machine.name}: emits ${name}, which is not declared in the contracts`);
        const owner = owners.get(name) ?? machine.name;
        if (owner !== machine.name) faults.push(`${machine.name}: emits ${name}, which ${owner} owns`);
        owners.set(name, owner);
      }
    }
    for (const on of machine.transitions) {
      if (!machine.rows.some((row) => row.on === on))
        faults.push(`${machine.name}: the transition ${on} has no row`);
    }
  }
  return faults;
}

function graphFaults(machine: Machine): string[] {
  const faults: string[] = [];
  const reached = new Set<string>([NEW]);
  for (let grew = true; grew;) {
    grew = false;
    for (const row of machine.rows) {
      if (!reached.has(row.to) && [...reached].some((status) => startsIn(row, status))) {
        reached.add(row.to);
        grew = true;
      }
    }
  }
  for (const status of machine.statuses) {
    const terminal = machine.terminal.includes(status);
    const leaves = machine.rows.some((row) => startsIn(row, status) && row.to !== status);
    if (!reached.has(status)) faults.push(`${machine.name}: ${status} can not be reached`);
    if (!terminal && !leaves) faults.push(`${machine.name}: ${status} has no way out and is not terminal`);
    if (terminal && leaves) faults.push(`${machine.name}: ${status} is terminal and has a way out`);
  }
  return faults;
}

const startsOf = (row: AnyRow): readonly string[] => (typeof row.from === 'string' ? [row.from] : row.from);

function shadowFaults(machine: Machine): string[] {
  const faults: string[] = [];
  machine.rows.forEach((row, index) => {
    for (const earlier of machine.rows.slice(0, index)) {
      const unguarded = (earlier.guard ?? []).length === 0;
      if (earlier.on === row.on && unguarded && startsOf(row).some((status) => startsIn(earlier, status))) {
        faults.push(
          `${machine.name}: ${startsOf(row).join('|')} on ${row.on} is never tried, an unguarded row stands before it`,
        );
      }
    }
  });
  return faults;
}
