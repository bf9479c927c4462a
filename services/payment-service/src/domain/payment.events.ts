import type { EventPayload } from '@oms/contracts';
import { chargedBack, type PaymentInputs, type PaymentState } from './payment.js';

const base = (payment: PaymentState) => ({
  paymentId: payment.id,
  orderId: payment.orderId,
  customerId: payment.customerId,
  currency: payment.currency,
  status: payment.status,
  amount: payment.amount,
  capture: payment.capture,
  authorizedAmount: payment.authorizedAmount,
  capturedAmount: payment.capturedAmount,
  refundedAmount: payment.refundedAmount,
  chargedBackAmount: chargedBack(payment),
});

const chargebackOf = (payment: PaymentState, input: PaymentInputs['charge_back']) => ({
  ...base(payment),
  chargebackId: input.chargebackId,
  chargebackAmount: input.amount,
  reason: input.reason,
});

const refundOf = (payment: PaymentState, refundId: string) => {
  const refund = payment.refunds.find((one) => one.id === refundId);
  return {
    ...base(payment),
    refundId,
    refundAmount: refund?.amount ?? 0,
    returnId: refund?.returnId ?? null,
    returnRefundId: refund?.returnRefundId ?? null,
    reason: refund?.reason ?? null,
  };
};

/** What each event of a payment says, built from the payment as the row left it. Never a token. */
export const paymentPayloads = {
  'payment.created': base,
  'payment.authorized': base,
  'payment.captured': (
    payment: PaymentState,
    input: Partial<PaymentInputs['captured']>,
  ): EventPayload<'payment.captured'> => ({
    ...base(payment),
    captureAmount: input.amount ?? payment.capturedAmount,
  }),
  'payment.failed': (payment: PaymentState): EventPayload<'payment.failed'> => ({
    ...base(payment),
    code: payment.failureCode ?? 'declined',
  }),
  'payment.voided': (payment: PaymentState): EventPayload<'payment.voided'> => ({
    ...base(payment),
    voidedAmount: payment.amount - payment.capturedAmount,
  }),
  'payment.refund_requested': (
    payment: PaymentState,
    input: PaymentInputs['refund'],
  ): EventPayload<'payment.refund_requested'> => refundOf(payment, input.refundId),
  /** Given back outside, or before its return asked, it is settled; else its last part says so, and which request it answers. */
  'payment.refunded': (
    payment: PaymentState,
    input: { refundId: string; settled?: boolean; answers?: string | null; returnRefundId?: string | null },
  ): EventPayload<'payment.refunded'> => {
    const refund = refundOf(payment, input.refundId);
    // Covered by what went back before: its amount was told then, and is not told twice.
    const covered = (input.returnRefundId ?? null) !== null;
    return {
      ...refund,
      refundAmount: covered ? 0 : refund.refundAmount,
      returnRefundId: input.returnRefundId ?? input.answers ?? refund.returnRefundId,
      settled: input.settled ?? true,
    };
  },
  'payment.refund_failed': (
    payment: PaymentState,
    input: PaymentInputs['refund_failed'],
  ): EventPayload<'payment.refund_failed'> => ({ ...refundOf(payment, input.refundId), code: input.code }),
  'payment.charged_back': chargebackOf,
  'payment.chargeback_closed': (
    payment: PaymentState,
    input: PaymentInputs['close_chargeback'],
  ): EventPayload<'payment.chargeback_closed'> => ({
    ...chargebackOf(payment, input),
    outcome: input.outcome,
  }),
};
