import type { Patch } from './patch.ts';

/** A piece of the built code that keeps a promise, and how to take it out. */
export interface Protection {
  name: string;
  /** What the code does without it. */
  without: string;
  /** The fault under which that shows. */
  fault: string;
  seed?: number;
  replicas?: number;
  /** Each `find` is in its file exactly once. */
  patches: readonly Patch[];
  /** What must be found broken then: names of invariants, or part of what the bench itself says. */
  breaks: readonly string[];
}

const HANDLED = 'chassis/dist/inbox/work.js';
const RELAY = 'chassis/dist/outbox/relay.js';
const PAYMENTS = 'services/payment-service/dist';
const [NO_MORE, CHECKED_BY_POSTGRES] = ['return true;', ''];

const refundsBelowCaptured = {
  file: `${PAYMENTS}/persistence/migrations.js`,
  find: 'check (refunded_amount <= captured_amount), ',
  replace: CHECKED_BY_POSTGRES,
};
const doneAfterTheCommit = {
  file: HANDLED,
  find: 'return this.finish(em, row);',
  replace: 'after(() => void this.finish(this.options.uow.reader(), row)); return true;',
};

/**
 * Every check of the bench and what it watches: taken out, the check must fail, or it watches nothing.
 * `npm run test:resilience -- --without all` runs them.
 */
