import { NEW, saga } from '@oms/chassis/machine';
import type { KnownPayment, OrderState } from './order.js';

/** What the saga remembers of an order. */
export interface PlacingCase {
  wantsPayment: boolean;
  /** Staff record the money when it has come. */
  paidByHand: boolean;
  moneyTaken: boolean;
  paymentDeadlineMs: number;
  giveBackDeadlineMs: number;
  /** How often the money was asked back; absent before the second time. */
  attempt?: number;
}

/** How the order stands at the moment of an input. */
interface Stand {
  costsNothing: boolean;
  held: boolean;
  /** The order's payments are known, and none keeps any of its money: it was never taken, let go, given back, or charged back. */
  nothingKept: boolean;
}

const OVER = new Set(['voided', 'failed', 'refunded']);
const TAKEN = new Set(['captured', 'partially_refunded']);

const keepsNothing = ({
  status,
  capturedAmount,
  refundedAmount,
  chargedBackAmount = 0,
}: KnownPayment): boolean =>
  OVER.has(status) || (TAKEN.has(status) && refundedAmount + chargedBackAmount >= capturedAmount);

/** What the table asks of the order. A payment that is wanted and not heard of yet may still take money. */
export const standOf = (order: OrderState): Stand => {
  const payments = Object.values(order.payments);
  return {
    costsNothing: order.total === 0,
    held: order.hold !== null,
    nothingKept: (payments.length > 0 || order.total === 0) && payments.every(keepsNothing),
  };
};

const wantsPayment = (data: PlacingCase) => data.wantsPayment || 'no_payment';
const costsNothing = (_: PlacingCase, input: Stand) => input.costsNothing || 'money_is_owed';
const paidByHand = (data: PlacingCase) => data.paidByHand || 'not_by_hand';
const moneyTaken = (data: PlacingCase) => data.moneyTaken || 'no_money';
const orderHeld = (_: PlacingCase, input: Stand) => input.held || 'not_held';
const nothingKept = (_: PlacingCase, input: Stand) => input.nothingKept || 'money_is_kept';

const moneyKept = (_: PlacingCase, input: Stand) => !input.nothingKept || 'nothing_is_kept';

const askAgain = (data: PlacingCase): void => {
  data.attempt = (data.attempt ?? 1) + 1;
};

const confirm = { on: 'confirm', with: () => ({}) } as const;
const cancel = (reason: string) => ({ on: 'cancel', with: () => ({ reason }) }) as const;
const giveBackDeadline = {
  name: 'give_back_deadline',
  afterMs: (data: PlacingCase) => data.giveBackDeadlineMs,
};

/**
 * Placing an order with a payment, and giving the money back when it is cancelled. The payment side acts on the order's
 * events by itself; this table waits for what it says, and is the one place that knows what follows.
 */
