import { errors, type Actor, type Caller } from '@oms/contracts';
import { randomBytes } from 'node:crypto';
import { authorize } from './authorize.js';
import type { Ctx, Deadlines } from './aggregate.js';
import type { Answer, Command, Query } from './command.js';
import { Cursors } from './cursor.js';
import { toFailure, type Failure } from './errors.js';
import { fingerprint } from './fingerprint.js';
import type { Log } from './log.js';
import { Refused } from './refused.js';
import { Seal } from './seal.js';
import { currentTrace } from './trace.js';
import type { UnitOfWork } from './unit-of-work.js';

/** A request as it came in over NATS. */
export interface RpcRequest {
  body: unknown;
  actor: Caller;
  requestId: string | null;
  idempotencyKey: string | null;
  idempotencyScope: string | null;
  ifMatch: string | null;
}

export type RpcReply =
  | {
      ok: true;
      body: object;
      version?: number | string | undefined;
      unchanged?: true | undefined;
      replayed: boolean;
    }
  | { ok: false; failure: Failure; replayed?: boolean };

interface Stored {
  locked: boolean;
  body_hash: string | null;
  error_code: string | null;
  answer: object | null;
  version: string | null;
  unchanged: boolean | null;
  /** The answer is not the last: whoever did the work is still waiting for what the outside says. */
  settling: boolean;
}

/** Failures that are the same however often they are asked: stored under the key like an answer (ADR 6). */
const SETTLED = new Set(['conflict', 'unprocessable', 'not_found', 'precondition_failed']);

/** Longer than any command waits for the outside. After it, the answer of the commit is the last: its process may be dead. */
const SETTLING_S = 10;

const SETTLING = 'coalesce(settling_until > now(), false) as settling';

/** Work that piled up is not gone in a second. */
const PRESSURE_RETRY_S = 5;

interface ExecutorOptions {
  uow: UnitOfWork;
  schema: string;
  service: string;
  log: Log;
  deadlines?: Deadlines;
  /** Why no new work from outside is taken now, as a sentence; null when it is. */
  pressure?(): string | null;
  /** Signs cursors and seals kept answers that are secret. Left out, they are good for this process only. */
  cursorKey?: string;
  /** Called when a transaction that told of something is committed: its events wait in the outbox. */
  wrote(): void;
}

/** The command path: dedup, load, facts, decide, save, outbox, answer, in one transaction. */
export class Executor {
  private readonly options: ExecutorOptions;
  private readonly cursors: Cursors;
  private readonly seal: Seal;

  constructor(options: ExecutorOptions) {
    this.options = options;
    const secret = options.cursorKey ?? randomBytes(32).toString('hex');
    this.cursors = new Cursors(secret);
    this.seal = new Seal(secret, 'kept answers');
  }

  /** Never throws: every failure is mapped to a code of the catalogue. */
  async execute(work: Command | Query, request: RpcRequest): Promise<RpcReply> {
    try {
      authorize(work, request.actor);
      const body = work.schema.parse(request.body) as never;
      if (work.kind === 'query') {
        const answer = await work.run(this.options.uow.reader(), body, request.actor, {
          cursors: this.cursors,
        });
        return { ok: true, ...answer, replayed: false };
      }
      const pressure = work.mends ? null : this.options.pressure?.();
      if (pressure) throw new Refused('under_pressure', pressure, { retryAfterS: PRESSURE_RETRY_S });
      await work.before?.(body, request.actor);
      const reply =
        request.idempotencyKey === null
          ? await this.once(work, body, request)
          : await this.underKey(work, body, request, request.idempotencyKey);
      return work.settle && reply.ok && !reply.replayed
        ? await this.settled(work.settle, reply, work, request)
        : reply;
    } catch (error) {
      return { ok: false, failure: toFailure(error, this.options.log) };
    }
  }

