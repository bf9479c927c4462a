import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from '@oms/contracts';
import { newId, type IdPrefix } from './ids.js';
import type { AggregateState, At, Machine, Saga, SagaMove } from './machine/index.js';
import type { AfterCommit } from './unit-of-work.js';

/** What one piece of work knows beside its input. `em` is inside the one transaction. */
export interface Ctx {
  em: EntityManager;
  /** The schema that the transaction writes to. */
  schema: string;
  /** `order-service`; the source of its events. */
  service: string;
  now: Date;
  actor: Actor;
  correlationId: string;
  /** The event or request that caused this. */
  causationId: string | null;
  after: AfterCommit;
  /** Called after the commit of what put events into the outbox. */
  wrote(): void;
  /** How long the deadlines of sagas are where the operator says so, in ms by their names; else the table decides. */
  deadlines?: Deadlines;
}

export type Deadlines = Readonly<Record<string, number | null>>;

/** A call of the public API that ends a case in another way than its saga; for staff who look at it. */
export interface SagaLink {
  name: string;
  method: 'POST';
  /** Below /api/v1. */
  path: string;
  /** An empty text is for staff to write. */
  body: Record<string, unknown>;
}

/** How an aggregate's own events open and feed its saga. */
export interface SagaBinding<State = any, Data = any> {
  table: Saga<Data>;
  /** The data of a new case. */
  open(state: State): Data;
  /** What the saga's guards may ask of the aggregate as it stands; given to every row beside its input. */
  facts?(state: State): object;
  /** What a move of staff needs beside its reason, such as a new id. */
  moveInput?(move: SagaMove): object;
  links?(state: State): SagaLink[];
}

/** Everything the chassis has to know of an aggregate; a service declares one object of this a kind. */
export interface Aggregate<State extends AggregateState = any, Inputs = any> {
  type: string;
  machine: Machine<string, State, Inputs>;
  /** Loads for a change: the row is locked until the transaction ends. null when there is none. */
  find(em: EntityManager, id: string): Promise<State | null>;
  insert(em: EntityManager, state: State): Promise<void>;
  save(em: EntityManager, state: State): Promise<void>;
  /** One builder an event that the table emits: pure, called with the changed state. */
  payloads: Record<string, (state: State, input: any) => object>;
  saga?: SagaBinding<State>;
  /** The customer whose it is; null is nobody's, and no customer sees it. */
  owner?(state: State): string | null;
  /** The public transitions that are open to `who` now; left out, every one that the table has for them from this status. */
  available?(state: State, who: Actor): string[];
}

/** The columns of a new aggregate, before its first transition. Its id tells when that was: lists are sorted by it. */
export const born = (prefix: IdPrefix, now: Date): Omit<AggregateState, 'status'> => ({
  id: newId(prefix, now),
  previousStatus: null,
  version: 0,
  eventSeq: 0,
  lastTransition: null,
  createdAt: now,
  updatedAt: now,
  statusTimes: {},
});

/** What every machine input carries, from the work's context. */
export const at = (ctx: Ctx, fingerprint: string): At => ({ at: ctx.now, actor: ctx.actor, fingerprint });
