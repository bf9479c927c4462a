import { z } from 'zod';
import { Id } from '../ids.js';
import { page } from '../primitives.js';
import { Condition, Disposition, RefundMethod, RefundStatus, ReturnReason, ReturnStatus } from './status.js';

const time = z.string().nullable();

export const ReturnItemView = z.object({
  id: Id.returnItem,
  orderItemId: Id.orderItem,
  sku: z.string(),
  quantity: z.int(),
  reason: ReturnReason,
  comment: z.string().nullable(),
  receivedQuantity: z.int().nullable(),
  acceptedQuantity: z.int().nullable(),
  condition: Condition.nullable(),
  disposition: Disposition.nullable(),
});

/** How a refund came about, line by line; prices are for the quantity, in minor units. */
export const RefundBreakdownView = z.object({
  items: z.array(
    z.object({
      returnItemId: Id.returnItem,
      quantity: z.int(),
      price: z.int(),
      discount: z.int(),
      tax: z.int(),
      amount: z.int(),
    }),
  ),
  shipping: z.int(),
  restockingFee: z.int(),
  adjustment: z.int(),
  total: z.int(),
});

/** What a return would give back, if it were asked for and accepted as asked. */
export const ReturnQuoteView = z.object({
  eligible: z.boolean(),
  items: z.array(
    z.object({
      orderItemId: Id.orderItem,
      quantity: z.int(),
      eligible: z.boolean(),
      reasons: z.array(z.string()),
      refundAmount: z.int(),
    }),
  ),
  restockingFee: z.int(),
  shippingRefundAmount: z.int(),
  refundAmount: z.int(),
  policyVersion: z.string(),
});
export type ReturnQuoteView = z.infer<typeof ReturnQuoteView>;

/** The stored calculation of a refund with what it was made from, made again. */
export const ReturnCalculationView = z.object({
  policyVersion: z.string(),
  /** Null for a refund that was fixed before inputs were stored. */
  inputs: z.record(z.string(), z.unknown()).nullable(),
  stored: RefundBreakdownView,
  replayed: RefundBreakdownView.nullable(),
  /** Whether the calculation, made again from its inputs, is the stored one to the penny. */
  same: z.boolean(),
});
export type ReturnCalculationView = z.infer<typeof ReturnCalculationView>;

export const ReturnSummary = z.object({
  id: Id.return,
  number: z.string(),
  orderId: Id.order,
  customerId: z.string().nullable(),
  status: ReturnStatus,
  previousStatus: ReturnStatus.nullable(),
  currency: z.string(),
  externalRef: z.string().nullable(),
  refundMethod: RefundMethod,
  refundAmount: z.int().nullable(),
  refundStatus: RefundStatus,
  itemCount: z.int(),
  metadata: z.record(z.string(), z.string()),
  version: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
  approvedAt: time,
  pickupScheduledAt: time,
  inTransitAt: time,
  receivedAt: time,
  processedAt: time,
  refundedAt: time,
  rejectedAt: time,
  cancelledAt: time,
});
export type ReturnSummary = z.infer<typeof ReturnSummary>;

export const ReturnView = ReturnSummary.extend({
  note: z.string().nullable(),
  override: z.object({ reason: z.string() }).nullable(),
  policyVersion: z.string(),
  pickup: z
    .object({ at: z.string(), carrier: z.string(), address: z.record(z.string(), z.unknown()).nullable() })
    .nullable(),
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  returnAddress: z.record(z.string(), z.unknown()).nullable(),
  endReason: z.string().nullable(),
  items: z.array(ReturnItemView),
  refundBreakdown: RefundBreakdownView.nullable(),
  paymentRefunds: z.array(z.record(z.string(), z.unknown())),
  availableTransitions: z.array(z.string()),
});
export type ReturnView = z.infer<typeof ReturnView>;
export const ReturnPage = page(ReturnSummary);