  /** The context of work that no request asked for (an event, a timer): the same path, another cause. */
  context(
    em: Ctx['em'],
    after: Ctx['after'],
    cause: { actor?: Actor; causationId: string | null; correlationId?: string },
  ): Ctx {
    return {
      em,
      after,
      wrote: this.options.wrote,
      schema: this.options.schema,
      service: this.options.service,
      now: new Date(),
      actor: cause.actor ?? { type: 'system', id: this.options.service },
      correlationId:
        cause.correlationId ?? currentTrace()?.correlationId ?? cause.causationId ?? this.options.service,
      causationId: cause.causationId,
      ...(this.options.deadlines ? { deadlines: this.options.deadlines } : {}),
    };
  }

  /**
   * What the outside said after the commit is the answer, and what a replay must give too. Too late for that (this process was
   * frozen meanwhile), a twin may have been given the answer of the commit: then it stays the answer.
   */
  private async settled(
    settle: NonNullable<Command['settle']>,
    reply: Extract<RpcReply, { ok: true }>,
    work: Command,
    request: RpcRequest,
  ): Promise<RpcReply> {
    const version = reply.version === undefined ? undefined : Number(reply.version);
    const answer = await settle({ body: reply.body, version }, actorOf(request.actor));
    if (request.idempotencyKey !== null) {
      const [kept] = await this.options.uow.reader().execute<object[]>(
        `update "${this.options.schema}".idempotency set answer = ?::json, version = ?, settling_until = null
            where caller = ? and scope = ? and key = ? and settling_until > now() returning true as kept`,
        [
          JSON.stringify(answer.body),
          answer.version ?? null,
          `${request.actor.type}:${request.actor.id}`,
          request.idempotencyScope ?? work.name,
          request.idempotencyKey,
        ],
      );
      if (!kept) return reply;
    }
    return { ok: true, ...answer, replayed: false };
  }

  private async once(work: Command, body: never, request: RpcRequest): Promise<RpcReply> {
    const answer = await this.options.uow.run((em, after) =>
      work.run(
        this.context(em, after, { actor: actorOf(request.actor), causationId: request.requestId }),
        body,
        request,
      ),
    );
    return { ok: true, ...answer, replayed: false };
  }

  private async underKey(work: Command, body: never, request: RpcRequest, key: string): Promise<RpcReply> {
    if (key.length > 255 || key.length === 0)
      throw new Refused('validation_failed', undefined, {
        errors: [{ path: 'Idempotency-Key', message: '1 to 255 characters' }],
      });
    const scope = request.idempotencyScope ?? work.name;
    const caller = `${request.actor.type}:${request.actor.id}`;
    const hash = fingerprint(body);
    const bound = `${caller} ${scope} ${key}`;
    const told = (answer: Stored): RpcReply => replay(this.opened(work, answer, bound), hash);
    try {
      return await this.options.uow.run(async (em, after): Promise<RpcReply> => {
        const stored = await this.lookUp(em, caller, scope, key);
        if (stored) return told(stored);
        const ctx = this.context(em, after, {
          actor: actorOf(request.actor),
          causationId: request.requestId,
        });
        const { body: answered, version, unchanged } = await work.run(ctx, body, request);
        await this.store(em, [
          scope,
          key,
          caller,
          hash,
          null,
          JSON.stringify(
            work.answersSecret ? { sealed: this.seal.close(JSON.stringify(answered), bound) } : answered,
          ),
          version ?? null,
          work.settle ? SETTLING_S : null,
          unchanged ?? null,
        ]);
        return { ok: true, body: answered, version, unchanged, replayed: false };
      });
    } catch (error) {
      const failed = toFailure(error, this.options.log);
      if (failed.code.startsWith('idempotency')) return { ok: false, failure: failed };
      // A twin may have been answered since we looked for its answer: then our refusal is only that it had been.
      const settled = error instanceof Refused && SETTLED.has(kindOf(failed));
      if (!settled && failed.code !== 'write_conflict') return { ok: false, failure: failed };
      const reader = this.options.uow.reader();
      const refusal = { detail: failed.detail, extra: failed.extra, requestId: request.requestId };
      const kept =
        settled &&
        (await this.store(reader, [
          scope,
          key,
          caller,
          hash,
          failed.code,
          JSON.stringify(refusal),
          null,
          null,
          null,
        ]));
      if (kept) return { ok: false, failure: refusalKept(failed.code, refusal) };
      const answered = await this.answered(reader, caller, scope, key);
      return answered ? told(answered) : { ok: false, failure: failed };
    }
  }

