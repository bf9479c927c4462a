import { z } from 'zod';
import { Id } from '../ids.js';
import { page } from '../primitives.js';
import { ProblemView } from '../rest/problem.js';
import { OrderPaymentStatus, OrderStatus } from './status.js';

const time = z.string().nullable();
const AddressView = z.record(z.string(), z.unknown());

export const OrderItemView = z.object({
  id: Id.orderItem,
  sku: z.string(),
  name: z.string(),
  quantity: z.int(),
  unitPrice: z.int(),
  discountAmount: z.int(),
  orderDiscountShare: z.int(),
  taxAmount: z.int(),
  total: z.int(),
  finalSale: z.boolean(),
  quantities: z.object({
    ordered: z.int(),
    shipped: z.int(),
    delivered: z.int(),
    cancelled: z.int(),
    returnRequested: z.int(),
    returned: z.int(),
  }),
});

export const ShipmentView = z.object({
  id: Id.shipment,
  status: z.enum(['shipped', 'delivered']),
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  trackingUrl: z.string().nullable(),
  items: z.array(z.object({ itemId: Id.orderItem, quantity: z.int() })),
  shippedAt: z.string(),
  deliveredAt: time,
});

/** An order as a list shows it. */
export const OrderSummary = z.object({
  id: Id.order,
  number: z.string(),
  status: OrderStatus,
  previousStatus: OrderStatus.nullable(),
  customerId: z.string().nullable(),
  email: z.string().nullable(),
  locale: z.string().nullable(),
  channel: z.string(),
  externalRef: z.string().nullable(),
  currency: z.string(),
  subtotal: z.int(),
  discountAmount: z.int(),
  taxAmount: z.int(),
  shippingAmount: z.int(),
  shippingTaxAmount: z.int(),
  total: z.int(),
  paymentStatus: OrderPaymentStatus,
  hold: z.object({ reason: z.string(), note: z.string().nullable(), at: z.string() }).nullable(),
  itemCount: z.int(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  version: z.int(),
  placedAt: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  confirmedAt: time,
  processingAt: time,
  shippedAt: time,
  deliveredAt: time,
  cancelledAt: time,
  returnedAt: time,
});
export type OrderSummary = z.infer<typeof OrderSummary>;

/** An order, whole. */
export const OrderView = OrderSummary.extend({
  cancelReason: z.string().nullable(),
  notes: z.string().nullable(),
  shippingAddress: AddressView,
  billingAddress: AddressView.nullable(),
  items: z.array(OrderItemView),
  shipments: z.array(ShipmentView),
  availableTransitions: z.array(z.string()),
});
export type OrderView = z.infer<typeof OrderView>;
export const OrderPage = page(OrderSummary);

/** What became of one order of a batch: its place in the request, a status of HTTP, and the order or the problem. */
export const OrderBatchResult = z.object({
  index: z.int(),
  status: z.int(),
  order: OrderView.optional(),
  problem: ProblemView.optional(),
});
export type OrderBatchResult = z.infer<typeof OrderBatchResult>;
export const OrderBatch = z.object({ results: z.array(OrderBatchResult) });