export const placingSaga = saga<PlacingCase>()({
  name: 'placing',
  steps: [
    'awaiting_payment',
    'paid_on_hold',
    'confirmed',
    'not_paid',
    'giving_back',
    'gave_back',
    'needs_attention',
    'closed',
  ],
  finished: ['confirmed', 'not_paid', 'gave_back', 'closed'],
  attention: ['needs_attention'],
  attempts: (data) => data.attempt ?? 1,
  rows: [
    {
      from: NEW,
      on: 'order.placed',
      guard: [wantsPayment, costsNothing],
      to: 'confirmed',
      tell: confirm,
      because: 'it costs nothing, so there is no money to wait for',
    },
    {
      from: NEW,
      on: 'order.placed',
      guard: [wantsPayment, paidByHand],
      to: 'awaiting_payment',
      because: 'money that staff record has no deadline: it comes when it comes',
    },
    {
      from: NEW,
      on: 'order.placed',
      guard: [wantsPayment],
      to: 'awaiting_payment',
      timer: { name: 'payment_deadline', afterMs: (data) => data.paymentDeadlineMs },
      because: 'the order waits for its money',
    },
    {
      from: 'awaiting_payment',
      on: 'payment.authorized',
      guard: [orderHeld],
      to: 'paid_on_hold',
      timer: null,
      because: 'paid, but it must not go forward yet',
    },
    {
      from: 'awaiting_payment',
      on: 'payment.authorized',
      to: 'confirmed',
      tell: confirm,
      timer: null,
      because: 'the provider holds the money',
    },
    {
      from: 'paid_on_hold',
      on: 'order.released',
      to: 'confirmed',
      tell: confirm,
      because: 'paid, and free to go forward',
    },
    {
      from: ['awaiting_payment', 'paid_on_hold'],
      on: 'order.confirmed',
      to: 'confirmed',
      timer: null,
      because: 'staff vouch for it',
    },
    {
      from: 'awaiting_payment',
      on: 'payment.failed',
      to: 'not_paid',
      tell: cancel('payment_failed'),
      timer: null,
      because: 'declined is final',
    },
    {
      from: 'awaiting_payment',
      on: 'payment_deadline',
      to: 'giving_back',
      tell: cancel('payment_timeout'),
      timer: giveBackDeadline,
      because: 'silence is no yes; money that comes later is let go',
    },

    {
      from: ['awaiting_payment', 'paid_on_hold', 'confirmed'],
      on: 'order.cancelled',
      guard: [nothingKept],
      to: 'gave_back',
      timer: null,
      because: 'no payment holds anything, there is nothing to give back',
    },
    {
      from: ['awaiting_payment', 'paid_on_hold', 'confirmed'],
      on: 'order.cancelled',
      to: 'giving_back',
      timer: giveBackDeadline,
      because: 'what was taken has to go back',
    },
    {
      from: NEW,
      on: 'order.cancelled',
      guard: [moneyTaken],
      to: 'giving_back',
      timer: giveBackDeadline,
      because: 'it was paid by staff, and that money has to go back',
    },
    {
      from: ['giving_back', 'needs_attention', 'closed'],
      on: 'payment.voided',
      guard: [nothingKept],
      to: 'gave_back',
      timer: null,
      because: 'the money was let go',
    },
    {
      from: ['giving_back', 'needs_attention', 'closed'],
      on: 'payment.refunded',
      guard: [nothingKept],
      to: 'gave_back',
      timer: null,
      because: 'the money is back',
    },
    {
      from: ['giving_back', 'needs_attention', 'closed'],
      on: 'payment.failed',
      guard: [nothingKept],
      to: 'gave_back',
      timer: null,
      because: 'no money was ever taken',
    },
    {
      from: ['giving_back', 'needs_attention', 'closed'],
      on: 'payment.charged_back',
      guard: [nothingKept],
      to: 'gave_back',
      timer: null,
      because: "the customer's bank took the money back, nothing is owed any more",
    },
    {
      from: 'gave_back',
      on: 'payment.chargeback_closed',
      guard: [moneyKept],
      to: 'needs_attention',
      timer: null,
      because: 'a chargeback was won: money of a cancelled order is here again',
    },
    {
      from: 'giving_back',
      on: 'payment.refund_failed',
      to: 'needs_attention',
      timer: null,
      because: 'the order could not give its money back',
    },
    {
      from: 'giving_back',
      on: 'give_back_deadline',
      to: 'needs_attention',
      timer: null,
      because: 'nobody said that the money is back',
    },

    {
      from: 'needs_attention',
      on: 'resume',
      to: 'giving_back',
      timer: giveBackDeadline,
      because: 'staff know that the money is on its way, and it is waited for once more',
    },
    {
      from: 'needs_attention',
      on: 'retry',
      to: 'giving_back',
      does: askAgain,
      tell: { on: 'request_refund', with: () => ({}) },
      timer: giveBackDeadline,
      because: 'the payments are asked once more for what they still hold',
    },
    {
      from: 'needs_attention',
      on: 'close',
      to: 'closed',
      timer: null,
      because: 'staff settled it another way, and said how',
    },
  ],
  late: [
    {
      in: ['giving_back', 'gave_back', 'not_paid', 'needs_attention', 'closed'],
      on: ['payment.authorized', 'payment.captured'],
      because: 'the order had ended; the payments let the money go by themselves',
    },
    {
      in: ['needs_attention', 'closed'],
      on: ['payment.refund_failed'],
      because: 'a person has it in hand already',
    },
  ],
});
