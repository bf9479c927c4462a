import { transitionsFrom, type Who } from '@oms/chassis/machine';
import type { ReturnSummary, ReturnView } from '@oms/contracts';
import { returnMachine } from './return.machine.js';
import { refundStatus } from './return.js';
import type { ReturnState } from './return.js';

/** What a list shows of a return. */
export function summaryOf(state: Omit<ReturnState, 'lines'>, itemCount: number): ReturnSummary {
  const time = (status: string) => state.statusTimes[status] ?? null;
  return {
    id: state.id,
    number: state.number,
    orderId: state.orderId,
    customerId: state.customerId,
    status: state.status,
    previousStatus: state.previousStatus as ReturnSummary['previousStatus'],
    currency: state.currency,
    externalRef: state.externalRef,
    refundMethod: state.refundMethod,
    refundAmount: state.refundAmount,
    refundStatus: refundStatus(state as ReturnState),
    itemCount,
    metadata: state.metadata,
    version: state.version,
    createdAt: state.createdAt.toISOString(),
    updatedAt: state.updatedAt.toISOString(),
    approvedAt: time('approved'),
    pickupScheduledAt: time('pickup_scheduled'),
    inTransitAt: time('in_transit'),
    receivedAt: time('received'),
    processedAt: time('processed'),
    refundedAt: time('refunded'),
    rejectedAt: time('rejected'),
    cancelledAt: time('cancelled'),
  };
}

/** What `viewer` may ask for now, as far as the return itself tells; what a step will find out is left to it. */
export const openTransitions = (state: ReturnState, viewer: Pick<Who, 'type'>): string[] =>
  transitionsFrom(returnMachine, state.status, state, viewer, (on) =>
    on === 'refund' ? { method: 'manual' } : undefined,
  )
    .filter((one) => one.allowed)
    .map((one) => one.transition);

/** What staff wrote for themselves is not for the customer: why they went past the policy, how they paid outside. */
const shownTo = (viewer: Who, view: ReturnView): ReturnView =>
  viewer.type === 'customer'
    ? {
        ...view,
        override: null,
        paymentRefunds: view.paymentRefunds.map((refund) => ({ ...refund, note: null })),
      }
    : view;

/** A return, whole, as `viewer` may see it. */
export const viewFor = (viewer: Who, state: ReturnState): ReturnView =>
  shownTo(viewer, viewOf(state, viewer));

function viewOf(state: ReturnState, viewer: Who): ReturnView {
  return {
    ...summaryOf(state, state.lines.length),
    note: state.note,
    override: state.override,
    policyVersion: state.policyVersion,
    pickup: state.pickup,
    carrier: state.carrier,
    trackingNumber: state.trackingNumber,
    returnAddress: state.returnAddress,
    endReason: state.endReason,
    items: state.lines.map((line) => ({
      id: line.id,
      orderItemId: line.orderItemId,
      sku: line.sku,
      quantity: line.quantity,
      reason: line.reason as ReturnView['items'][number]['reason'],
      comment: line.comment,
      receivedQuantity: line.receivedQuantity,
      acceptedQuantity: line.acceptedQuantity,
      condition: line.condition as ReturnView['items'][number]['condition'],
      disposition: line.disposition as ReturnView['items'][number]['disposition'],
    })),
    refundBreakdown: state.refundBreakdown,
    paymentRefunds: state.paymentRefunds.map((refund) => ({ ...refund })),
    availableTransitions: openTransitions(state, viewer),
  };
}
