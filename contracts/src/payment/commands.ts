import { z } from 'zod';
import { Id } from '../ids.js';
import { Minor } from '../money.js';
import { CreatedQuery, line, Metadata, PageQuery, repeatable, text } from '../primitives.js';
import { CaptureMode, PaymentMethod, PaymentStatus, tokenFault, tokenFits } from './status.js';

const Amount = Minor.min(1);

/** POST /payments; without an amount, the order's open balance. */
export const CreatePayment = z
  .strictObject({
    orderId: Id.order,
    amount: Amount.optional(),
    method: PaymentMethod,
    token: line(255, 1).nullish(),
    capture: CaptureMode.default('automatic'),
    metadata: Metadata.default({}),
    note: text(2000).nullish(),
  })
  .refine(tokenFits, tokenFault);
export type CreatePayment = z.infer<typeof CreatePayment>;

export const updatePaymentBody = z.strictObject({
  metadata: Metadata.optional(),
  note: text(2000).nullish(),
  token: line(255, 1).optional(),
});
export const UpdatePayment = updatePaymentBody.extend({ paymentId: Id.payment });
export type UpdatePayment = z.infer<typeof UpdatePayment>;

export const processPaymentBody = z.strictObject({});
export const ProcessPayment = z.strictObject({ paymentId: Id.payment });
export type ProcessPayment = z.infer<typeof ProcessPayment>;

export const capturePaymentBody = z.strictObject({ amount: Amount.optional() });
export const CapturePayment = capturePaymentBody.extend({ paymentId: Id.payment });
export type CapturePayment = z.infer<typeof CapturePayment>;

export const voidPaymentBody = z.strictObject({ reason: line(500, 1).optional() });
export const VoidPayment = voidPaymentBody.extend({ paymentId: Id.payment });
export type VoidPayment = z.infer<typeof VoidPayment>;

export const refundPaymentBody = z.strictObject({
  amount: Amount.optional(),
  reason: line(500, 1).optional(),
  returnId: Id.return.optional(),
});
export const RefundPayment = refundPaymentBody.extend({ paymentId: Id.payment });
export type RefundPayment = z.infer<typeof RefundPayment>;

export const ByPaymentId = z.strictObject({ paymentId: Id.payment });
export type ByPaymentId = z.infer<typeof ByPaymentId>;

export const listPaymentsQuery = z.strictObject({
  ...PageQuery,
  status: repeatable(PaymentStatus).describe('in one of these states; may be repeated'),
  orderId: Id.order.optional().describe('of this order'),
  customerId: z.string().max(128).optional().describe('of this customer; a customer has only its own'),
  provider: z.string().max(64).optional().describe('made through this provider, as in `sandbox`'),
  ...CreatedQuery,
});
/** GET /payments/export: the list's filters and order, without pages. */
export const exportPaymentsQuery = listPaymentsQuery.omit({ limit: true, cursor: true });
export type ListPayments = z.infer<typeof listPaymentsQuery>;

/** What the provider sent by itself, as the gateway passes it on: its signature is good, its body as it came. */
export const ProviderWebhook = z.strictObject({
  webhookId: line(255, 1),
  body: z.string().max(262_144),
});
export type ProviderWebhook = z.infer<typeof ProviderWebhook>;
