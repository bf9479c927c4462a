import { NEW, saga } from '@oms/chassis/machine';
import type { PaymentState } from './payment.js';

/** What the saga remembers of a payment. */
export interface PayingCase {
  /** Staff record the money when it has come. */
  paidByHand: boolean;
}

/** How the payment stands at the moment of an input. */
interface Stand {
  /** The provider was asked and has not said what became of it. */
  asked: boolean;
}

export const standOf = (payment: PaymentState): Stand => ({ asked: payment.underWay !== null });

const DAY_MS = 86_400_000;
const paidByHand = (data: PayingCase) => data.paidByHand || 'not_by_hand';
const asked = (_: PayingCase, input: Stand) => input.asked || 'nobody_was_asked';

const deadline = { name: 'pay_deadline', afterMs: () => DAY_MS };
const deadlineByHand = { name: 'pay_by_hand_deadline', afterMs: () => 30 * DAY_MS };

/**
 * A payment that was opened for itself keeps its part of what the order costs, so that no other can be opened for it. Here it
 * ends to do so: it is taken, or declined, or let go when nobody went on with it, or a person looks. The payment that an
 * order is placed with has the deadlines of the placing saga.
 */
export const payingSaga = saga<PayingCase>()({
  name: 'paying',
  steps: ['open', 'needs_attention', 'decided'],
  finished: ['decided'],
  attention: ['needs_attention'],
  rows: [
    {
      from: NEW,
      on: 'payment.created',
      guard: [paidByHand],
      to: 'open',
      timer: deadlineByHand,
      because: 'money that staff record may take weeks to come',
    },
    {
      from: NEW,
      on: 'payment.created',
      to: 'open',
      timer: deadline,
      because: 'somebody is about to pay',
    },
    ...(['payment.authorized', 'payment.failed', 'payment.voided'] as const).map((on) => ({
      from: ['open', 'needs_attention'] as const,
      on,
      to: 'decided' as const,
      timer: null,
      because: 'what became of it is known',
    })),
    {
      from: 'open',
      on: 'pay_deadline',
      guard: [asked],
      to: 'needs_attention',
      timer: null,
      because: 'the provider was asked and does not say what became of it: it may hold the money',
    },
    ...(['pay_deadline', 'pay_by_hand_deadline'] as const).map((on) => ({
      from: 'open' as const,
      on,
      to: 'decided' as const,
      tell: { on: 'expire', with: () => ({}) },
      timer: null,
      because: 'nobody went on with it: what it kept of the order is free again',
    })),
    {
      from: 'needs_attention',
      on: 'resume',
      to: 'open',
      timer: deadline,
      because: 'the provider is asked again and again, and is given the same time once more',
    },
  ],
});
