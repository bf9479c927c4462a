import { expect } from '@jest/globals';
import { command, creation, fingerprint, type Aggregate, type Command, type RpcReply } from '@oms/chassis';
import { cells, decide, NEW, type AggregateState, type Cell, type Decision } from '@oms/chassis/machine';
import { errors, events, isErrorCode, isEventName } from '@oms/contracts';
import { z } from 'zod';
import type { ServiceGround } from './service-ground.ts';

/** One way to try an input: what the state is made to be before, and what comes in. */
export interface Trial<State> {
  state?: (state: State) => void;
  input?: (state: State) => object;
}

/** What a machine's cells are walked with. */
export interface Walk<State extends AggregateState> {
  ground: ServiceGround;
  aggregate: Aggregate<State>;
  /** A state in `status` that the tables accept; not stored yet. `NEW` has none before. */
  make(status: string): Promise<State>;
  /** The ways to try each input; together they bring about every outcome that a cell has. */
  trials: Readonly<Record<string, readonly Trial<State>[]>>;
  /** What else a state remembers of the transition that is now asked again. */
  repeated?: (state: State, last: { on: string; fingerprint: string }) => void;
  /** Further rows that a change writes, and what they are after it: told from the rows before and the changed state. */
  beside?: { stored(id: string): Promise<object[]>; told(before: object[], state: State): object[] };
}

interface Asked {
  id: string;
  on: string;
  input: Record<string, unknown>;
}
const Asked = z.object({ id: z.string(), on: z.string(), input: z.record(z.string(), z.unknown()) });

const AGAIN = 'already, if it is the same';

/** Every cell of the aggregate's machine. */
export const cellsOf = (aggregate: Aggregate): Cell[] => cells(aggregate.machine);

/**
 * Tries a cell through the executor in every way that is given, and holds what the tables say afterwards against the
 * machine: moved writes one version, one history row and the declared events; the others write nothing. Every
 * outcome that the cell has must have come about.
 */
export async function walk<State extends AggregateState>(spec: Walk<State>, cell: Cell): Promise<void> {
  const seen = new Set<string>();
  const trials = spec.trials[cell.on];
  if (!trials) throw new Error(`nothing tries ${cell.on}`);
  for (const trial of trials) {
    seen.add(await tryOnce(spec, cell, trial, false));
    if (cell.outcomes.includes(AGAIN)) seen.add(await tryOnce(spec, cell, trial, true));
  }
  expect([...seen].filter((outcome) => outcome !== 'refused').sort()).toEqual(
    cell.outcomes.filter((outcome) => outcome !== 'refused').sort(),
  );
  if (cell.outcomes.includes('refused')) expect([...seen]).toEqual(['refused']);
}

async function tryOnce<State extends AggregateState>(
  spec: Walk<State>,
  { status, on, outcomes }: Cell,
  trial: Trial<State>,
  repeated: boolean,
): Promise<string> {
  const { aggregate, ground } = spec;
  const isNew = status === NEW;
  const made = await spec.make(status);
  trial.state?.(made);
  const body: Asked = { id: made.id, on, input: { ...trial.input?.(made) } };
  const content = fingerprint(isNew ? body : [on, body]);
  if (repeated) {
    made.lastTransition = { on, fingerprint: content };
    spec.repeated?.(made, made.lastTransition);
  }
  if (!isNew) await ground.uow.run((em) => aggregate.insert(em, made));
  const before = isNew ? structuredClone(made) : await read(spec, made.id);
  const input = {
    ...body.input,
    at: made.createdAt,
    actor: { type: 'staff', id: 'anonymous' },
    fingerprint: content,
  };
  const decision = decide(aggregate.machine, status, before, on, input);
  const earlier = await written(spec, made.id);
  const wanted = decision.outcome === 'refused' ? decision.code : 'validation_failed';
  const answering = ground.send(isNew ? birth(spec, made, on) : step(spec), body);
  const reply = isErrorCode(wanted) ? await answering : await answering.catch(() => undefined);
  const later = await written(spec, made.id);
  if (decision.outcome !== 'moved') {
    expect(later).toEqual(earlier);
    if (!isNew) expect(await read(spec, made.id)).toEqual(before);
    expectAnswer(aggregate, isNew ? null : before, reply, decision);
    return decision.outcome === 'refused'
      ? 'refused'
      : outcomes.includes(AGAIN) && repeats()
        ? AGAIN
        : 'ignored';
  }
  expect(reply).toMatchObject({ ok: true, body: { status: decision.to }, version: before.version + 1 });
  const after = await read(spec, made.id);
  expectMoved(spec, {
    before,
    after,
    decision,
    input: { ...input, at: after.updatedAt },
    isNew,
    earlier,
    later,
  });
  const rows = aggregate.machine.rows.filter((row) => row.on === on && [row.from].flat().includes(status));
  const moves = outcomes.filter((outcome) => outcome !== AGAIN && outcome !== 'ignored');
  return moves[rows.indexOf(decision.row)] ?? 'no row of this cell';

  function repeats(): boolean {
    return aggregate.machine.rows.some(
      (row) => row.on === on && row.to === status && (row.again?.(before, input) ?? false),
    );
  }
}

