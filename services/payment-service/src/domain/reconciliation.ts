import type { OperationKind } from './payment.js';

/** One effect in the provider's own book. Amounts in minor units. */
export interface ProviderEffect {
  operation: OperationKind | 'chargeback' | 'chargeback_reversal';
  key: string;
  /** Our payment's id. */
  reference: string;
  amount: number;
  currency: string;
  outcome: 'succeeded' | 'declined' | 'pending';
  code: string | null;
  at: string;
}

/** What we know of the same key. */
export interface OwnOperation {
  kind: OperationKind;
  paymentId: string;
  amount: number;
  currency: string;
  state: 'intended' | 'succeeded' | 'declined' | 'pending' | 'unknown';
  /** Somebody is still asking, so that a difference may be gone in a moment. */
  underWay: boolean;
}

export type DifferenceKind =
  | 'unknown_effect'
  | 'missing_at_provider'
  | 'amount_differs'
  | 'other_operation'
  | 'outcome_differs'
  | 'not_taken_over'
  | 'chargeback_not_recorded'
  | 'given_back_twice'
  | 'sum_differs';

/** What a person may do about each kind; nothing of it is done by itself but what is said to be. */
export const proposals: Readonly<Record<DifferenceKind, string>> = {
  unknown_effect:
    'The provider moved money that nobody here asked for: find out at the provider who did, and refund or void it there.',
  missing_at_provider:
    'We count it as done and the provider does not know it: ask the provider for the key. If it was never made, correct the payment and take or give the money anew.',
  amount_differs:
    'Trust the provider for what was moved: refund or capture the difference on the payment, and find out who changed the amount.',
  other_operation:
    'The key belongs to something else at the provider: two systems share an account, or a key was made twice. Stop one of them before anything is refunded.',
  outcome_differs:
    'Trust the provider for what was moved: correct the payment, then refund what was taken or take what was refused.',
  not_taken_over:
    'The provider has finished and we still ask: look into the log of payment-service for this key. It is taken over by itself as soon as it can be stored.',
  chargeback_not_recorded:
    'Its webhook was lost. The chargeback has been recorded with this run; answer it at the provider in time.',
  given_back_twice:
    'More went back by refunds and chargebacks than was captured: contest the chargeback with the proof of the refund.',
  sum_differs:
    'The payment does not add up to its operations: correct the payment from the provider’s book before anything more is refunded.',
};

/** How one effect and what we know of its key disagree; null when they do not, or may not in a moment. */
export function compare(effect: ProviderEffect, own: OwnOperation | undefined): DifferenceKind | null {
  if (!own) return 'unknown_effect';
  if (own.kind !== effect.operation || own.paymentId !== effect.reference) return 'other_operation';
  if (own.amount !== effect.amount || own.currency !== effect.currency) return 'amount_differs';
  if (own.state === effect.outcome) return null;
  if (own.state === 'succeeded' || own.state === 'declined') return 'outcome_differs';
  return own.underWay || effect.outcome === 'pending' ? null : 'not_taken_over';
}
