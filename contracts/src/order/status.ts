import { z } from 'zod';

export const orderStatuses = [
  'pending',
  'confirmed',
  'processing',
  'shipped',
  'delivered',
  'cancelled',
  'returned',
] as const;
export const OrderStatus = z.enum(orderStatuses);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const paymentStatuses = [
  'none',
  'pending',
  'authorized',
  'partially_captured',
  'captured',
  'partially_refunded',
  'refunded',
  'voided',
  'failed',
] as const;
/** What an order says of its money, from its payments' events. */
export const OrderPaymentStatus = z.enum(paymentStatuses);
export type OrderPaymentStatus = z.infer<typeof OrderPaymentStatus>;