/** A client is told the code of its refusal; an input that no client can send may be refused by a word of the table's own. */
function expectAnswer(
  { machine, available }: Aggregate,
  before: AggregateState | null,
  reply: RpcReply | undefined,
  decision: Exclude<Decision, { outcome: 'moved' }>,
): void {
  if (decision.outcome === 'already') return void expect(reply).toMatchObject({ ok: true });
  const { code, path, from, on, allowed } = decision;
  if (!isErrorCode(code)) return void expect(machine.transitions).not.toContain(on);
  const offered = before && available?.(before, { type: 'admin', id: 'test' });
  const move = before ? { from, transition: on, allowedTransitions: offered ?? allowed } : {};
  const faults = path === undefined ? {} : { errors: [{ path, message: errors[code].title }] };
  expect(reply).toMatchObject({ ok: false, failure: { code } });
  expect((reply as Extract<RpcReply, { ok: false }>).failure.extra).toEqual({ ...faults, ...move });
}

interface Written {
  history: { from_status: string | null; to_status: string; transition: string; event_id: string | null }[];
  outbox: { event_id: string; agg_seq: number; type: string; payload: object }[];
  beside: object[];
}

async function written<State extends AggregateState>(spec: Walk<State>, id: string): Promise<Written> {
  const { sql, runtime } = spec.ground;
  const of = (table: string, columns: string) =>
    sql<never>(`select ${columns} from "${runtime.schema}".${table} where aggregate_id = ? order by id`, [
      id,
    ]);
  return {
    history: await of('history', 'from_status, to_status, transition, event_id'),
    outbox: await of('outbox', 'event_id, agg_seq, type, payload'),
    beside: (await spec.beside?.stored(id)) ?? [],
  };
}

function expectMoved<State extends AggregateState>(
  spec: Walk<State>,
  did: {
    before: State;
    after: State;
    decision: Extract<Decision, { outcome: 'moved' }>;
    input: { fingerprint: string; at: Date };
    isNew: boolean;
    earlier: Written;
    later: Written;
  },
): void {
  const { before, after, decision, input, isNew, earlier, later } = did;
  const { row, from, to } = decision;
  const emits = row.emits ?? [];
  const told = structuredClone(before);
  row.does?.(told, input);
  expect(later.beside).toEqual(spec.beside?.told(earlier.beside, told) ?? []);
  expect({ ...after, intents: [] }).toEqual({
    ...told,
    intents: [],
    status: to,
    previousStatus: isNew ? null : from === to ? before.previousStatus : from,
    version: before.version + 1,
    eventSeq: before.eventSeq + emits.length,
    // What only notes a fact leaves the last real move in place.
    lastTransition:
      row.again || from !== to ? { on: row.on, fingerprint: input.fingerprint } : before.lastTransition,
    statusTimes: { [to]: input.at.toISOString(), ...before.statusTimes },
    updatedAt: input.at,
  });
  const events = later.outbox.slice(earlier.outbox.length);
  expect(events.map((event) => event.type)).toEqual(emits);
  expect(events.map((event) => event.agg_seq)).toEqual(emits.map((_, index) => before.eventSeq + 1 + index));
  for (const event of events) expectPublished(event.type, event.payload);
  expect(later.history.slice(earlier.history.length)).toEqual([
    {
      from_status: isNew ? null : from,
      to_status: to,
      transition: row.on,
      event_id: events[0]?.event_id ?? null,
    },
  ]);
}

/** A payload says what the contract says it says, and nothing beside it. */
function expectPublished(type: string, payload: object): void {
  if (!isEventName(type)) throw new Error(`${type} is no event of the contracts`);
  expect(events[type].schema.parse(payload)).toEqual(payload);
}

async function read<State extends AggregateState>(spec: Walk<State>, id: string): Promise<State> {
  const state = await spec.ground.uow.run((em) => spec.aggregate.find(em, id));
  if (!state) throw new Error(`${id} is not there`);
  return state;
}

const view = (_: unknown, state: AggregateState) => ({ status: state.status });

/** Any input of the machine, by the path on which a command takes one. */
const step = <State extends AggregateState>({ aggregate }: Walk<State>): Command =>
  command<Asked, State>({
    name: 'cell',
    schema: Asked,
    aggregate,
    id: (body) => body.id,
    on: (body) => body.on,
    input: (_, body) => body.input,
    view,
  });

const birth = <State extends AggregateState>({ aggregate }: Walk<State>, state: State, on: string): Command =>
  creation<Asked, State>({
    name: 'cell',
    schema: Asked,
    aggregate,
    on,
    create: async (_, body) => ({ state, input: body.input }),
    view,
  });
