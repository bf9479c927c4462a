import { z } from 'zod';
import { Id } from '../ids.js';
import { Currency, Minor } from '../money.js';
import { Address, CustomerId, Instant, line, Locale, Metadata, Quantity, text } from '../primitives.js';
import { CaptureMode, PaymentMethod, tokenFault, tokenFits } from '../payment/status.js';

/** Printable ASCII, so that 2,000 of them fit into one event whatever they are. */
export const Sku = z.string().regex(/^[\x20-\x7e]{1,64}$/, 'must be 1 to 64 printable ASCII characters');

export const CreateOrderItem = z.strictObject({
  sku: Sku,
  name: line(200, 1),
  quantity: Quantity,
  unitPrice: Minor,
  discountAmount: Minor.default(0),
  taxAmount: Minor.default(0),
  /** Sold as final: it comes back only for the reasons that the return policy names. */
  finalSale: z.boolean().optional(),
});
export type CreateOrderItem = z.infer<typeof CreateOrderItem>;

const Items = z.array(CreateOrderItem).min(1).max(2000);
const Tags = z.array(line(64, 1)).max(50);
const Email = z.email().max(254);

/** POST /orders; `email` or `customerId` is needed, and a customer's own id is its token's. */
export const CreateOrder = z.strictObject({
  customerId: CustomerId.nullish(),
  email: Email.nullish(),
  /** In what language the customer is written to; the shop's own when nobody says. */
  locale: Locale.nullish(),
  currency: Currency,
  items: Items,
  shippingAmount: Minor.default(0),
  shippingTaxAmount: Minor.default(0),
  discountAmount: Minor.default(0),
  shippingAddress: Address,
  billingAddress: Address.nullish(),
  channel: line(64, 1).default('default'),
  externalRef: line(128, 1).nullish(),
  metadata: Metadata.default({}),
  notes: text(2000).nullish(),
  tags: Tags.default([]),
  placedAt: Instant.optional(),
  payment: z
    .strictObject({
      method: PaymentMethod,
      token: line(255, 1).nullish(),
      capture: CaptureMode.default('automatic'),
    })
    .refine(tokenFits, tokenFault)
    .nullish(),
});
export type CreateOrder = z.infer<typeof CreateOrder>;

/** One order of a batch: held against {@link CreateOrder} by itself, so that a bad one is told of and spoils no other. */
export const OrderOfBatch = z.unknown();
/** POST /orders/batch */
export const CreateOrders = z.strictObject({ orders: z.array(OrderOfBatch).min(1).max(100) });
export type CreateOrders = z.infer<typeof CreateOrders>;

/** What a PATCH may change; a field left out stays, null empties it. */
export const updateOrderBody = z.strictObject({
  email: Email.nullish(),
  locale: Locale.nullish(),
  shippingAddress: Address.optional(),
  billingAddress: Address.nullish(),
  metadata: Metadata.optional(),
  notes: text(2000).nullish(),
  tags: Tags.optional(),
  items: Items.optional(),
});
export const UpdateOrder = updateOrderBody.extend({ orderId: Id.order });
export type UpdateOrder = z.infer<typeof UpdateOrder>;

/** Shown to customers as a link: `javascript:` and other schemes would run in their page. */
const TrackingUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2000);

const reason = line(500, 1).optional();
const tracking = {
  carrier: line(100, 1).optional(),
  trackingNumber: line(100, 1).optional(),
  trackingUrl: TrackingUrl.optional(),
};

/** POST /orders/{id}/state: the fields of each transition. */
export const orderTransitionBody = z.discriminatedUnion('transition', [
  z.strictObject({ transition: z.literal('confirm'), reason }),
  z.strictObject({ transition: z.literal('process'), reason }),
  z.strictObject({ transition: z.literal('ship'), reason, ...tracking }),
  z.strictObject({ transition: z.literal('deliver'), reason, deliveredAt: Instant.optional() }),
  z.strictObject({ transition: z.literal('cancel'), reason }),
  z.strictObject({ transition: z.literal('return'), reason }),
]);
export const TransitionOrder = z.intersection(orderTransitionBody, z.object({ orderId: Id.order }));
export type TransitionOrder = z.infer<typeof TransitionOrder>;

export const orderTransitions = ['confirm', 'process', 'ship', 'deliver', 'cancel', 'return'] as const;

const ItemQuantities = z
  .array(z.strictObject({ itemId: Id.orderItem, quantity: Quantity }))
  .min(1)
  .max(2000)
  .refine((items) => new Set(items.map((item) => item.itemId)).size === items.length, 'each item once');

export const cancelOrderBody = z.strictObject({ reason: line(500, 1), items: ItemQuantities.optional() });
export const CancelOrder = cancelOrderBody.extend({ orderId: Id.order });
export type CancelOrder = z.infer<typeof CancelOrder>;

export const holdOrderBody = z.strictObject({
  reason: z.enum(['fraud', 'address', 'manual']),
  note: text(2000).optional(),
});
export const HoldOrder = holdOrderBody.extend({ orderId: Id.order });
export type HoldOrder = z.infer<typeof HoldOrder>;
export const releaseOrderBody = z.strictObject({ note: text(2000).optional() });
export const ReleaseOrder = releaseOrderBody.extend({ orderId: Id.order });
export type ReleaseOrder = z.infer<typeof ReleaseOrder>;

export const createShipmentBody = z.strictObject({
  items: ItemQuantities,
  carrier: line(100, 1),
  trackingNumber: line(100, 1),
  trackingUrl: TrackingUrl.optional(),
});
export const CreateShipment = createShipmentBody.extend({ orderId: Id.order });
export type CreateShipment = z.infer<typeof CreateShipment>;

export const deliverShipmentBody = z.strictObject({ deliveredAt: Instant.optional() });
export const DeliverShipment = deliverShipmentBody.extend({ orderId: Id.order, shipmentId: Id.shipment });
export type DeliverShipment = z.infer<typeof DeliverShipment>;
