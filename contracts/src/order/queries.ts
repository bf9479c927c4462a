import { z } from 'zod';
import { Id } from '../ids.js';
import { Instant, line, PageQuery, repeatable } from '../primitives.js';
import { OrderStatus } from './status.js';

export const ByOrderId = z.strictObject({ orderId: Id.order });
export type ByOrderId = z.infer<typeof ByOrderId>;

export const listOrdersQuery = z.strictObject({
  ...PageQuery,
  status: repeatable(OrderStatus),
  customerId: z.string().max(128).optional(),
  email: z.string().max(254).optional(),
  number: z.string().max(64).optional(),
  externalRef: z.string().max(128).optional(),
  sku: z.string().max(64).optional(),
  createdAfter: Instant.optional(),
  createdBefore: Instant.optional(),
  /** Free text: every word of it begins a word of the number, email, external reference, SKUs or names. */
  q: line(200, 1).optional(),
});
/** GET /orders/export: the list's filters and order, without pages. */
export const exportOrdersQuery = listOrdersQuery.omit({ limit: true, cursor: true });
export type ListOrders = z.infer<typeof listOrdersQuery>;

/** Internal: the token of the payment that is wanted with an order; null once it was used (ADR 3). */
export const PaymentTokenView = z.object({ token: z.string().nullable() });
