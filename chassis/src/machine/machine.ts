import type { AggregateState, AnyRow, At, Machine, MachineDefinition } from './types.js';

/**
 * Builds a machine from its table. Called in two steps, so that `State` and `Inputs` are given and the statuses are
 * inferred; a misspelt status or input is a compile error.
 */
export function machine<State, Inputs>() {
  return <Status extends string>(
    definition: MachineDefinition<Status, State, Inputs>,
  ): Machine<Status, State, Inputs> => ({
    ...definition,
    rows: definition.rows,
    ignore: definition.ignore ?? [],
  });
}

/** The usual `again`: the last transition had this very content. */
export const justMade = (state: AggregateState, input: At): boolean =>
  state.lastTransition?.fingerprint === input.fingerprint;

/** Whether `row` starts in `status`. */
export const startsIn = (row: AnyRow, status: string): boolean =>
  typeof row.from === 'string' ? row.from === status : row.from.includes(status);
