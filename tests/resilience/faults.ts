import type { Backing } from '../../deploy/local/src/stack.ts';
import type { Point, Strike } from './points.ts';

type Range = readonly [least: number, most: number];

/** What is done to a process, a connection, or the stream. */
export type Act =
  | { do: 'kill' | 'terminate'; to: string }
  | { do: 'freeze'; to: string; forMs: number }
  /** Of a process (`*` for every service), from what it is connected to. */
  | { do: 'cut' | 'stall'; of: string; from: Backing; forMs: number }
  | { do: 'end every database session' }
  /** The inspections of returns that are under way were due ten seconds ago. */
  | { do: 'let inspections be due' }
  | { do: 'forget what was delivered'; to: string }
  | { do: 'publish everything again, shuffled'; times: number }
  | { do: 'poison'; kind: 'undecodable' | 'of an unknown version' | 'refused by its handler' }
  | { do: 'poison that kills'; to: string };

/** What strikes when a process comes to a point of its work. */
export interface TrapStep {
  in: string;
  at: Point;
  during: string;
  /** The how many-th time, drawn from the seed. */
  nth?: Range;
  strike: Strike;
  /** A frozen process goes on after so long. */
  forMs?: number;
  /** Done while the process holds at the point; it goes on afterwards. */
  then?: readonly Act[];
  /** Set again, so often in all, each time it was sprung. */
  times?: number;
}

/**
 * What is done after a while, or at a point; with `times: Infinity` again and again all along. Processes are named by their
 * kind; of several replicas one is drawn, or the first to come.
 */
export type Step = TrapStep | (Act & { afterMs: Range; times?: number });

/** One fault as data: all its steps run side by side, under the whole workload. */
export interface Fault {
  name: string;
  what: string;
  steps: readonly Step[];
}

const SOON: Range = [100, 2_500];
const at = (
  process: string,
  point: Point,
  during: string,
  strike: Strike = 'kill',
  more: { nth?: Range; forMs?: number; then?: readonly Act[]; times?: number } = {},
): Step => ({ in: process, at: point, during, strike, ...more });
const soon = (act: Act, times = 1): Step => ({ ...act, afterMs: SOON, times });
const few: { nth: Range } = { nth: [1, 4] };

