import { z } from 'zod';
import { Id } from '../ids.js';
import { page } from '../primitives.js';
import { CaptureMode, PaymentMethod, PaymentStatus } from './status.js';

export const RefundView = z.object({
  id: Id.refund,
  amount: z.int(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  reason: z.string().nullable(),
  returnId: Id.return.nullable(),
  code: z.string().nullable(),
  createdAt: z.string(),
});
export const AttemptView = z.object({
  operation: z.enum(['authorize', 'capture', 'void', 'refund']),
  outcome: z.enum(['succeeded', 'declined', 'pending', 'unknown']),
  code: z.string().nullable(),
  at: z.string(),
});

export const ChargebackView = z.object({
  id: z.string(),
  amount: z.int(),
  status: z.enum(['open', 'won', 'lost']),
  reason: z.string().nullable(),
  openedAt: z.string(),
  closedAt: z.string().nullable(),
});

export const PaymentSummary = z.object({
  id: Id.payment,
  orderId: Id.order,
  customerId: z.string().nullable(),
  status: PaymentStatus,
  previousStatus: PaymentStatus.nullable(),
  method: PaymentMethod,
  provider: z.string(),
  capture: CaptureMode,
  currency: z.string(),
  amount: z.int(),
  authorizedAmount: z.int(),
  capturedAmount: z.int(),
  refundedAmount: z.int(),
  /** What the customer's bank took back and has not given up. */
  chargedBackAmount: z.int(),
  failureCode: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  note: z.string().nullable(),
  version: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
  refunds: z.array(RefundView),
  chargebacks: z.array(ChargebackView),
  attempts: z.array(AttemptView),
});
export const PaymentView = PaymentSummary.extend({
  availableTransitions: z.array(z.string()),
  authorizedAt: z.string().nullable(),
  capturedAt: z.string().nullable(),
  refundedAt: z.string().nullable(),
  failedAt: z.string().nullable(),
  voidedAt: z.string().nullable(),
});
export type PaymentView = z.infer<typeof PaymentView>;
export type PaymentSummary = z.infer<typeof PaymentSummary>;
export const PaymentPage = page(PaymentSummary);

const SideView = z
  .object({ amount: z.int(), currency: z.string(), outcome: z.string().nullable() })
  .nullable();
/** One run of the reconciler: how our ledger and the provider's disagree, and what a person may do about it. */
export const ReconciliationRun = z.object({
  id: z.int(),
  startedAt: z.string(),
  /** Null while it runs, or when it could not read the provider's book to its end. */
  finishedAt: z.string().nullable(),
  /** Effects in the provider's book. */
  effects: z.int(),
  differenceCount: z.int(),
  /** The first thousand. */
  differences: z.array(
    z.object({
      kind: z.enum([
        'unknown_effect',
        'missing_at_provider',
        'amount_differs',
        'other_operation',
        'outcome_differs',
        'not_taken_over',
        'chargeback_not_recorded',
        'given_back_twice',
        'sum_differs',
      ]),
      key: z.string().nullable(),
      paymentId: z.string().nullable(),
      operation: z.string().nullable(),
      ours: SideView,
      theirs: SideView,
      proposal: z.string(),
    }),
  ),
});
export type ReconciliationRun = z.infer<typeof ReconciliationRun>;
export const ReconciliationReport = z.object({ data: z.array(ReconciliationRun) });
