import { z } from 'zod';

export const paymentStatusValues = [
  'pending',
  'authorized',
  'captured',
  'partially_refunded',
  'refunded',
  'failed',
  'voided',
] as const;
export const PaymentStatus = z.enum(paymentStatusValues);
export type PaymentStatus = z.infer<typeof PaymentStatus>;

export const CaptureMode = z.enum(['automatic', 'manual']);
export type CaptureMode = z.infer<typeof CaptureMode>;

export const PaymentMethod = z.enum(['card', 'wallet', 'bank_transfer', 'manual', 'cash_on_delivery']);
