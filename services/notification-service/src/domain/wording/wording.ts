import type { RefundMethod } from '@oms/contracts';
import type { z } from 'zod';

/** One message's own words. */
export interface Passage {
  subject: string;
  /** What an inbox shows beside the subject. */
  preview: string;
  heading: string;
  text: string[];
}

/** Everything that is said in one language; a language that lacks a sentence does not compile. */
export interface Wording {
  hello(name: string | null): string;
  goods: [item: string, quantity: string, amount: string];
  /** The rest of a list that is too long for a letter. */
  more(count: string): string;
  sums: { subtotal: string; discount: string; shipping: string; tax: string; total: string };
  labels: {
    order: string;
    return: string;
    shippingAddress: string;
    returnAddress: string;
    carrier: string;
    trackingNumber: string;
    refund: string;
    paidBy: string;
    pickup: string;
    track: string;
  };
  paidBy: Record<z.infer<typeof RefundMethod>, string>;
  footer: { order(shop: string, number: string): string; staff: string };
  unsubscribe: string;

  confirmed(order: { number: string }): Passage;
  shipped(parcel: { number: string; complete: boolean; carrier: string | null }): Passage;
  delivered(order: { number: string }): Passage;
  cancelled(order: { number: string; why: 'declined' | 'late' | 'asked'; paid: boolean }): Passage;
  paymentFailed(payment: { number: string; amount: string }): Passage;
  returnInitiated(ret: { number: string; order: string }): Passage;
  returnApproved(ret: { number: string; pickup: string | null }): Passage & { steps: string[] };
  returnRejected(ret: { number: string; reason: string | null }): Passage;
  returnReceived(ret: { number: string }): Passage;
  refunded(ret: { number: string; amount: string; method: z.infer<typeof RefundMethod> }): Passage;
  /** A return whose goods are worth nothing to give back. */
  closed(ret: { number: string }): Passage;
  refundFailed(ret: { number: string; order: string; amount: string; code: string }): Passage;
}
