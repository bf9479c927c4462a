import { z } from 'zod';
import { Id } from '../ids.js';
import { CreatedQuery, line, PageQuery, repeatable } from '../primitives.js';
import { OrderStatus } from './status.js';

export const ByOrderId = z.strictObject({ orderId: Id.order });
export type ByOrderId = z.infer<typeof ByOrderId>;

export const listOrdersQuery = z.strictObject({
  ...PageQuery,
  status: repeatable(OrderStatus).describe('in one of these states; may be repeated'),
  customerId: z.string().max(128).optional().describe('of this customer; a customer has only its own'),
  email: z.string().max(254).optional().describe('with exactly this address, in capitals or not'),
  number: z.string().max(64).optional().describe('the one with this number, as in `ORD-1042`'),
  externalRef: z.string().max(128).optional().describe('with exactly this reference, in any channel'),
  sku: z.string().max(64).optional().describe('with an item of exactly this SKU'),
  ...CreatedQuery,
  q: line(200, 1)
    .optional()
    .describe(
      'free text: every word of it begins a word of the number, email, external reference, SKUs or names',
    ),
});
/** GET /orders/export: the list's filters and order, without pages. */
export const exportOrdersQuery = listOrdersQuery.omit({ limit: true, cursor: true });
export type ListOrders = z.infer<typeof listOrdersQuery>;

/** Internal: the token of the payment that is wanted with an order; null once it was used (ADR 3). */
export const PaymentTokenView = z.object({ token: z.string().nullable() });
