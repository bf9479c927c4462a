import { z } from 'zod';

export const returnStatuses = [
  'initiated',
  'approved',
  'pickup_scheduled',
  'in_transit',
  'received',
  'processed',
  'refunded',
  'rejected',
  'cancelled',
] as const;
export const ReturnStatus = z.enum(returnStatuses);
export type ReturnStatus = z.infer<typeof ReturnStatus>;

export const ReturnReason = z.enum([
  'defective',
  'damaged_in_transit',
  'wrong_item',
  'not_as_described',
  'size_or_fit',
  'changed_mind',
  'arrived_late',
  'other',
]);
export type ReturnReason = z.infer<typeof ReturnReason>;

/** In what condition a unit arrived. */
export const Condition = z.enum(['new', 'opened', 'used', 'damaged', 'missing']);
export type Condition = z.infer<typeof Condition>;

/** What becomes of a unit. */
export const Disposition = z.enum(['restock', 'refurbish', 'dispose', 'return_to_vendor']);
export type Disposition = z.infer<typeof Disposition>;

export const RefundMethod = z.enum(['original', 'store_credit', 'manual']);
export type RefundMethod = z.infer<typeof RefundMethod>;

export const RefundStatus = z.enum(['none', 'requested', 'succeeded', 'failed']);
export type RefundStatus = z.infer<typeof RefundStatus>;