export const faults: readonly Fault[] = [
  {
    name: 'order-before-commit',
    what: 'order-service is killed before the commit of a new order, and again of a step of it',
    steps: [
      at('order-service', 'before commit', 'create', 'kill', few),
      at('order-service', 'before commit', 'transition', 'kill', few),
    ],
  },
  {
    name: 'order-after-commit',
    what: 'order-service is killed after the commit of a new order, before anybody is answered',
    steps: [at('order-service', 'after commit', 'create', 'kill', { ...few, times: 2 })],
  },
  {
    name: 'order-before-publish',
    what: 'order-service is killed before it publishes order.placed',
    steps: [at('order-service', 'before publish', 'order.placed', 'kill', few)],
  },
  {
    name: 'order-after-publish',
    what: 'order-service is killed when the broker has order.placed and the outbox does not know',
    steps: [at('order-service', 'after publish', 'order.placed', 'kill', few)],
  },
  {
    name: 'order-before-mark',
    what: 'order-service is killed between the acknowledgements of a batch and marking it as sent, twice',
    steps: [at('order-service', 'before mark', '', 'kill', { nth: [2, 6], times: 2 })],
  },
  {
    name: 'order-handles-payment',
    what: 'order-service is killed before and after the commit of a payment event it follows',
    steps: [
      at('order-service', 'before commit', 'handle payment.authorized', 'kill', few),
      at('order-service', 'after commit', 'handle payment.captured', 'kill', few),
    ],
  },
  {
    name: 'order-before-ack',
    what: 'order-service is killed with events stored and not acknowledged',
    steps: [at('order-service', 'before ack', 'payment.', 'kill', { nth: [1, 6], times: 2 })],
  },
  {
    name: 'payment-claim',
    what: 'payment-service is killed right after it took an event to work on',
    steps: [at('payment-service', 'after claim', 'order.placed', 'kill', { ...few, times: 2 })],
  },
  {
    name: 'payment-opens',
    what: 'payment-service is killed before and after the commit that opens a payment',
    steps: [
      at('payment-service', 'before commit', 'handle order.placed', 'kill', few),
      at('payment-service', 'after commit', 'handle order.placed', 'kill', few),
    ],
  },
  {
    name: 'before-authorize',
    what: 'payment-service is killed before the provider is asked to authorize',
    steps: [at('payment-service', 'before provider', 'authorize', 'kill', few)],
  },
  {
    name: 'after-authorize',
    what: 'payment-service is killed when the provider has authorized and nobody knows',
    steps: [at('payment-service', 'after provider', 'authorize', 'kill', few)],
  },
  {
    name: 'after-capture',
    what: 'payment-service is killed when the provider has taken the money, and again before that is committed',
    steps: [
      at('payment-service', 'after provider', 'capture', 'kill', few),
      at('payment-service', 'before commit', 'perform capture', 'kill', few),
    ],
  },
  {
    name: 'after-refund',
    what: 'payment-service is killed when the provider has given the money back, and after that is committed',
    steps: [
      at('payment-service', 'after provider', 'refund', 'kill', few),
      at('payment-service', 'after commit', 'perform refund', 'kill', few),
    ],
  },
  {
    name: 'frozen-over-the-provider',
    what: 'payment-service is frozen for longer than its lease with the answer of the provider in its hands, of a charge and of a refund',
    steps: [
      at('payment-service', 'after provider', 'capture', 'freeze', { ...few, forMs: 8_000 }),
      at('payment-service', 'after provider', 'refund', 'freeze', { ...few, forMs: 8_000 }),
    ],
  },
  {
    name: 'frozen-in-a-transaction',
    what: 'order-service is frozen before a commit, its row locked',
    steps: [
      at('order-service', 'before commit', 'handle payment.authorized', 'freeze', { ...few, forMs: 6_000 }),
    ],
  },
  {
    name: 'provider-dies-after-the-effect',
    what: 'the provider is killed with the charge in its book and the answer not sent; then with a refund',
    steps: [
      at('payment-sandbox', 'after effect', 'capture', 'kill', few),
      at('payment-sandbox', 'after effect', 'refund', 'kill', few),
    ],
  },
  {
    name: 'provider-dies-before-the-effect',
    what: 'the provider is killed when it was asked and has done nothing',
    steps: [at('payment-sandbox', 'before effect', '', 'kill', { nth: [1, 8], times: 3 })],
  },
  {
    name: 'provider-out-of-reach',
    what: 'payment-service is cut off from the provider, then gets no word from it',
    steps: [
      soon({ do: 'cut', of: 'payment-service', from: 'provider', forMs: 2_000 }),
      { do: 'stall', of: 'payment-service', from: 'provider', forMs: 4_000, afterMs: [3_000, 4_000] },
    ],
  },
  {
    name: 'provider-frozen',
    what: 'the provider is frozen while it makes an effect',
    steps: [at('payment-sandbox', 'after effect', 'authorize', 'freeze', { ...few, forMs: 5_000 })],
  },
  {
    name: 'return-before-commit',
    what: 'return-service is killed before the commits of a new return and of its last step',
    steps: [
      at('return-service', 'before commit', 'create', 'kill', few),
      at('return-service', 'before commit', 'transition', 'kill', { nth: [1, 12] }),
    ],
  },
  {
    name: 'return-asks-for-the-refund',
    what: 'return-service is killed before and after it publishes that a refund is wanted',
    steps: [
      at('return-service', 'before publish', 'return.refund_requested', 'kill', few),
      at('return-service', 'after publish', 'return.refund_requested', 'kill', few),
    ],
  },
  {
    name: 'return-hears-of-the-refund',
    what: 'return-service is killed before and after the commit by which it knows that the money is back',
    steps: [
      at('return-service', 'before commit', 'handle payment.refunded', 'kill', few),
      at('return-service', 'after commit', 'handle payment.refunded', 'kill', few),
    ],
  },
  {
    name: 'order-hears-of-the-return',
    what: 'order-service is killed before and after the commit by which its lines are back',
    steps: [
      at('order-service', 'before commit', 'handle return.refunded', 'kill', { nth: [1, 2] }),
      at('order-service', 'after commit', 'handle return.refunded', 'kill'),
    ],
  },
  {
    name: 'a-deadline-passes',
    what: 'inspections are overdue, and return-service is killed before and after the commit by which it says so',
    steps: [
      soon({ do: 'let inspections be due' }, Infinity),
      at('return-service', 'before commit', 'timer inspection', 'kill'),
      at('return-service', 'after commit', 'timer inspection', 'kill'),
    ],
  },
  {
    name: 'notification-dies',
    what: 'notification-service is killed before and after the commit of a message',
    steps: [
      at('notification-service', 'before commit', 'handle order.confirmed', 'kill', few),
      at('notification-service', 'after commit', 'handle return.refunded', 'kill', few),
    ],
  },
  {
    name: 'gateway-dies',
    what: 'the gateway is killed with the answers of a new order and of a return in its hands',
    steps: [
      at('gateway', 'before answer', '/orders', 'kill', { nth: [3, 12] }),
      at('gateway', 'before answer', '/returns', 'kill', { nth: [1, 8] }),
    ],
  },
  {
    name: 'everything-dies',
    what: 'all four services and the gateway are killed in one moment, mid-saga, twice',
    steps: ['order-service', 'return-service', 'payment-service', 'notification-service', 'gateway'].map(
      (to) => ({
        do: 'kill' as const,
        to,
        afterMs: [1_500, 1_500] as const,
        times: 2,
      }),
    ),
  },
  {
    name: 'everything-is-asked-to-stop',
    what: 'all four services and the gateway get SIGTERM in one moment',
    steps: ['order-service', 'return-service', 'payment-service', 'notification-service', 'gateway'].map(
      (to) => ({
        do: 'terminate' as const,
        to,
        afterMs: [1_500, 1_500] as const,
      }),
    ),
  },
  {
    name: 'stopped-at-work',
    what: 'payment-service gets SIGTERM before a commit, return-service while it publishes',
    steps: [
      at('payment-service', 'before commit', 'perform capture', 'terminate', few),
      at('return-service', 'before publish', 'return.processed', 'terminate', few),
    ],
  },
  {
    name: 'broker-killed',
    what: 'nats-server is killed three times under load',
    steps: [soon({ do: 'kill', to: 'nats' }, 3)],
  },
  {
    name: 'broker-killed-at-a-publish',
    what: 'nats-server is killed when it has acknowledged an event that is not marked yet',
    steps: [
      at('order-service', 'after publish', 'order.', 'hold', {
        nth: [3, 12],
        then: [{ do: 'kill', to: 'nats' }],
      }),
    ],
  },
  {
    name: 'broker-frozen',
    what: 'nats-server is frozen for twelve seconds',
    steps: [soon({ do: 'freeze', to: 'nats', forMs: 12_000 })],
  },
  {
    name: 'broker-forgets',
    what: 'the consumers of two services are deleted and made again: everything is delivered once more',
    steps: [
      soon({ do: 'forget what was delivered', to: 'payment-service' }),
      soon({ do: 'forget what was delivered', to: 'order-service' }),
    ],
  },
  {
    name: 'cut-off-from-the-broker',
    what: 'order-service is cut off from the broker for three seconds, payment-service hears nothing for fifteen',
    steps: [
      soon({ do: 'cut', of: 'order-service', from: 'nats', forMs: 3_000 }),
      soon({ do: 'stall', of: 'payment-service', from: 'nats', forMs: 15_000 }),
    ],
  },
  {
    name: 'postgres-killed',
    what: 'Postgres is killed, with all its sessions, twice',
    steps: [soon({ do: 'kill', to: 'postgres' }, 2)],
  },
  {
    name: 'postgres-killed-at-a-commit',
    what: 'Postgres is killed when the commit of a capture is about to be sent',
    steps: [
      at('payment-service', 'before commit', 'perform capture', 'hold', {
        ...few,
        then: [{ do: 'kill', to: 'postgres' }],
      }),
    ],
  },
  {
    name: 'commit-in-doubt',
    what: 'the connections are cut when a commit was made and before its answer is taken: nobody knows whether it stands',
    steps: [
      at('order-service', 'after commit', 'create', 'fail', few),
      at('return-service', 'after commit', 'transition', 'fail', few),
      at('payment-service', 'after commit', 'perform capture', 'fail', few),
      at('payment-service', 'after commit', 'handle return.refund_requested', 'fail', few),
    ],
  },
  {
    name: 'sessions-ended',
    what: 'every session of the database is ended, four times',
    steps: [soon({ do: 'end every database session' }, 4)],
  },
  {
    name: 'postgres-frozen',
    what: 'Postgres is frozen for eight seconds',
    steps: [soon({ do: 'freeze', to: 'postgres', forMs: 8_000 })],
  },
  {
    name: 'cut-off-from-postgres',
    what: 'every service is cut off from Postgres for three seconds, later return-service hears nothing for eight',
    steps: [
      soon({ do: 'cut', of: '*', from: 'postgres', forMs: 3_000 }),
      { do: 'stall', of: 'return-service', from: 'postgres', forMs: 8_000, afterMs: [4_000, 5_000] },
    ],
  },
  {
    name: 'published-again',
    what: 'every event is published twice more, without its message id, in any order',
    steps: [
      { do: 'publish everything again, shuffled', times: 2, afterMs: [2_500, 3_500] },
      { do: 'publish everything again, shuffled', times: 1, afterMs: [6_000, 7_000] },
    ],
  },
  {
    name: 'acknowledgements-lost',
    what: 'the broker has events whose acknowledgement is lost, and gets them twice',
    steps: [
      at('order-service', 'after publish', 'order.placed', 'fail', { ...few, times: 2 }),
      at('payment-service', 'after publish', 'payment.captured', 'fail', few),
      at('return-service', 'before publish', 'return.processed', 'repeat', few),
    ],
  },
  {
    name: 'out-of-order',
    what: 'events can not be stored for a moment: they come again after those that followed them',
    steps: [
      at('payment-service', 'before store', 'order.', 'fail', { nth: [1, 6], times: 4 }),
      at('order-service', 'before store', 'payment.', 'fail', { nth: [1, 6], times: 4 }),
      at('return-service', 'before store', 'order.', 'fail', { nth: [1, 6], times: 4 }),
    ],
  },
  {
    name: 'asked-twice',
    what: 'the provider is asked twice for the same effect by the same runner',
    steps: [
      at('payment-service', 'before provider', 'capture', 'repeat', few),
      at('payment-service', 'before provider', 'refund', 'repeat', few),
    ],
  },
  {
    name: 'poison',
    what: 'the stream holds what nobody can read, an unknown version, and an event that its handlers refuse',
    steps: [
      soon({ do: 'poison', kind: 'undecodable' }),
      soon({ do: 'poison', kind: 'of an unknown version' }),
      soon({ do: 'poison', kind: 'refused by its handler' }),
    ],
  },
  {
    name: 'poison-that-kills',
    what: 'an event ends the process of whoever handles it',
    steps: [soon({ do: 'poison that kills', to: 'payment-service' })],
  },
  {
    name: 'several-at-once',
    what: 'payment-service dies after a capture, the broker and Postgres are killed, order-service is frozen',
    steps: [
      at('payment-service', 'after provider', 'capture', 'kill', few),
      soon({ do: 'kill', to: 'nats' }),
      { do: 'kill', to: 'postgres', afterMs: [2_000, 4_000] },
      { do: 'freeze', to: 'order-service', forMs: 3_000, afterMs: [500, 3_000] },
    ],
  },
  {
    name: 'nothing',
    what: 'nothing is done: the workload alone, against which the others are read',
    steps: [],
  },
];
