import { z } from 'zod';
import { Id } from '../ids.js';
import { Currency, Minor } from '../money.js';
import { Disposition, RefundMethod, ReturnReason, ReturnStatus } from './status.js';

const base = {
  returnId: Id.return,
  number: z.string(),
  orderId: Id.order,
  customerId: z.string().nullable(),
  currency: Currency,
  status: ReturnStatus,
};
/** `itemId` is the order's item. */
const LineQuantity = z.object({ itemId: Id.orderItem, quantity: z.int() });

export const ReturnMoved = z.object(base);
export const ReturnInitiated = z.object({
  ...base,
  items: z.array(LineQuantity.extend({ reason: ReturnReason })),
});
export const ReturnReleased = z.object({
  ...base,
  reason: z.string().nullable(),
  items: z.array(LineQuantity),
});
export const ReturnPickupScheduled = z.object({ ...base, pickupAt: z.string(), carrier: z.string() });
export const ReturnInTransit = z.object({
  ...base,
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
});
export const ReturnReceived = z.object({ ...base, items: z.array(LineQuantity) });
export const ReturnProcessed = z.object({
  ...base,
  refundAmount: Minor,
  items: z.array(LineQuantity.extend({ disposition: Disposition.nullable() })),
});
export const ReturnRefundRequested = z.object({
  ...base,
  refundId: Id.refund,
  attempt: z.int(),
  amount: Minor,
  method: RefundMethod,
});
export const ReturnRefundWithdrawn = z.object({ ...base, refundId: Id.refund, amount: Minor });
export const ReturnRefunded = z.object({
  ...base,
  refundId: Id.refund.nullable(),
  amount: Minor,
  method: RefundMethod,
  items: z.array(LineQuantity),
});
export const ReturnRefundFailed = z.object({ ...base, refundId: Id.refund, amount: Minor, code: z.string() });
