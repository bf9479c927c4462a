import type { EntityManager } from '@mikro-orm/postgresql';
import { errors, type Access, type Actor } from '@oms/contracts';
import type { z } from 'zod';
import { at, type Aggregate, type Ctx } from './aggregate.js';
import { ownOnly } from './authorize.js';
import type { Cursors } from './cursor.js';
import { fingerprint } from './fingerprint.js';
import { allowedFrom, type AggregateState, type Decision } from './machine/index.js';
import { Refused, type RefusalExtra } from './refused.js';
import { eventBeside, remember, transit } from './transit.js';

/** What a command answers: the body, and the version by which it is tagged. */
export interface Answer {
  body: object;
  version?: number | undefined;
  /** It had just been made, and nothing was changed. */
  unchanged?: true | undefined;
}

/** A change: parsed, run in one transaction, answered from inside it. */
export interface Command {
  kind: 'command';
  name: string;
  /** The least a caller has to be. */
  access: Access;
  schema: z.ZodType;
  /** The answer holds a secret: what is kept of it under an idempotency key is sealed. Not together with `settle`. */
  answersSecret?: true;
  /** Taken under pressure too: it mends what presses. */
  mends?: true;
  run(ctx: Ctx, body: never, request: { ifMatch: string | null }): Promise<Answer>;
  /** Before the transaction: waits for what the change needs to know; a refusal from here is never stored under the key. */
  before?: ((body: never, caller: Actor) => Promise<void>) | undefined;
  /** After the commit: waits for what the change set going outside, and answers anew. */
  settle?: ((answer: Answer, caller: Actor) => Promise<Answer>) | undefined;
}

/** What the runtime lends to a question. */
export interface Reading {
  cursors: Cursors;
}

/** A question: parsed, answered outside any transaction. */
export interface Query {
  kind: 'query';
  name: string;
  /** The least a caller has to be. */
  access: Access;
  schema: z.ZodType;
  run(em: EntityManager, question: never, caller: Actor, reading: Reading): Promise<Answer>;
}

/** A table's refusal as a client meets it; what else it may do is told beside. */
function refusalOf(
  { code, path }: Extract<Decision, { outcome: 'refused' }>,
  move: Pick<RefusalExtra, 'from' | 'transition' | 'allowedTransitions'> = {},
): Refused {
  const known = code as Refused['code'];
  const faults = path === undefined ? {} : { errors: [{ path, message: errors[known].title }] };
  return new Refused(known, undefined, { ...faults, ...move });
}

function checkVersion(state: AggregateState, ifMatch: string | null): void {
  if (ifMatch !== null && ifMatch !== '*' && !ifMatch.split(',').includes(String(state.version)))
    throw new Refused('version_mismatch');
}

/**
 * A transition of one aggregate: load with a lock, gather facts (`input`), decide, save, publish. Most need nothing but
 * the names; `input` is given where facts come from elsewhere.
 */
export function command<C extends object, State extends AggregateState>(spec: {
  name: string;
  /** Staff, unless said otherwise. A customer meets its own aggregates only: others' are not there (`Aggregate.owner`). */
  access?: Access;
  schema: z.ZodType<C>;
  aggregate: Aggregate<State>;
  id: (body: C) => string;
  on: (body: C) => string;
  before?: (body: C, caller: Actor) => Promise<void>;
  input?: (ctx: Ctx, body: C, state: State) => Promise<object> | object;
  view: (ctx: Ctx, state: State) => Promise<object> | object;
  /** Runs after the change, in its transaction, also for a repetition. */
  also?: (ctx: Ctx, state: State, decision: Decision) => Promise<void>;
  settle?: (answer: Answer, caller: Actor) => Promise<Answer>;
}): Command {
  return {
    kind: 'command',
    name: spec.name,
    access: spec.access ?? 'staff',
    schema: spec.schema,
    before: spec.before,
    settle: spec.settle,
    async run(ctx, body: C, { ifMatch }) {
      const state = await spec.aggregate.find(ctx.em, spec.id(body));
      if (!state) throw new Refused('not_found');
      ownOnly(ctx.actor, spec.aggregate.owner?.(state) ?? null);
      checkVersion(state, ifMatch);
      const input = spec.input ? await spec.input(ctx, body, state) : body;
      const decision = await transit(ctx, spec.aggregate, state, spec.on(body), {
        ...input,
        ...at(ctx, fingerprint([spec.on(body), body])),
      });
      if (decision.outcome === 'refused')
        throw refusalOf(decision, {
          from: decision.from,
          transition: decision.on,
          allowedTransitions:
            spec.aggregate.available?.(state, ctx.actor) ??
            allowedFrom(spec.aggregate.machine, decision.from, ctx.actor),
        });
      await spec.also?.(ctx, state, decision);
      const unchanged = decision.outcome === 'already' ? true : undefined;
      return { body: await spec.view(ctx, state), version: state.version, unchanged };
    },
  };
}

