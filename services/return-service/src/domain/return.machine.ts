import { justMade, machine, NEW } from '@oms/chassis/machine';
import {
  acceptedCame,
  attemptLeft,
  calculationHolds,
  knownLines,
  methodIsOriginal,
  methodIsStoreCredit,
  noRefundUnderWay,
  notFinalSale,
  paidOutside,
  quantitiesFree,
  refundOwed,
  refundUnderWay,
  sameRefund,
  somePayment,
  withinWindow,
} from './guards.js';
import { acceptable, moveLine } from './return-line.machine.js';
import type { PaymentRefund, ReturnInputs, ReturnState, ReturnStatus } from './return.js';

/** The whole life of a return, read from top to bottom: the first row whose guards hold wins. */
export const returnMachine = machine<ReturnState, ReturnInputs>()<ReturnStatus>({
  name: 'return',
  statuses: [
    'initiated',
    'approved',
    'pickup_scheduled',
    'in_transit',
    'received',
    'processed',
    'refunded',
    'rejected',
    'cancelled',
  ],
  terminal: ['refunded', 'rejected', 'cancelled'],
  transitions: [
    'approve',
    'reject',
    'schedule_pickup',
    'mark_in_transit',
    'receive',
    'process',
    'refund',
    'cancel',
  ],
  customers: ['cancel'],
  rows: [
    {
      from: NEW,
      on: 'initiate',
      guard: [quantitiesFree, withinWindow, notFinalSale],
      to: 'initiated',
      does: expectLines,
      emits: ['return.initiated'],
      because:
        'the units were delivered, no other return holds them, and the policy lets them come back or staff overrode it',
    },

    {
      from: 'initiated',
      on: 'approve',
      to: 'approved',
      again: justMade,
      emits: ['return.approved'],
      because: 'the customer may send the goods',
    },
    {
      from: 'initiated',
      on: 'reject',
      to: 'rejected',
      again: justMade,
      does: release,
      emits: ['return.rejected'],
      because: 'the goods are not taken back, the units are free again',
    },
    {
      from: 'received',
      on: 'reject',
      to: 'rejected',
      again: justMade,
      does: release,
      emits: ['return.rejected'],
      because: 'what came is not taken back and goes back to the customer',
    },

    {
      from: ['approved', 'pickup_scheduled'],
      on: 'schedule_pickup',
      to: 'pickup_scheduled',
      again: justMade,
      does: keepPickup,
      emits: ['return.pickup_scheduled'],
      because: 'a carrier comes for the goods; asked again, it comes at a new time',
    },
    {
      from: ['approved', 'pickup_scheduled'],
      on: 'mark_in_transit',
      to: 'in_transit',
      again: justMade,
      does: keepTracking,
      emits: ['return.in_transit'],
      because: 'the goods are on their way; a customer who ships by themself needs no pickup',
    },
    {
      from: ['approved', 'pickup_scheduled', 'in_transit'],
      on: 'receive',
      guard: [knownLines],
      to: 'received',
      again: justMade,
      does: recordReception,
      emits: ['return.received'],
      because: 'the goods are here, by carrier or over the counter',
    },

    {
      from: 'received',
      on: 'process',
      guard: [acceptedCame, calculationHolds, refundOwed],
      to: 'processed',
      again: justMade,
      does: fixAmount,
      emits: ['return.processed'],
      because: 'the goods are inspected and the amount is fixed; the saga pays it',
    },
    {
      from: 'received',
      on: 'process',
      guard: [acceptedCame, calculationHolds],
      to: 'refunded',
      again: justMade,
      does: fixAmount,
      emits: ['return.processed', 'return.refunded'],
      because: 'nothing is owed, so nothing is left to do',
    },

    {
      from: 'processed',
      on: 'request_refund',
      guard: [noRefundUnderWay, methodIsOriginal, attemptLeft],
      to: 'processed',
      does: requestAttempt,
      emits: ['return.refund_requested'],
      because: 'the saga asks the payments for the money',
    },
    {
      from: 'processed',
      on: 'request_refund',
      guard: [noRefundUnderWay, methodIsStoreCredit],
      to: 'refunded',
      does: grantCredit,
      emits: ['return.refunded'],
      because: 'store credit needs no payment: the event grants it',
    },
    {
      from: 'processed',
      on: 'refund',
      guard: [noRefundUnderWay, paidOutside],
      to: 'refunded',
      again: justMade,
      does: payOutside,
      emits: ['return.refunded'],
      because: 'staff paid it outside or as store credit',
    },
    {
      from: 'processed',
      on: 'refund',
      guard: [noRefundUnderWay, somePayment],
      to: 'processed',
      again: justMade,
      does: requestAgain,
      emits: ['return.refund_requested'],
      because: 'staff ask for a failed refund again',
    },
    {
      from: 'processed',
      on: 'refund_succeeded',
      guard: [sameRefund],
      to: 'refunded',
      again: (state, input) => state.refundId === input.refundId,
      does: markSucceeded,
      emits: ['return.refunded'],
      because: 'the customer has the money',
    },
    {
      from: 'processed',
      on: 'refund_failed',
      guard: [sameRefund],
      to: 'processed',
      does: markFailed,
      emits: ['return.refund_failed'],
      because: 'the payments could not pay it; the saga or staff decide what is next',
    },
    {
      from: 'processed',
      on: 'withdraw_refund',
      guard: [refundUnderWay],
      to: 'processed',
      emits: ['return.refund_withdrawn'],
      because:
        'the case was closed: the payments give nothing more of what waits there; they answer what became of it',
    },

    {
      from: ['initiated', 'approved', 'pickup_scheduled'],
      on: 'cancel',
      to: 'cancelled',
      again: justMade,
      does: release,
      emits: ['return.cancelled'],
      because: 'the goods stay with the customer',
    },
    {
      from: 'approved',
      on: 'expire',
      to: 'cancelled',
      does: (state) => endWith(state, 'expired'),
      emits: ['return.cancelled'],
      because: 'the goods were not sent in time',
    },
  ],
  ignore: [
    {
      in: ['pickup_scheduled', 'in_transit', 'received', 'processed', 'refunded', 'rejected', 'cancelled'],
      on: 'expire',
      because: 'the timer crossed with the step it waited for',
    },
    {
      in: ['refunded'],
      on: 'refund_failed',
      because: 'an earlier request failed after the money arrived another way',
    },
    { in: ['refunded'], on: 'request_refund', because: 'it is paid already' },
  ],
});

