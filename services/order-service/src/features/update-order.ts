import { mutation, Refused } from '@oms/chassis';
import { UpdateOrder } from '@oms/contracts';
import { viewFor } from '../domain/order.view.js';
import { orderAggregate } from '../persistence/order.aggregate.js';
import { rememberWords, replaceLines } from '../persistence/order.repository.js';
import { pricedLines } from './create-order.js';

/** PATCH: addresses, email, notes, tags, metadata at any time; items only while pending and unpaid, with the sums made anew. */
export const updateOrder = mutation({
  name: 'order.update',
  access: 'customer',
  schema: UpdateOrder,
  aggregate: orderAggregate,
  id: (body) => body.orderId,
  emits: 'order.updated',
  change: async (ctx, { orderId: _, items, ...fields }, order) => {
    if (ctx.actor.type === 'customer' && (fields.notes !== undefined || fields.tags !== undefined))
      throw new Refused('forbidden', 'notes and tags are for staff');
    if (fields.email === null && order.customerId === null)
      throw new Refused('validation_failed', undefined, {
        errors: [{ path: 'email', message: 'is all that is known of the customer' }],
      });
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined) Object.assign(order, { [name]: value });
    if (items) {
      const paid = Object.values(order.payments).some(
        (payment) => payment.status !== 'failed' && payment.status !== 'voided',
      );
      if (order.status !== 'pending' || order.paymentWanted || paid) throw new Refused('order_not_editable');
      Object.assign(order, pricedLines(items, order));
      await replaceLines(ctx.em, order);
    } else if (fields.email !== undefined || fields.shippingAddress) await rememberWords(ctx.em, order);
  },
  view: (ctx, order) => viewFor(ctx.actor, order),
});
