import type { AggregateState, At } from '@oms/chassis/machine';
import type { CaptureMode, PaymentStatus } from '@oms/contracts';

export type OperationKind = 'authorize' | 'capture' | 'void' | 'refund';

/** What is to be asked of the provider: written with the decision, done after the commit. Amounts in minor units. */
export interface Intent {
  kind: OperationKind;
  /** The same for the same effect, for ever: the provider makes it once. */
  key: string;
  amount: number;
  refundId: string | null;
}

/** One movement of money back. */
export interface Refund {
  id: string;
  amount: number;
  status: 'pending' | 'succeeded' | 'failed';
  reason: string | null;
  returnId: string | null;
  /** The request of a return that it pays, wholly or in part. */
  returnRefundId: string | null;
  code: string | null;
  createdAt: string;
}

export interface PaymentState extends AggregateState {
  status: PaymentStatus;
  orderId: string;
  customerId: string | null;
  method: string;
  provider: string;
  capture: CaptureMode;
  currency: string;
  amount: number;
  authorizedAmount: number;
  capturedAmount: number;
  refundedAmount: number;
  /** Asked of the provider and not answered yet. */
  capturingAmount: number;
  captures: number;
  underWay: OperationKind | null;
  /** Nothing more will be captured than what is under way: what is still held after it is let go. */
  lastCapture: boolean;
  /** The order was cancelled: whatever is still taken goes back at once. */
  abandoned: boolean;
  failureCode: string | null;
  token: string | null;
  metadata: Record<string, string>;
  note: string | null;
  refunds: Refund[];
  /** Intents of this change; the repository stores them. */
  intents: Intent[];
}

export interface RefundRequest {
  refundId: string;
  amount: number;
  reason: string | null;
  returnId: string | null;
  returnRefundId: string | null;
}

export interface PaymentInputs {
  open: At;
  process: At;
  authorized: At;
  declined: At & { code: string };
  capture: At & { amount: number; last: boolean };
  release_rest: At;
  captured: At & { amount: number; refundId: string };
  capture_declined: At & { amount: number; code: string };
  void: At;
  voided: At;
  void_declined: At & { code: string };
  refund: At & RefundRequest;
  refund_refused: At & RefundRequest & { code: string };
  refund_succeeded: At & { refundId: string; settled: boolean };
  refund_failed: At & { refundId: string; code: string };
  abandon: At;
}

/** What may still be given back: captured, less what went back or is on its way. */
export const refundable = (payment: PaymentState): number =>
  payment.capturedAmount -
  payment.refunds.reduce((sum, refund) => (refund.status === 'failed' ? sum : sum + refund.amount), 0);

/** What may still be captured. */
export const capturable = (payment: PaymentState): number =>
  payment.authorizedAmount - payment.capturedAmount - payment.capturingAmount;
