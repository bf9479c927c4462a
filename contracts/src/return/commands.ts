import { z } from 'zod';
import { Id } from '../ids.js';
import { Minor, SignedMinor } from '../money.js';
import {
  Address,
  CreatedQuery,
  Instant,
  line,
  Metadata,
  PageQuery,
  Quantity,
  repeatable,
  text,
} from '../primitives.js';
import { Condition, Disposition, RefundMethod, ReturnReason, ReturnStatus } from './status.js';

const once = (items: readonly { orderItemId?: string; returnItemId?: string }[]) =>
  new Set(items.map((item) => item.orderItemId ?? item.returnItemId)).size === items.length;

/** POST /returns. */
export const CreateReturn = z.strictObject({
  orderId: Id.order,
  items: z
    .array(
      z.strictObject({
        orderItemId: Id.orderItem,
        quantity: Quantity,
        reason: ReturnReason,
        comment: text(2000).nullish(),
      }),
    )
    .min(1)
    .max(2000)
    .refine(once, 'each item once'),
  refundMethod: RefundMethod.default('original'),
  note: text(2000).nullish(),
  externalRef: line(128, 1).nullish(),
  metadata: Metadata.default({}),
  override: z.strictObject({ reason: line(500, 1) }).nullish(),
});
export type CreateReturn = z.infer<typeof CreateReturn>;

export const updateReturnBody = z.strictObject({
  returnAddress: Address.nullish(),
  carrier: line(100, 1).nullish(),
  trackingNumber: line(100, 1).nullish(),
  note: text(2000).nullish(),
  metadata: Metadata.optional(),
});
export const UpdateReturn = updateReturnBody.extend({ returnId: Id.return });
export type UpdateReturn = z.infer<typeof UpdateReturn>;

const note = text(2000).nullish();

/** Paid outside, the note is all that tells how. */
const manualHasNote = (step: { refundMethod?: string | undefined; note?: string | null | undefined }) =>
  step.refundMethod !== 'manual' || (step.note ?? '').trim() !== '';
const receiveFields = {
  items: z
    .array(
      z.strictObject({
        returnItemId: Id.returnItem,
        quantity: z.int().min(0).max(1_000_000),
        condition: Condition,
      }),
    )
    .min(1)
    .max(4000)
    .refine(once, 'each item once')
    .optional(),
};
const processFields = {
  items: z
    .array(
      z.strictObject({
        returnItemId: Id.returnItem,
        disposition: Disposition,
        acceptedQuantity: z.int().min(0).max(1_000_000).optional(),
      }),
    )
    .min(1)
    .max(2000)
    .refine(once, 'each item once')
    .optional(),
  restockingFee: Minor.optional(),
  shippingRefundAmount: Minor.optional(),
  adjustment: z.strictObject({ amount: SignedMinor, reason: line(500, 1) }).optional(),
};

/** POST /returns/{id}/state: the fields of each step. */
export const returnTransitionBody = z.discriminatedUnion('transition', [
  z.strictObject({ transition: z.literal('approve'), note }),
  z.strictObject({ transition: z.literal('reject'), reason: line(500, 1) }),
  z.strictObject({
    transition: z.literal('schedule_pickup'),
    pickupAt: Instant,
    carrier: line(100, 1),
    address: Address.nullish(),
  }),
  z.strictObject({
    transition: z.literal('mark_in_transit'),
    carrier: line(100, 1).nullish(),
    trackingNumber: line(100, 1).nullish(),
  }),
  z.strictObject({ transition: z.literal('receive'), ...receiveFields }),
  z.strictObject({ transition: z.literal('process'), ...processFields }),
  z
    .strictObject({ transition: z.literal('refund'), refundMethod: RefundMethod.optional(), note })
    .refine(manualHasNote, { path: ['note'], message: 'is needed with `manual`: how it was paid outside' }),
  z.strictObject({ transition: z.literal('cancel'), reason: line(500, 1).nullish() }),
]);
export const TransitionReturn = z.intersection(returnTransitionBody, z.object({ returnId: Id.return }));
export type TransitionReturn = z.infer<typeof TransitionReturn>;

export const approveReturnBody = z.strictObject({ note });
export const ApproveReturn = approveReturnBody.extend({ returnId: Id.return });
export type ApproveReturn = z.infer<typeof ApproveReturn>;
export const rejectReturnBody = z.strictObject({ reason: line(500, 1) });
export const RejectReturn = rejectReturnBody.extend({ returnId: Id.return });
export type RejectReturn = z.infer<typeof RejectReturn>;
export const cancelReturnBody = z.strictObject({ reason: line(500, 1).nullish() });
export const CancelReturn = cancelReturnBody.extend({ returnId: Id.return });
export type CancelReturn = z.infer<typeof CancelReturn>;

export const ByReturnId = z.strictObject({ returnId: Id.return });
export type ByReturnId = z.infer<typeof ByReturnId>;

export const listReturnsQuery = z.strictObject({
  ...PageQuery,
  status: repeatable(ReturnStatus).describe('in one of these states; may be repeated'),
  orderId: Id.order.optional().describe('of this order'),
  customerId: z.string().max(128).optional().describe('of this customer; a customer has only its own'),
  reason: ReturnReason.optional().describe('with an item that comes back for this reason'),
  externalRef: z.string().max(128).optional().describe('with exactly this reference'),
  ...CreatedQuery,
});
/** GET /returns/export: the list's filters and order, without pages. */
export const exportReturnsQuery = listReturnsQuery.omit({ limit: true, cursor: true });
export type ListReturns = z.infer<typeof listReturnsQuery>;
