import { z } from 'zod';
import { Id } from '../ids.js';
import { Currency, Minor } from '../money.js';
import { Instant } from '../primitives.js';
import { OrderStatus } from './status.js';

/** What every order event says. No personal data beyond the customer's reference. */
const base = {
  orderId: Id.order,
  number: z.string(),
  customerId: z.string().nullable(),
  currency: Currency,
  status: OrderStatus,
};

/** What one line costs, in minor units for its whole quantity; sums of returns and refunds start here. */
export const PricedLine = z.object({
  itemId: Id.orderItem,
  sku: z.string(),
  quantity: z.int(),
  unitPrice: Minor,
  discount: Minor,
  discountShare: Minor,
  tax: Minor,
  total: Minor,
  /** Only where it is so. */
  finalSale: z.boolean().optional(),
});
export type PricedLine = z.infer<typeof PricedLine>;

const priced = { total: Minor, shippingTotal: Minor, lines: z.array(PricedLine) };
const LineQuantity = z.object({ itemId: Id.orderItem, quantity: z.int() });

export const OrderPlaced = z.object({
  ...base,
  ...priced,
  channel: z.string(),
  externalRef: z.string().nullable(),
  placedAt: Instant,
  payment: z.object({ method: z.string(), capture: z.enum(['automatic', 'manual']) }).nullable(),
});
export const OrderUpdated = z.object({ ...base, ...priced });
export const OrderMoved = z.object(base);
export const OrderHeld = z.object({ ...base, reason: z.string() });
export const OrderShipmentCreated = z.object({
  ...base,
  shipmentId: Id.shipment,
  items: z.array(LineQuantity),
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  trackingUrl: z.string().nullable(),
  amount: Minor,
  complete: z.boolean(),
});
export const OrderShipmentDelivered = z.object({
  ...base,
  shipmentIds: z.array(Id.shipment),
  items: z.array(LineQuantity),
  deliveredAt: Instant,
});
export const OrderItemsCancelled = z.object({
  ...base,
  items: z.array(LineQuantity),
  amount: Minor,
  total: Minor,
  reason: z.string(),
});
export const OrderCancelled = z.object({ ...base, reason: z.string() });
export const OrderItemsReturned = z.object({ ...base, returnId: Id.return, items: z.array(LineQuantity) });