export const protections: readonly Protection[] = [
  {
    name: 'refund-limit',
    without: 'a refund is not held against what is left of the payment, nor by Postgres',
    fault: 'nothing',
    patches: [
      {
        file: `${PAYMENTS}/domain/guards.js`,
        find: `if (input.amount <= left)\n        return true;`,
        replace: NO_MORE,
      },
      refundsBelowCaptured,
    ],
    breaks: ['no payment gives back more than it took, counting what is on its way'],
  },
  {
    name: 'settled-once',
    without: 'a refund is settled as often as somebody comes with its result',
    fault: 'frozen-over-the-provider',
    replicas: 2,
    patches: [
      {
        file: `${PAYMENTS}/features/apply-result.js`,
        find: `if (closed.length === 0)\n        return false;`,
        replace: '',
      },
      {
        file: `${PAYMENTS}/domain/guards.js`,
        find: `one.id === input.refundId && one.status === 'pending') || 'unknown_refund'`,
        replace: 'one.id === input.refundId)',
      },
      {
        file: `${PAYMENTS}/domain/guards.js`,
        find: 'one.id === input.refundId && one.status === status',
        replace: 'false',
      },
      refundsBelowCaptured,
    ],
    breaks: ['what a payment says it gave back is the sum of its refunds'],
  },
  {
    name: 'delivered-limit',
    without: 'a return is not held against what was delivered and is not held by another, nor by Postgres',
    fault: 'nothing',
    patches: [
      {
        file: 'services/return-service/dist/domain/guards.js',
        find: `lineWith(input, 'quantity_not_returnable', '.quantity')`,
        replace: 'true',
      },
      {
        file: 'services/return-service/dist/persistence/migrations.js',
        find: ' and held + returned <= delivered',
        replace: CHECKED_BY_POSTGRES,
      },
    ],
    breaks: ['no more of a line comes back than was delivered'],
  },
  {
    name: 'done-with-the-change',
    without:
      'an event is marked as done after the commit of its effect, and payments do not look whether a request was answered',
    fault: 'commit-in-doubt',
    patches: [
      doneAfterTheCommit,
      {
        file: `${PAYMENTS}/features/follow-returns.js`,
        find: `if (isAnswered(payments, request))\n        return;`,
        replace: '',
      },
      {
        file: `${PAYMENTS}/features/follow-returns.js`,
        find: 'request.amount - before.reduce((sum, refund) => sum + refund.amount, 0);',
        replace: 'request.amount;',
      },
    ],
    breaks: [
      'a return is paid once, and no other sum than it says',
      'a refunded return has its money, to the penny',
      'an event has each of its effects once',
    ],
  },
  {
    name: 'done-with-the-lines',
    without:
      'an event is marked as done after the commit of its effect, and neither the order nor Postgres minds that more of a line comes back than was delivered',
    fault: 'order-hears-of-the-return',
    seed: 3,
    patches: [
      doneAfterTheCommit,
      {
        file: 'services/order-service/dist/persistence/migrations.js',
        find: ', check (returned <= delivered)',
        replace: CHECKED_BY_POSTGRES,
      },
      {
        file: 'services/order-service/dist/domain/order.machine.js',
        find: 'guard: [restComesBack]',
        replace: `guard: [() => 'some_is_left']`,
      },
    ],
    breaks: ['what came back of a line is the same in the books of orders and of returns'],
  },
  {
    name: 'the-same-key',
    without:
      'the provider is asked under a new key each time, and not asked first what it did under the old one',
    fault: 'after-capture',
    patches: [
      {
        file: `${PAYMENTS}/features/operation-runner.js`,
        find: 'if (operation.attempts > 1) {',
        replace: 'if (false) {',
      },
      {
        file: `${PAYMENTS}/features/operation-runner.js`,
        find: 'key: operation.key,\n            reference',
        replace: 'key: `${operation.key}:${operation.attempts}`,\n            reference',
      },
    ],
    breaks: [
      'the provider made nothing twice',
      "the provider's ledger is ours, effect by effect",
      "the provider's ledger is ours, payment by payment",
    ],
  },
  {
    name: 'asked-until-known',
    without: 'an operation whose result is unknown is not asked about again',
    fault: 'provider-dies-after-the-effect',
    patches: [
      {
        file: `${PAYMENTS}/features/operation-runner.js`,
        find: `where state in ('intended', 'pending', 'unknown') and next_at`,
        replace: `where state = 'intended' and attempts = 0 and next_at`,
      },
    ],
    breaks: ['nothing asked of the provider is left open'],
  },
  {
    name: 'timers',
    without: 'no deadline ever fires',
    fault: 'a-deadline-passes',
    patches: [
      {
        file: 'chassis/dist/saga-timers.js',
        find: 'where deadline_at <= now() order by',
        replace: 'where false order by',
      },
    ],
    breaks: ['every saga is finished, waits before its deadline, or stands in needs_attention'],
  },
  {
    name: 'marked-after-the-acknowledgement',
    without: 'the relay marks a row as sent before the broker has acknowledged it',
    fault: 'broker-killed',
    patches: [
      {
        file: RELAY,
        find: 'seq: await this.publish(row) }',
        replace: 'seq: (void this.publish(row).catch(() => {}), 0) }',
      },
    ],
    breaks: [
      'every event of an outbox is in the stream, and marked as sent',
      'the stream has the events of an aggregate in their order',
      'no saga waits for money that nobody is moving',
    ],
  },
  {
    name: 'sent-rows-stay',
    without: 'the relay deletes what it has sent',
    fault: 'nothing',
    patches: [
      {
        file: RELAY,
        find: `update "\${this.options.schema}".outbox o set published_at = now(), stream_seq = a.seq, attempts = attempts + 1, last_error = null\n               from`,
        replace: `delete from "\${this.options.schema}".outbox o using`,
      },
    ],
    breaks: [
      'every event of the stream is in an outbox, or was put in as poison',
      'every change in the history has the event it names',
      'a message to a customer is about an event that happened',
    ],
  },
  {
    name: 'published-as-committed',
    without: 'the relay adds to an event what was not committed with it',
    fault: 'nothing',
    patches: [
      {
        file: RELAY,
        find: 'JSON.stringify(row.payload)',
        replace: 'JSON.stringify({ ...row.payload, sentAt: 1 })',
      },
    ],
    breaks: ['what the stream says of an event is what was committed'],
  },
  {
    name: 'events-in-the-transaction',
    without: 'events are written beside the transaction of the change, not in it',
    fault: 'order-before-commit',
    patches: [
      {
        file: 'chassis/dist/transit.js',
        find: 'await ctx.em.execute(`${told ? `with told',
        replace: 'await (told ? ctx.em.fork() : ctx.em).execute(`${told ? `with told',
      },
    ],
    breaks: ['the sequence of every aggregate is without a gap, and as long as the aggregate says'],
  },
  {
    name: 'stored-then-acknowledged',
    without: 'ingest acknowledges before it has stored',
    fault: 'out-of-order',
    patches: [
      {
        file: 'chassis/dist/inbox/ingest.js',
        find: 'const { work, projected } = await this.storeReadable(current.map(arrived));',
        replace:
          'current.forEach((message) => message.ack()); const { work, projected } = await this.storeReadable(current.map(arrived));',
      },
    ],
    breaks: ['every consumer is done with every event it subscribes to'],
  },
  {
    name: 'attempts-counted-first',
    without: 'an attempt is not counted before the handler runs',
    fault: 'poison-that-kills',
    patches: [
      {
        file: HANDLED,
        find: 'started_attempts = started_attempts + 1',
        replace: 'started_attempts = started_attempts',
      },
    ],
    breaks: ['what is parked is exactly the poison that was put in'],
  },
  {
    name: 'answers-kept',
    without: 'the Idempotency-Key of a request is passed over',
    fault: 'gateway-dies',
    patches: [
      {
        file: 'chassis/dist/execute.js',
        find: 'request.idempotencyKey === null',
        replace: 'true',
      },
    ],
    breaks: ['another answer under the same key'],
  },
  {
    name: 'lost-sessions-heard',
    without: 'nobody listens for the end of a session',
    fault: 'sessions-ended',
    patches: [
      { file: 'chassis/dist/session.js', find: `this.client.on('error'`, replace: `this.client.on('never'` },
    ],
    breaks: ['ended by itself'],
  },
  {
    name: 'away-is-told-apart',
    without: 'a database that is away is taken for a bug',
    fault: 'postgres-killed',
    patches: [
      {
        file: 'chassis/dist/errors.js',
        find: `return failure('service_unavailable');`,
        replace: `return failure('internal_error');`,
      },
    ],
    breaks: [': 500 '],
  },
  {
    name: 'reconnects-for-ever',
    without: 'a connection to the broker that broke is not made again',
    fault: 'broker-killed',
    patches: [
      {
        file: 'chassis/dist/messaging/connect.js',
        find: 'maxReconnectAttempts: -1',
        replace: 'reconnect: false',
      },
    ],
    breaks: ['not ready'],
  },
];
