import type { EventPayload } from '@oms/contracts';
import type { ReturnState } from './return.js';

const base = (state: ReturnState) => ({
  returnId: state.id,
  number: state.number,
  orderId: state.orderId,
  customerId: state.customerId,
  currency: state.currency,
  status: state.status,
});
const asked = (state: ReturnState) =>
  state.lines.map((line) => ({ itemId: line.orderItemId, quantity: line.quantity }));
const lastRefund = (state: ReturnState) =>
  state.paymentRefunds.find((one) => one.refundId === state.refundId);
const released = (state: ReturnState): EventPayload<'return.cancelled'> => ({
  ...base(state),
  reason: state.endReason,
  items: asked(state),
});

/** What each event of a return says, built from the return as the row left it. `itemId` is the order's item. */
export const returnPayloads = {
  'return.initiated': (state: ReturnState): EventPayload<'return.initiated'> => ({
    ...base(state),
    items: state.lines.map((line) => ({
      itemId: line.orderItemId,
      quantity: line.quantity,
      reason: line.reason as EventPayload<'return.initiated'>['items'][number]['reason'],
    })),
  }),
  'return.approved': base,
  'return.rejected': released,
  'return.cancelled': released,
  'return.updated': base,
  'return.pickup_scheduled': (state: ReturnState): EventPayload<'return.pickup_scheduled'> => ({
    ...base(state),
    pickupAt: state.pickup?.at ?? '',
    carrier: state.pickup?.carrier ?? '',
  }),
  'return.in_transit': (state: ReturnState): EventPayload<'return.in_transit'> => ({
    ...base(state),
    carrier: state.carrier,
    trackingNumber: state.trackingNumber,
  }),
  'return.received': (state: ReturnState): EventPayload<'return.received'> => ({
    ...base(state),
    items: state.lines.map((line) => ({ itemId: line.orderItemId, quantity: line.receivedQuantity ?? 0 })),
  }),
  'return.processed': (state: ReturnState): EventPayload<'return.processed'> => ({
    ...base(state),
    refundAmount: state.refundAmount ?? 0,
    items: state.lines.map((line) => ({
      itemId: line.orderItemId,
      quantity: line.acceptedQuantity ?? 0,
      disposition: line.disposition as never,
    })),
  }),
  'return.refund_requested': (state: ReturnState): EventPayload<'return.refund_requested'> => {
    const refund = lastRefund(state);
    return {
      ...base(state),
      refundId: refund?.refundId ?? '',
      attempt: refund?.attempt ?? 1,
      amount: refund?.amount ?? 0,
      method: refund?.method ?? state.refundMethod,
    };
  },
  'return.refund_withdrawn': (state: ReturnState): EventPayload<'return.refund_withdrawn'> => {
    const refund = lastRefund(state);
    return { ...base(state), refundId: refund?.refundId ?? '', amount: refund?.amount ?? 0 };
  },
  'return.refunded': (state: ReturnState): EventPayload<'return.refunded'> => ({
    ...base(state),
    refundId: state.refundId,
    amount: state.refundAmount ?? 0,
    method: state.refundMethod,
    items: state.lines
      .filter((line) => line.returned > 0)
      .map((line) => ({ itemId: line.orderItemId, quantity: line.returned })),
  }),
  'return.refund_failed': (
    state: ReturnState,
    input: { refundId: string; code: string },
  ): EventPayload<'return.refund_failed'> => ({
    ...base(state),
    refundId: input.refundId,
    amount: state.refundAmount ?? 0,
    code: input.code,
  }),
};