  /** What was kept of an answer, as it was told. */
  private opened(work: Command, stored: Stored, bound: string): Stored {
    if (!work.answersSecret || stored.error_code !== null) return stored;
    const { sealed } = stored.answer as { sealed: string };
    return { ...stored, answer: JSON.parse(this.seal.open(sealed, bound)) as object };
  }

  /** One statement: whether a twin holds the key right now, and what was answered under it before. */
  private async lookUp(
    em: Ctx['em'],
    caller: string,
    scope: string,
    key: string,
  ): Promise<Stored | undefined> {
    const [found] = await em.execute<Stored[]>(
      `select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as locked, i.body_hash, i.error_code, i.answer, i.version, i.unchanged, ${SETTLING}
         from (values (1)) one left join "${this.options.schema}".idempotency i on i.caller = ? and i.scope = ? and i.key = ?`,
      [`${caller} ${scope} ${key}`, caller, scope, key],
    );
    if (found && found.body_hash !== null) return found;
    if (found && !found.locked) throw new Refused('idempotency_in_progress');
    return undefined;
  }

  private async answered(
    em: Ctx['em'],
    caller: string,
    scope: string,
    key: string,
  ): Promise<Stored | undefined> {
    const [found] = await em.execute<Stored[]>(
      `select body_hash, error_code, answer, version, unchanged, ${SETTLING} from "${this.options.schema}".idempotency where caller = ? and scope = ? and key = ?`,
      [caller, scope, key],
    );
    return found;
  }

  /**
   * Keeps the text of the answer as it is told: a replay is the same to the byte. False for a refusal that gives way to what was
   * answered under the key before.
   */
  private async store(em: Ctx['em'], values: unknown[]): Promise<boolean> {
    const [kept] = await em.execute<object[]>(
      `insert into "${this.options.schema}".idempotency (scope, key, caller, body_hash, error_code, answer, version, settling_until, unchanged)
       values (?, ?, ?, ?, ?, ?::json, ?, now() + ? * interval '1 second', ?) ${values[4] === null ? '' : 'on conflict do nothing'} returning true as kept`,
      values,
    );
    return kept !== undefined;
  }
}

/** What stays in the books of a caller: its scopes are nobody's business later. */
const actorOf = ({ type, id }: Caller): Actor => ({ type, id });

const kindOf = (failed: Failure): string => errors[failed.code].kind;

function replay(stored: Stored, hash: string): RpcReply {
  if (stored.body_hash !== hash)
    return {
      ok: false,
      failure: { code: 'idempotency_key_reused', title: errors.idempotency_key_reused.title, extra: {} },
    };
  if (stored.settling) throw new Refused('idempotency_in_progress');
  if (stored.error_code === null)
    return {
      ok: true,
      body: stored.answer ?? {},
      version: stored.version ?? undefined,
      unchanged: stored.unchanged ? true : undefined,
      replayed: true,
    };
  const code = stored.error_code as Failure['code'];
  return { ok: false, failure: refusalKept(code, stored.answer ?? {}), replayed: true };
}

/** A refusal out of what is kept of it. */
function refusalKept(code: Failure['code'], kept: object): Failure {
  const { detail, extra, requestId } = kept as Partial<Failure> & { requestId?: string | null };
  return {
    code,
    title: errors[code].title,
    detail,
    extra: { ...extra, ...(requestId ? { requestId } : {}) },
  };
}

export type { Answer };
