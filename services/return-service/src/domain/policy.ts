import type { ReturnPolicyRules } from '@oms/contracts';

/**
 * The return policy is data with a version. An order gets the version in force when its first parcel is delivered, and a return
 * keeps the rules it was judged by: what is decided later changes nothing about either (ADR 19).
 */
export interface ReturnPolicy extends ReturnPolicyRules {
  version: string;
  /** How long a requested refund may stay unanswered before a person looks at it. */
  refundDeadlineMs: number;
  /** The most refunds asked of the payments by themselves, the first one included. */
  refundAttempts: number;
  /** The wait before the second request; each later wait is four times the one before. */
  refundRetryMs: number;
}

export const DAY_MS = 86_400_000;

/** The first policy, and what a later one leaves to us: how hard the payments are asked. */
export const standardPolicy: ReturnPolicy = {
  version: 'standard-1',
  windowDays: 30,
  windowDaysByReason: {},
  finalSaleReasons: ['defective', 'damaged_in_transit', 'wrong_item', 'not_as_described'],
  restockingFees: [],
  shippingRefund: null,
  autoApprove: null,
  shipBackDays: 30,
  inspectionDays: 7,
  refundDeadlineMs: DAY_MS,
  refundAttempts: 3,
  refundRetryMs: 5_000,
};

/** What is known of an order line when a return asks for units of it. Quantities in units. */
export interface LineFacts {
  orderItemId: string;
  sku: string;
  delivered: number;
  /** Held by other open returns. */
  held: number;
  /** Taken back by finished returns. */
  returned: number;
  /** When the line's last parcel was delivered; null while nothing was. */
  deliveredAt: Date | null;
  finalSale: boolean;
}

export interface AskedLine {
  orderItemId: string;
  quantity: number;
  reason: string;
}

/** The day the window of a line closes for a reason. */
export function windowClosesAt(policy: ReturnPolicy, deliveredAt: Date, reason: string): Date {
  const days = policy.windowDaysByReason[reason as Reason] ?? policy.windowDays;
  return new Date(deliveredAt.getTime() + days * DAY_MS);
}

export type Ineligible = 'unknown_item' | 'quantity_not_returnable' | 'return_window_closed' | 'final_sale';
type Reason = ReturnPolicyRules['finalSaleReasons'][number];

/**
 * Why each asked line may not be returned, in the order asked; an empty list says it may. Lines that ask for the same order line share
 * its units: the first come, first served.
 */
export function eligibility(
  policy: ReturnPolicy,
  facts: readonly LineFacts[],
  asked: readonly AskedLine[],
  at: Date,
): Ineligible[][] {
  const byId = new Map(facts.map((line) => [line.orderItemId, line]));
  const taken = new Map<string, number>();
  return asked.map((ask) => {
    const line = byId.get(ask.orderItemId);
    if (!line) return ['unknown_item'];
    const reasons: Ineligible[] = [];
    const before = taken.get(ask.orderItemId) ?? 0;
    taken.set(ask.orderItemId, before + ask.quantity);
    if (before + ask.quantity > line.delivered - line.held - line.returned)
      reasons.push('quantity_not_returnable');
    if (line.deliveredAt && at > windowClosesAt(policy, line.deliveredAt, ask.reason))
      reasons.push('return_window_closed');
    if (line.finalSale && !policy.finalSaleReasons.includes(ask.reason as Reason)) reasons.push('final_sale');
    return reasons;
  });
}
