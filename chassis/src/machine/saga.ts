import { firstRefusal } from './decide.js';
import { startsIn } from './machine.js';
import { NEW, type AnyRow, type Guard, type New } from './types.js';

/** What a saga's row says to its own aggregate: an input, decided by the aggregate's table in the same transaction. */
export interface Tell<Data = any> {
  on: string;
  with: (data: Data, input: any) => object;
}

/** A deadline that is set when the row wins; it always fires, and a step that does not listen ignores it. */
export interface Timer<Data = any> {
  name: string;
  afterMs: (data: Data) => number;
}

export interface SagaRow<Step extends string = string, Data = any> {
  from: Step | New | readonly (Step | New)[];
  /** An event's name, a timer's, or a command of staff. */
  on: string;
  guard?: readonly Guard<Data, any>[];
  to: Step;
  tell?: Tell<Data>;
  does?: (data: Data, input: any) => void;
  /** Left out: the running deadline stays. null: it is cleared. */
  timer?: Timer<Data> | null;
  /** The step that this one undoes. */
  compensates?: Step;
  because: string;
}

/** What a person may do about a saga (API.md): go on waiting, try once more, or end it with a reason. Rows like any other. */
export const sagaMoves = ['resume', 'retry', 'close'] as const;
export type SagaMove = (typeof sagaMoves)[number];

/** What comes after it was waited for: it is written down, and changes nothing. */
export interface LateRow<Step extends string = string> {
  in: readonly Step[];
  on: readonly string[];
  because: string;
}

export interface SagaDefinition<Step extends string, Data> {
  name: string;
  steps: readonly Step[];
  finished: readonly Step[];
  /** Steps in which a person has to decide. */
  attention: readonly Step[];
  rows: readonly SagaRow<Step, Data>[];
  late?: readonly LateRow<Step>[];
  /** How often the case asked for what it waits for; 0 when it never counts. */
  attempts?: (data: Data) => number;
}

export type Saga<Data = any> = Omit<SagaDefinition<string, Data>, 'rows' | 'late'> & {
  readonly rows: readonly SagaRow<string, Data>[];
  readonly late?: readonly LateRow[];
};

export type SagaDecision =
  | { outcome: 'moved'; from: string; to: string; row: SagaRow }
  | { outcome: 'late'; because: string }
  | { outcome: 'ignored' };

/** Builds a saga from its table. */
export function saga<Data>() {
  return <Step extends string>(definition: SagaDefinition<Step, Data>): Saga<Data> => definition;
}

/** What `on` means in `step`: the first row whose guards hold, or nothing. A late or repeated message is never an error. */
export function decideSaga(
  table: Saga,
  step: string,
  data: unknown,
  on: string,
  input: unknown,
): SagaDecision {
  for (const row of table.rows) {
    if (
      row.on === on &&
      startsIn(row as AnyRow, step) &&
      firstRefusal(row as AnyRow, data, input) === undefined
    ) {
      return { outcome: 'moved', from: step, to: row.to, row };
    }
  }
  const late = table.late?.find((one) => one.in.includes(step) && one.on.includes(on));
  return late ? { outcome: 'late', because: late.because } : { outcome: 'ignored' };
}

/** Whether any step hears `on`, in time or late: what none hears need not be held against a case. */
export const hears = (table: Saga, on: string): boolean =>
  table.rows.some((row) => row.on === on) || (table.late ?? []).some((one) => one.on.includes(on));

const isMove = (on: string): boolean => (sagaMoves as readonly string[]).includes(on);

/** What a step still listens to, moves of staff left out: events and timers by name. */
export const waitsFor = (table: Saga, step: string): string[] => [
  ...new Set(
    table.rows.filter((row) => startsIn(row as AnyRow, step) && !isMove(row.on)).map((row) => row.on),
  ),
];

/** The moves that a person may make in a step, as the guards see the case; each with why. */
export const openMoves = (
  table: Saga,
  step: string,
  data: unknown,
  input: unknown,
): { move: SagaMove; because: string }[] =>
  sagaMoves.flatMap((move) => {
    const decision = decideSaga(table, step, data, move, input);
    return decision.outcome === 'moved' ? [{ move, because: decision.row.because }] : [];
  });

/** running, needs_attention or finished: what the saga row says to whoever looks. */
export function sagaState(table: Saga, step: string): 'running' | 'needs_attention' | 'finished' {
  if (table.finished.includes(step)) return 'finished';
  return table.attention.includes(step) ? 'needs_attention' : 'running';
}

/** Every fault of a saga's table as a sentence: unreachable steps, dead ends, a timer that nobody hears. */
export function verifySaga(table: Saga): string[] {
  const faults: string[] = [];
  const reached = new Set<string>([NEW, ...table.rows.map((row) => row.to)]);
  for (const step of table.steps) {
    if (!reached.has(step)) faults.push(`${table.name}: ${step} can not be reached`);
    const leaves = table.rows.some((row) => startsIn(row as AnyRow, step) && row.to !== step);
    if (!leaves && !table.finished.includes(step))
      faults.push(`${table.name}: ${step} has no way out and is not finished`);
  }
  for (const step of table.attention) {
    if (!table.rows.some((row) => row.on !== 'close' && isMove(row.on) && startsIn(row as AnyRow, step)))
      faults.push(`${table.name}: nobody can take ${step} up again`);
  }
  for (const row of table.rows) {
    if (
      row.timer &&
      !table.rows.some((other) => other.on === row.timer?.name && startsIn(other as AnyRow, row.to))
    ) {
      faults.push(`${table.name}: nobody hears the timer ${row.timer.name} in ${row.to}`);
    }
  }
  return faults;
}