function expectLines(state: ReturnState): void {
  for (const line of state.lines) moveLine(line, 'expect', {});
}

function release(state: ReturnState, input: { reason: string | null }): void {
  endWith(state, input.reason);
}

function endWith(state: ReturnState, reason: string | null): void {
  state.endReason = reason;
  for (const line of state.lines) moveLine(line, 'release', {});
}

function keepPickup(state: ReturnState, input: ReturnInputs['schedule_pickup']): void {
  state.pickup = { at: input.pickupAt, carrier: input.carrier, address: input.address };
  state.carrier = input.carrier;
}

function keepTracking(state: ReturnState, input: ReturnInputs['mark_in_transit']): void {
  state.carrier = input.carrier ?? state.carrier;
  state.trackingNumber = input.trackingNumber ?? state.trackingNumber;
}

/** A list names what came; a line it leaves out did not come. No list at all: everything came as asked. */
function recordReception(state: ReturnState, input: ReturnInputs['receive']): void {
  const came = new Map(input.items?.map((item) => [item.returnItemId, item]));
  for (const line of state.lines) {
    const item = input.items
      ? (came.get(line.id) ?? { quantity: 0, condition: 'missing' })
      : { quantity: line.quantity, condition: 'new' };
    moveLine(line, 'arrive', { quantity: item.quantity, condition: item.condition });
  }
}

/** A line left out of the items is accepted as it came. */
function fixAmount(state: ReturnState, input: ReturnInputs['process']): void {
  if (!input.calculation.ok) throw new Error('the guard lets no failed calculation through');
  const { breakdown } = input.calculation;
  const amounts = new Map(breakdown.items.map((item) => [item.returnItemId, item.amount]));
  const settled = new Map(input.items.map((item) => [item.returnItemId, item]));
  for (const line of state.lines) {
    const item = settled.get(line.id);
    const accepted = item?.accepted ?? acceptable(line);
    moveLine(line, 'settle', {
      accepted,
      disposition: item?.disposition ?? null,
      amount: amounts.get(line.id) ?? 0,
    });
  }
  state.refundAmount = breakdown.total;
  state.refundBreakdown = breakdown;
  state.refundInputs = input.calculatedFrom;
  state.adjustmentReason = input.adjustmentReason;
  state.refundIds = [...input.refundIds];
}

function requestAttempt(state: ReturnState, input: ReturnInputs['request_refund']): void {
  addRefund(state, input.at, refundIdOf(state, input.attempt), input.attempt, 'requested', null);
}

function grantCredit(state: ReturnState, input: ReturnInputs['request_refund']): void {
  addRefund(state, input.at, refundIdOf(state, input.attempt), input.attempt, 'succeeded', null);
}

function requestAgain(state: ReturnState, input: ReturnInputs['refund']): void {
  state.refundMethod = 'original';
  addRefund(state, input.at, input.refundId, nextAttempt(state), 'requested', input.note);
}

function payOutside(state: ReturnState, input: ReturnInputs['refund']): void {
  state.refundMethod = input.method;
  addRefund(state, input.at, input.refundId, nextAttempt(state), 'succeeded', input.note);
}

function nextAttempt(state: ReturnState): number {
  return (state.paymentRefunds.at(-1)?.attempt ?? 0) + 1;
}

function refundIdOf(state: ReturnState, attempt: number): string {
  const refundId = state.refundIds[attempt - 1];
  if (!refundId) throw new Error(`no refund id was made for attempt ${attempt}`);
  return refundId;
}

function addRefund(
  state: ReturnState,
  at: Date,
  refundId: string,
  attempt: number,
  status: PaymentRefund['status'],
  note: string | null,
): void {
  state.refundId = refundId;
  state.paymentRefunds.push({
    refundId,
    attempt,
    amount: state.refundAmount ?? 0,
    method: state.refundMethod,
    status,
    code: null,
    note,
    at: at.toISOString(),
  });
}

function markSucceeded(state: ReturnState, input: ReturnInputs['refund_succeeded']): void {
  state.refundId = input.refundId;
  settle(state, input.refundId, 'succeeded', null);
}

function markFailed(state: ReturnState, input: ReturnInputs['refund_failed']): void {
  settle(state, input.refundId, 'failed', input.code);
}

function settle(
  state: ReturnState,
  refundId: string,
  status: PaymentRefund['status'],
  code: string | null,
): void {
  const refund = state.paymentRefunds.find((candidate) => candidate.refundId === refundId);
  if (refund) Object.assign(refund, { status, code });
}
