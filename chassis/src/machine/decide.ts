import { startsIn } from './machine.js';
import type { AnyRow, Decision, Machine, Refusal, Who } from './types.js';

/** What the first guard of `row` that does not hold says, or undefined when all hold. */
export function firstRefusal(row: AnyRow, state: unknown, input: unknown): Refusal | undefined {
  for (const guard of row.guard ?? []) {
    const answer = guard(state, input);
    if (answer === false) return { code: 'transition_not_allowed' };
    if (answer !== true) return typeof answer === 'string' ? { code: answer } : answer;
  }
  return undefined;
}

/**
 * What `on` does to an aggregate in `status`. A repetition of what was just done comes first; then the rows, in order,
 * the first whose guards all hold; then what is ignored on purpose; anything else is refused. When rows match and none
 * holds, the last of them speaks: it is the most general one.
 */
export function decide(
  machine: Machine,
  status: string,
  state: unknown,
  on: string,
  input: unknown,
): Decision {
  const repeated = machine.rows.find(
    (row) => row.on === on && row.to === status && row.again?.(state, input),
  );
  if (repeated) return { outcome: 'already', because: repeated.because };
  let refused: Refusal | undefined;
  for (const row of machine.rows) {
    if (row.on !== on || !startsIn(row, status)) continue;
    const refusal = firstRefusal(row, state, input);
    if (refusal === undefined) return { outcome: 'moved', from: status, to: row.to, row };
    refused = refusal;
  }
  if (refused === undefined) {
    const ignored = machine.ignore.find((one) => one.on === on && one.in.includes(status));
    if (ignored) return { outcome: 'already', because: ignored.because };
  }
  return {
    outcome: 'refused',
    ...(refused ?? { code: 'transition_not_allowed' }),
    from: status,
    on,
    allowed: allowedFrom(machine, status),
  };
}

/** Whether `who` may ask for a public transition in any state. */
const mayAsk = (machine: Machine, on: string, who: Pick<Who, 'type'>): boolean =>
  who.type !== 'customer' || (machine.customers ?? []).includes(on);

/** The public transitions that have a row from `status`, in the order of the table's list; only those that are for `who`, when given. */
export const allowedFrom = (machine: Machine, status: string, who?: Pick<Who, 'type'>): string[] =>
  machine.transitions.filter(
    (on) =>
      machine.rows.some((row) => row.on === on && startsIn(row, status)) &&
      (!who || mayAsk(machine, on, who)),
  );

/**
 * What `who` may ask for from `status`, and why not the rest; `probe` answers for the guards that need an input that only a
 * request has, by giving one to try with, or undefined to take the first row as open.
 */
export function transitionsFrom(
  machine: Machine,
  status: string,
  state: unknown,
  who: Pick<Who, 'type'>,
  probe: (on: string) => unknown,
): { transition: string; to: string; allowed: boolean; reasons: string[] }[] {
  return machine.transitions.map((on) => {
    const rows = machine.rows.filter((row) => row.on === on && startsIn(row, status));
    const target = machine.rows.find((row) => row.on === on)?.to ?? status;
    if (!mayAsk(machine, on, who))
      return { transition: on, to: rows[0]?.to ?? target, allowed: false, reasons: ['forbidden'] };
    if (rows.length === 0)
      return { transition: on, to: target, allowed: false, reasons: ['transition_not_allowed'] };
    const input = probe(on);
    const refusals = rows.map((row) => (input === undefined ? undefined : firstRefusal(row, state, input)));
    const open = refusals.findIndex((refusal) => refusal === undefined);
    const row = rows[open === -1 ? rows.length - 1 : open];
    const reason = refusals[refusals.length - 1];
    return {
      transition: on,
      to: row?.to ?? target,
      allowed: open !== -1,
      reasons: open === -1 && reason ? [reason.code] : [],
    };
  });
}
