import { available } from '@oms/chassis/machine';
import type { ReturnView } from '@oms/contracts';
import { returnMachine } from './return.machine.js';
import { refundStatus } from './return.js';
import type { ReturnState, ReturnStatus } from './return.js';

/** The instants a client sees, by the status they belong to. */
const times = {
  approvedAt: 'approved',
  pickupScheduledAt: 'pickup_scheduled',
  inTransitAt: 'in_transit',
  receivedAt: 'received',
  processedAt: 'processed',
  refundedAt: 'refunded',
  rejectedAt: 'rejected',
  cancelledAt: 'cancelled',
} as const satisfies Record<string, ReturnStatus>;

/** A return as the API shows it. */
export function viewOf(state: ReturnState): ReturnView {
  return {
    ...summaryFields(state),
    items: state.lines.map((line) => ({
      id: line.id,
      orderItemId: line.orderItemId,
      sku: line.sku,
      quantity: line.quantity,
      reason: line.reason,
      comment: line.comment,
      receivedQuantity: line.receivedQuantity,
      condition: line.condition,
      acceptedQuantity: line.acceptedQuantity,
      disposition: line.disposition,
      refundAmount: line.refundAmount,
    })),
  } as ReturnView;
}

/** What a list shows of a return. */
export function summaryFields(state: Omit<ReturnState, 'lines'>): Record<string, unknown> {
  return {
    id: state.id,
    number: state.number,
    status: state.status,
    previousStatus: state.previousStatus,
  };
}
