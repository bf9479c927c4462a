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
  /** All that the return's request wanted, of which this is the part that this payment gives. */
  requestedAmount?: number;
  createdAt: string;
}

/** Money that the customer's bank took back. Open and lost, it is gone; won, it is here again. Amounts in minor units. */
export interface Chargeback {
  /** The provider's name for it. */
  id: string;
  amount: number;
  status: 'open' | 'won' | 'lost';
  reason: string | null;
  openedAt: string;
  closedAt: string | null;
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
  chargebacks: Chargeback[];
  /** What a caller asked for last: a repetition is known by it, also after the provider has answered. */
  lastAsked: { on: string; fingerprint: string } | null;
  /** Intents of this change; the repository stores them. */
  intents: Intent[];
}

export interface RefundRequest {
  refundId: string;
  amount: number;
  reason: string | null;
  returnId: string | null;
  returnRefundId: string | null;
  requestedAmount?: number;
  /** Paid outside, the request of its return that it completes. */
  answers?: string | null;
  /** Given in the name of a return, what it is still owed; null when nothing limits it. */
  owed?: number | null;
}

export interface ChargebackNotice {
  chargebackId: string;
  amount: number;
  reason: string | null;
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
  refund_withdrawn: At & RefundRequest & { code: string };
  refund_succeeded: At & { refundId: string; settled: boolean; answers?: string | null };
  refund_failed: At & { refundId: string; code: string };
  refund_covered: At & { refundId: string; returnRefundId: string };
  charge_back: At & ChargebackNotice;
  close_chargeback: At & ChargebackNotice & { outcome: 'won' | 'lost' };
  expire: At;
  abandon: At;
}

/** Money of these methods moves outside any provider: staff and events say what happened. */
const OUTSIDE: ReadonlySet<string> = new Set(['manual', 'cash_on_delivery']);
export const isOutside = (method: string): boolean => OUTSIDE.has(method);

/** What the customer's bank took back and did not give up again. */
export const chargedBack = (payment: PaymentState): number =>
  payment.chargebacks.reduce((sum, one) => (one.status === 'won' ? sum : sum + one.amount), 0);

/** What went back or is on its way. */
const goneOrGoing = (refunds: readonly Refund[]): number =>
  refunds.reduce((sum, refund) => (refund.status === 'failed' ? sum : sum + refund.amount), 0);

/** What went back for a return or is on its way, by whichever of these payments and whoever asked for it. */
export const givenFor = (payments: readonly PaymentState[], returnId: string): number =>
  goneOrGoing(payments.flatMap(({ refunds }) => refunds.filter((one) => one.returnId === returnId)));

/** What may still be given back: captured, less what went back or is on its way, less what was charged back. */
export const refundable = (payment: PaymentState): number =>
  Math.max(0, payment.capturedAmount - goneOrGoing(payment.refunds) - chargedBack(payment));

/** Refunds for these reasons go with a lower cost of the order; any other leaves the order paid. */
const LESS_TO_PAY: ReadonlySet<string | null> = new Set(['items_cancelled', 'order_cancelled']);

/**
 * What was taken, less what went back for units that were cancelled or that the customer's bank took: this is what the cost of
 * the order is held against. A return or goodwill leaves the order paid.
 */
export const keeps = (payment: PaymentState): number =>
  Math.max(
    0,
    payment.capturedAmount -
      goneOrGoing(payment.refunds.filter((one) => LESS_TO_PAY.has(one.reason))) -
      chargedBack(payment),
  );

/** What the provider was asked to take and has not answered; what it is asked to hold and then to take at once, counts too. */
export function taking(payment: PaymentState): number {
  if (payment.status === 'authorized') return payment.capturingAmount;
  const atOnce = payment.capture === 'automatic' && payment.underWay === 'authorize' && !payment.abandoned;
  return payment.status === 'pending' && atOnce ? payment.amount : 0;
}

/**
 * What will be taken by itself: under way, or held until its parcels leave. Nothing more after a capture was declined: a person
 * decides then.
 */
export function coming(payment: PaymentState): number {
  const waits =
    payment.status === 'authorized' &&
    payment.capture === 'manual' &&
    payment.underWay !== 'void' &&
    !payment.lastCapture &&
    !payment.abandoned &&
    payment.failureCode === null;
  return taking(payment) + (waits ? capturable(payment) : 0);
}

/** What may still be captured. */
export const capturable = (payment: PaymentState): number =>
  payment.authorizedAmount - payment.capturedAmount - payment.capturingAmount;

/** What an order that costs `total` still has to pay: what none of its payments has taken or is taking. */
export const due = (total: number, payments: readonly PaymentState[]): number =>
  total - payments.reduce((sum, payment) => sum + payment.capturedAmount + payment.capturingAmount, 0);

/** How much of its order's cost a payment covers: what it may yet take, holds, or has taken and kept. */
export function covers(payment: PaymentState): number {
  if (payment.status === 'pending') return payment.amount;
  if (payment.status === 'authorized') return payment.authorizedAmount;
  return keeps(payment);
}
