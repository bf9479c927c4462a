/** The state before there is one: rows from here create the aggregate. */
export const NEW = '[*]';
export type New = typeof NEW;

/** Who asked. Kept structural, so that the kernel imports nothing. */
export interface Who {
  type: 'customer' | 'staff' | 'admin' | 'service' | 'system';
  id: string;
}

/** What every input carries: the clock is data, and so is the content's fingerprint by which a repetition is known. */
export interface At {
  at: Date;
  actor: Who;
  fingerprint: string;
}

/** The columns that every aggregate has. */
export interface AggregateState {
  id: string;
  status: string;
  previousStatus: string | null;
  version: number;
  /** How many public events it has published; the next one is number eventSeq + 1. */
  eventSeq: number;
  lastTransition: { on: string; fingerprint: string } | null;
  createdAt: Date;
  updatedAt: Date;
  /** When each status was first reached: status → RFC 3339. */
  statusTimes: Record<string, string>;
}

/** Why not, and which field of what was asked is at fault, where one is: `items.3.quantity`. */
export interface Refusal {
  code: string;
  path?: string | undefined;
}

/** A named pure predicate: true, or the error code that says why not. It reads no clock and no table. */
export type Guard<State = any, Input = any> = (state: State, input: Input) => boolean | string | Refusal;

export type Row<Status extends string, State, Inputs> = {
  [K in keyof Inputs & string]: {
    from: Status | New | readonly (Status | New)[];
    on: K;
    guard?: readonly Guard<State, Inputs[K]>[];
    to: Status;
    /** Changes the rest of the state; runs only when the row has won. */
    does?: (state: State, input: Inputs[K]) => void;
    emits?: readonly string[];
    /** Tells a repetition of what was just done: success, and nothing happens. Without it there is no `already`. */
    again?: (state: State, input: Inputs[K]) => boolean;
    because: string;
  };
}[keyof Inputs & string];

export interface Ignored<Status extends string> {
  in: readonly Status[];
  on: string;
  because: string;
}

export interface MachineDefinition<Status extends string, State, Inputs> {
  name: string;
  statuses: readonly Status[];
  terminal: readonly Status[];
  /** The transitions of the public API, in the order in which they are offered. */
  transitions: readonly (keyof Inputs & string)[];
  /** Those of them that a customer may ask for, of its own; the rest is for staff. */
  customers?: readonly (keyof Inputs & string)[];
  rows: readonly Row<Status, State, Inputs>[];
  ignore?: readonly Ignored<Status>[];
}

/** A row as the kernel sees it, its types erased. */
export interface AnyRow {
  from: string | readonly string[];
  on: string;
  guard?: readonly Guard[];
  to: string;
  does?: (state: any, input: any) => void;
  emits?: readonly string[];
  again?: (state: any, input: any) => boolean;
  because: string;
}

/** A checked table. The type parameters are for the callers; the kernel works on {@link AnyRow}. */
export interface Machine<Status extends string = string, State = unknown, Inputs = unknown> {
  readonly name: string;
  readonly statuses: readonly Status[];
  readonly terminal: readonly Status[];
  readonly transitions: readonly string[];
  readonly customers?: readonly string[];
  readonly rows: readonly AnyRow[];
  readonly ignore: readonly Ignored<string>[];
  readonly __types?: { state: State; inputs: Inputs };
}

export type Decision =
  | { outcome: 'moved'; from: string; to: string; row: AnyRow }
  | { outcome: 'already'; because: string }
  | ({ outcome: 'refused'; from: string; on: string; allowed: string[] } & Refusal);
