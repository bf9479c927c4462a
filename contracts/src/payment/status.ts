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

/**
 * How it is paid. Money of `manual` (staff record what came) and `cash_on_delivery` (it comes at the door) moves outside
 * any provider; the others go through one and need a token.
 */
export const PaymentMethod = z.enum(['card', 'wallet', 'bank_transfer', 'manual', 'cash_on_delivery']);

/** A token is for a provider: needed with it, and refused where there is none. */
export const tokenFits = (body: { method: string; token?: string | null | undefined }): boolean =>
  ['manual', 'cash_on_delivery'].includes(body.method) === ((body.token ?? null) === null);
export const tokenFault = {
  path: ['token'],
  message: 'is needed, except with `manual` and `cash_on_delivery`, which have none',
};
