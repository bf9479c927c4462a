import type { Move, Titles, ToldSaga, Who } from '@oms/chassis/machine';
import { inMajorUnits } from '@oms/contracts';
import { refundSaga, type RefundCase } from './refund.saga.js';
import type { PaymentRefund, ReturnInputs, ReturnState } from './return.js';

/** What a person reads of each move of a return. */
export const returnTitles: Titles<keyof ReturnInputs> = {
  initiate: 'The customer asked to send goods back',
  approve: 'The return was approved: the goods may be sent',
  reject: (move) =>
    move.from === 'received'
      ? 'The goods were not accepted and go back to the customer'
      : 'The return was rejected',
  schedule_pickup: (move) =>
    move.from === 'pickup_scheduled' ? 'The pickup was moved' : 'A pickup was scheduled',
  mark_in_transit: 'The goods are on their way',
  receive: 'The goods arrived',
  process: (move) =>
    move.to === 'refunded'
      ? 'The goods were inspected: nothing is owed'
      : 'The goods were inspected and the refund is fixed',
  request_refund: (move) =>
    move.to === 'refunded' ? 'Store credit was granted' : 'The payments were asked for the refund',
  refund: (move) =>
    move.to === 'refunded' ? 'Staff paid the refund another way' : 'Staff asked for the refund again',
  refund_succeeded: 'The refund was paid',
  refund_failed: 'The refund could not be paid',
  withdraw_refund: 'The request for the refund was withdrawn, as far as no provider has it',
  cancel: 'The return was cancelled',
  expire: 'The return expired: the goods were not sent in time',
};

/** The saga that follows a return to its refund, as it is told. */
export const toldRefund: ToldSaga<RefundCase> = {
  table: refundSaga,
  waitsFor: {
    awaiting_goods: 'the goods',
    inspecting: 'the goods to be inspected',
    refunding: 'the payments to give the money back',
    waiting_to_retry: 'the next attempt to pay the refund',
    needs_attention: 'a person: the refund is not paid by itself',
  },
  detail: (data) => ({ attempt: data.attempt, maxAttempts: data.maxAttempts }),
};

/** Why staff went past the policy, or took the saga on by hand, is not for the customer. */
const isForStaff = (transition: string): boolean =>
  transition === 'initiate' || transition.startsWith(`${refundSaga.name}.`);

/** A line of the audit trail as `caller` may see it. */
export const lineFor = <Line extends Pick<Move, 'transition' | 'reason'>>(caller: Who, line: Line): Line =>
  caller.type === 'customer' && isForStaff(line.transition) ? { ...line, reason: null } : line;

const asksForMoney = new Set(['request_refund', 'refund']);

/** The request for money that a move made: both carry the moment of their transaction. */
const requestOf = (state: ReturnState, move: Move): PaymentRefund | undefined =>
  asksForMoney.has(move.transition)
    ? state.paymentRefunds.find((refund) => refund.at === move.at)
    : undefined;

/** What a program may want to know of a move beside its names. Notes of staff stay with staff. */
export function moveDetail(state: ReturnState, move: Move, forStaff: boolean): object {
  const request = requestOf(state, move);
  const about = { returnId: state.id, number: state.number };
  if (move.transition === 'initiate')
    return { ...about, ...(state.override && forStaff ? { override: state.override.reason } : {}) };
  if (move.transition === 'process')
    return { ...about, refundAmount: state.refundAmount, currency: state.currency };
  if (!request) return about;
  const { refundId, attempt, amount, method, status, code, note } = request;
  return { ...about, refundId, attempt, amount, method, status, code, ...(forStaff ? { note } : {}) };
}

/** The sentence of a move with the money in it, where it is about money. */
export function titleWithMoney(state: ReturnState, move: Move, title: string): string {
  if (move.transition === 'process' && state.refundAmount)
    return `${title}: ${inMajorUnits(state.refundAmount, state.currency)}`;
  const request = requestOf(state, move);
  return request
    ? `${title}: ${inMajorUnits(request.amount, state.currency)} (attempt ${request.attempt})`
    : title;
}