/** The birth of an aggregate: `create` gathers the facts and makes the state, the table decides whether it may be. */
export function creation<C extends object, State extends AggregateState>(spec: {
  name: string;
  /** Staff, unless said otherwise. A customer meets its own aggregates only: others' are not there (`Aggregate.owner`). */
  access?: Access;
  schema: z.ZodType<C>;
  aggregate: Aggregate<State>;
  on: string;
  before?: (body: C, caller: Actor) => Promise<void>;
  create: (ctx: Ctx, body: C) => Promise<{ state: State; input: object }>;
  /** Runs after the birth, in its transaction: what follows from it at once. */
  also?: (ctx: Ctx, state: State) => Promise<void>;
  view: (ctx: Ctx, state: State) => Promise<object> | object;
}): Command {
  return {
    kind: 'command',
    name: spec.name,
    access: spec.access ?? 'staff',
    schema: spec.schema,
    before: spec.before,
    async run(ctx, body: C) {
      const { state, input } = await spec.create(ctx, body);
      const decision = await transit(
        ctx,
        spec.aggregate,
        state,
        spec.on,
        { ...input, ...at(ctx, fingerprint(body)) },
        { isNew: true },
      );
      // Nothing was there that it could have moved from.
      if (decision.outcome === 'refused') throw refusalOf(decision);
      await spec.also?.(ctx, state);
      return { body: await spec.view(ctx, state), version: state.version };
    },
  };
}

/** How a change without a transition is named in the audit trail. */
const UPDATE = 'update';

/**
 * A change of one aggregate that is no move of its machine, such as a PATCH. The fields that it changed go into the audit
 * trail by their names only: what was in them may be a person's address, or a secret. Where it changed none, nothing
 * is written and nobody is told. A field of the body has the name of the aggregate's own.
 */
export function mutation<C extends object, State extends AggregateState>(spec: {
  name: string;
  /** Staff, unless said otherwise. A customer meets its own aggregates only: others' are not there (`Aggregate.owner`). */
  access?: Access;
  schema: z.ZodType<C>;
  aggregate: Aggregate<State>;
  id: (body: C) => string;
  /** The event that tells of it; it goes out after the change. Left out, nobody hears of it. */
  emits?: string;
  change: (ctx: Ctx, body: C, state: State) => Promise<void>;
  view: (ctx: Ctx, state: State) => Promise<object> | object;
}): Command {
  return {
    kind: 'command',
    name: spec.name,
    access: spec.access ?? 'staff',
    schema: spec.schema,
    async run(ctx, body: C, { ifMatch }) {
      const state = await spec.aggregate.find(ctx.em, spec.id(body));
      if (!state) throw new Refused('not_found');
      ownOnly(ctx.actor, spec.aggregate.owner?.(state) ?? null);
      checkVersion(state, ifMatch);
      const before: object = { ...state };
      await spec.change(ctx, body, state);
      const changed = namedIn(body).filter((name) => !isSame(before, state, name));
      if (changed.length === 0)
        return { body: await spec.view(ctx, state), version: state.version, unchanged: true };
      state.version += 1;
      state.updatedAt = ctx.now;
      const events = spec.emits ? eventBeside(ctx, spec.aggregate, state, spec.emits) : [];
      await spec.aggregate.save(ctx.em, state);
      const line = { from: state.status, on: UPDATE, reason: null, changed };
      await remember(ctx, spec.aggregate, state, line, events);
      return { body: await spec.view(ctx, state), version: state.version };
    },
  };
}

/** The fields that a body gives. */
const namedIn = (body: object): string[] =>
  Object.entries(body)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);

const isSame = (one: object, other: object, name: string): boolean => {
  const [a, b] = [one, other].map((state) => (state as Record<string, unknown>)[name]);
  return a === b || fingerprint(a) === fingerprint(b);
};

export function query<Q extends object>(spec: {
  name: string;
  /** Staff, unless said otherwise; what a customer may see is up to `run`, which asks {@link ownOnly}. */
  access?: Access;
  schema: z.ZodType<Q>;
  run: (em: EntityManager, question: Q, caller: Actor, reading: Reading) => Promise<Answer>;
}): Query {
  return { kind: 'query', access: 'staff', ...spec };
}
