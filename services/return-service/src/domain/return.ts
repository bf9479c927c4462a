import type { AggregateState, At } from '@oms/chassis/machine';
import type { ReturnLine } from './return-line.machine.js';
import type { Calculation, RefundBreakdown, RefundInputs } from './refund-sums.js';
import type { Ineligible, ReturnPolicy } from './policy.js';

export type ReturnStatus =
  | 'initiated'
  | 'approved'
  | 'pickup_scheduled'
  | 'in_transit'
  | 'received'
  | 'processed'
  | 'refunded'
  | 'rejected'
  | 'cancelled';

export type RefundMethod = 'original' | 'store_credit' | 'manual';

/** One request for the refund's money; at most one of a return succeeds. */
export interface PaymentRefund {
  refundId: string;
  attempt: number;
  amount: number;
  method: RefundMethod;
  status: 'requested' | 'succeeded' | 'failed';
  code: string | null;
  note: string | null;
  at: string;
}

export interface Pickup {
  at: string;
  carrier: string;
  address: Record<string, unknown> | null;
}

/** A return, as its machine and its saga see it. */
export interface ReturnState extends AggregateState {
  status: ReturnStatus;
  number: string;
  orderId: string;
  customerId: string | null;
  currency: string;
  externalRef: string | null;
  note: string | null;
  metadata: Record<string, string>;
  refundMethod: RefundMethod;
  override: { reason: string } | null;
  policyVersion: string;
  /** The rules it was judged by, as they were. */
  policy: ReturnPolicy;
  lines: ReturnLine[];
  pickup: Pickup | null;
  carrier: string | null;
  trackingNumber: string | null;
  returnAddress: Record<string, unknown> | null;
  /** Fixed by `process`, null before. */
  refundAmount: number | null;
  refundBreakdown: RefundBreakdown | null;
  /** What the breakdown was calculated from; null with it, and in returns of before it was kept. */
  refundInputs: RefundInputs | null;
  adjustmentReason: string | null;
  /** The request the return waits for, or the one that paid it. */
  refundId: string | null;
  paymentRefunds: PaymentRefund[];
  /** The ids made for the saga's attempts when the amount was fixed. */
  refundIds: string[];
  endReason: string | null;
}

export interface SettledLine {
  returnItemId: string;
  accepted: number;
  disposition: string | null;
}

/** What each transition is told; facts are gathered by the features before the machine is asked. */
export interface ReturnInputs {
  initiate: At & {
    ineligible: readonly Ineligible[][];
    override: { reason: string } | null;
    reason?: string | null;
  };
  approve: At & { note: string | null };
  reject: At & { reason: string };
  schedule_pickup: At & { pickupAt: string; carrier: string; address: Record<string, unknown> | null };
  mark_in_transit: At & { carrier: string | null; trackingNumber: string | null };
  receive: At & { items: readonly { returnItemId: string; quantity: number; condition: string }[] | null };
  process: At & {
    items: readonly SettledLine[];
    /** The lines that were asked for by their ids, as they were asked. */
    named: readonly string[];
    calculation: Calculation;
    calculatedFrom: RefundInputs;
    adjustmentReason: string | null;
    /** The ids of the refunds the saga may ask for, one an attempt: a retry can only ever use the next of them. */
    refundIds: readonly string[];
    /** No payment of the order was ever opened. */
    unpaid: boolean;
  };
  request_refund: At & { attempt: number };
  refund: At & { refundId: string; method: RefundMethod; note: string | null; unpaid?: boolean };
  refund_succeeded: At & { refundId: string };
  refund_failed: At & { refundId: string; code: string };
  withdraw_refund: At;
  cancel: At & { reason: string | null };
  expire: At;
}

/** What PATCH may change; a field left out stays. */
export interface ReturnChanges {
  returnAddress?: Record<string, unknown> | null;
  carrier?: string | null;
  trackingNumber?: string | null;
  note?: string | null;
  metadata?: Record<string, string>;
}

/** Where the refund stands, as clients see it: the state of the last request. */
export function refundStatus(state: ReturnState): 'none' | 'requested' | 'succeeded' | 'failed' {
  return state.paymentRefunds.at(-1)?.status ?? 'none';
}
