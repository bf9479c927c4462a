import { lineForCustomer, type Move, type Titles, type Who } from '@oms/chassis/machine';
import { inMajorUnits } from '@oms/contracts';
import type { OperationKind, PaymentInputs, Refund } from './payment.js';

/** What a person reads of each move of a payment. */
export const paymentTitles: Titles<keyof PaymentInputs> = {
  open: 'A payment was opened',
  process: 'The payment is to be authorized',
  authorized: 'The payment is authorized: the provider holds the money',
  declined: 'The payment was declined',
  capture: 'Money that is held is to be taken',
  release_rest: 'What is held beyond the cost of the order is to be let go',
  captured: (move) => (move.to === 'captured' ? 'The money was taken' : 'A part of the money was taken'),
  capture_declined: 'The provider did not take the money; it is still held',
  void: 'What is held is to be let go',
  voided: (move) =>
    move.to === 'voided' ? 'The money was let go; nothing was taken' : 'The rest of what was held was let go',
  void_declined: 'The provider did not let go of the money',
  refund: 'Money is to go back to the customer',
  refund_refused: 'Nothing was given back: more is owed than is left on the payments',
  refund_withdrawn: 'A request of a return was withdrawn before a provider was asked: nothing was given back',
  refund_succeeded: (move) =>
    move.to === 'refunded' ? 'All of the money went back to the customer' : 'Money went back to the customer',
  refund_failed: 'The provider could not give the money back',
  refund_covered: 'A refund that is under way pays what the return is owed',
  charge_back: 'The customer’s bank took the money back: the payment is disputed',
  close_chargeback: 'The dispute with the customer’s bank was decided',
  expire: 'Nobody went on with the payment: it is void',
  abandon: 'The order was cancelled: whatever is still taken goes back',
};

const fieldsForStaff: ReadonlySet<string> = new Set(['note']);

/** A line of the audit trail as `caller` may see it: none where nothing but what is for staff is in it, and no word of theirs. */
export function lineFor<Line extends Pick<Move, 'actor' | 'reason' | 'changed'>>(
  caller: Who,
  line: Line,
): Line[] {
  if (caller.type !== 'customer') return [line];
  return lineForCustomer(line, { fields: fieldsForStaff, mayRead: ({ actor }) => actor.type === 'system' });
}

const OPERATIONS: Readonly<Record<OperationKind, string>> = {
  authorize: 'to hold',
  capture: 'to take',
  void: 'to let go of',
  refund: 'to give back',
};
const OUTCOMES: Readonly<Record<string, string>> = {
  succeeded: 'it did',
  declined: 'it declined',
  pending: 'it will tell later',
  unknown: 'it did not say, so it is asked again under the same key',
};

/** One question to the provider, as a sentence. */
export const attemptTitle = (
  attempt: { operation: OperationKind; outcome: string; amount: number },
  currency: string,
): string =>
  `The provider was asked ${OPERATIONS[attempt.operation]} ${inMajorUnits(attempt.amount, currency)}: ${OUTCOMES[attempt.outcome] ?? attempt.outcome}`;

const NOT_GIVEN: Readonly<Record<string, string>> = {
  refund_exceeds_captured: 'is more than is left on the payments: nothing was given back',
  refund_withdrawn: 'was withdrawn before a provider was asked: nothing was given back',
};

/** A movement of money back, as its return hears of it. */
export function refundTitle(refund: Refund, currency: string): string {
  const amount = inMajorUnits(refund.amount, currency);
  const why = refund.status === 'failed' ? NOT_GIVEN[refund.code ?? ''] : undefined;
  return why ? `${amount} ${why}` : `A payment is to give ${amount} back`;
}
