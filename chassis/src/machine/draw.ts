import { startsIn } from './machine.js';
import { NEW, type AnyRow, type Guard, type Machine } from './types.js';

const guards = (row: { guard?: readonly Guard[] }): string =>
  (row.guard ?? []).map((guard) => guard.name).join(', ');
const starts = (row: { from: string | readonly string[] }): readonly string[] =>
  typeof row.from === 'string' ? [row.from] : row.from;

/** The table as a Mermaid state diagram; a guard's name stands on its edge. */
export function mermaid(table: {
  rows: readonly Pick<AnyRow, 'from' | 'on' | 'guard' | 'to'>[];
  ends: readonly string[];
}): string {
  const edges = table.rows.flatMap((row) =>
    starts(row).map((from) => `  ${from} --> ${row.to}: ${row.on}${guards(row) ? ` [${guards(row)}]` : ''}`),
  );
  return ['stateDiagram-v2', ...new Set(edges), ...table.ends.map((status) => `  ${status} --> ${NEW}`)].join(
    '\n',
  );
}

/** The table as Markdown, one row a line, with the reason of each. */
export function markdown(machine: Machine): string {
  const lines = machine.rows.map(
    (row) =>
      `| ${starts(row).join(', ')} | ${row.on} | ${guards(row)} | ${row.to} | ${(row.emits ?? []).join(', ')} | ${row.because} |`,
  );
  const ignored = machine.ignore.map(
    (one) => `| ${one.in.join(', ')} | ${one.on} | | _ignored_ | | ${one.because} |`,
  );
  return [
    '| from | on | if | to | publishes | because |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    ...ignored,
  ].join('\n');
}

/** One square of status × input: every outcome the table has for it. */
export interface Cell {
  status: string;
  on: string;
  outcomes: string[];
}

/** Every cell of the table, so that a test can hold each of them against a snapshot. */
export function cells(machine: Machine): Cell[] {
  const inputs = [...new Set(machine.rows.map((row) => row.on))];
  return [NEW, ...machine.statuses].flatMap((status) =>
    inputs.map((on) => {
      const rows = machine.rows.filter((row) => row.on === on && startsIn(row, status));
      const again = machine.rows.some((row) => row.on === on && row.to === status && row.again)
        ? ['already, if it is the same']
        : [];
      const moves = rows.map(
        (row) =>
          `${row.to}${guards(row) ? ` if ${guards(row)}` : ''}${row.emits ? `, publishes ${row.emits.join(', ')}` : ''}`,
      );
      const ignored = machine.ignore.some((one) => one.on === on && one.in.includes(status))
        ? ['ignored']
        : [];
      const outcomes = [...again, ...moves, ...ignored];
      return { status, on, outcomes: outcomes.length > 0 ? outcomes : ['refused'] };
    }),
  );
}
