import { z } from 'zod';
import { Id } from '../ids.js';
import { Currency, Minor } from '../money.js';
import { CaptureMode, PaymentStatus } from './status.js';

/** Every payment event says how the whole payment stands, so that a reader needs no earlier one. Minor units. */
const base = {
  paymentId: Id.payment,
  orderId: Id.order,
  customerId: z.string().nullable(),
  currency: Currency,
  status: PaymentStatus,
  amount: Minor,
  capture: CaptureMode,
  authorizedAmount: Minor,
  capturedAmount: Minor,
  refundedAmount: Minor,
  /** What the customer's bank took back and has not given up. */
  chargedBackAmount: Minor.optional(),
};
export const PaymentMoved = z.object(base);
export const PaymentCaptured = z.object({ ...base, captureAmount: Minor });
export const PaymentFailed = z.object({ ...base, code: z.string() });
export const PaymentVoided = z.object({ ...base, voidedAmount: Minor });
const refund = {
  refundId: Id.refund,
  refundAmount: Minor,
  returnId: Id.return.nullable(),
  returnRefundId: Id.refund.nullable(),
  reason: z.string().nullable(),
};
export const PaymentRefundRequested = z.object({ ...base, ...refund });
/** `returnRefundId` is the request of a return that this pays; `settled` says whether that request is now paid in full. */
export const PaymentRefunded = z.object({ ...base, ...refund, settled: z.boolean() });
export const PaymentRefundFailed = z.object({ ...base, ...refund, code: z.string() });
const chargeback = {
  /** The provider's name for it. */
  chargebackId: z.string(),
  chargebackAmount: Minor,
  reason: z.string().nullable(),
};
export const PaymentChargedBack = z.object({ ...base, ...chargeback });
export const PaymentChargebackClosed = z.object({
  ...base,
  ...chargeback,
  outcome: z.enum(['won', 'lost']),
});
