import { born, creation, newId, Refused, type Ctx } from '@oms/chassis';
import { CreateOrder, errors } from '@oms/contracts';
import type { OrderLine, OrderState } from '../domain/order.js';
import { viewFor } from '../domain/order.view.js';
import { price } from '../domain/pricing.js';
import { orderAggregate } from '../persistence/order.aggregate.js';
import { nextNumber } from '../persistence/order.repository.js';

/** Lines with their money, or a refusal: `discount_exceeds_price`, `amount_too_large`. */
export function pricedLines(
  items: CreateOrder['items'],
  order: { discountAmount: number; shippingAmount: number; shippingTaxAmount: number },
): Pick<OrderState, 'subtotal' | 'taxAmount' | 'total' | 'items'> {
  const money = price(items, order);
  if (typeof money === 'string') {
    const place = items.findIndex((item) => item.discountAmount > item.unitPrice * item.quantity);
    const path = `items.${place}.discountAmount`;
    throw new Refused(
      money,
      undefined,
      place === -1 ? {} : { errors: [{ path, message: errors[money].title }] },
    );
  }
  const lines = items.map((item, position): OrderLine => ({
    ...item,
    id: newId('itm'),
    position,
    orderDiscountShare: money.lines[position]?.orderDiscountShare ?? 0,
    total: money.lines[position]?.total ?? 0,
    finalSale: item.finalSale ?? false,
    shipped: 0,
    delivered: 0,
    cancelled: 0,
    returnRequested: 0,
    returned: 0,
  }));
  return { subtotal: money.subtotal, taxAmount: money.taxAmount, total: money.total, items: lines };
}

/** A customer or staff place an order; with a payment, the saga takes it from there. */
export const createOrder = creation({
  name: 'order.create',
  access: 'customer',
  schema: CreateOrder,
  aggregate: orderAggregate,
  on: 'place',
  create: async (ctx: Ctx, body) => {
    if (body.placedAt !== undefined && ctx.actor.type !== 'admin')
      throw new Refused('forbidden', 'only an admin may say when an order was placed');
    if (body.placedAt !== undefined && new Date(body.placedAt) > ctx.now)
      throw new Refused('validation_failed', undefined, {
        errors: [{ path: 'placedAt', message: 'must not be in the future' }],
      });
    if (ctx.actor.type === 'customer' && (body.notes != null || body.tags.length > 0))
      throw new Refused('forbidden', 'notes and tags are for staff');
    // A customer's own id is its token's, whatever the body says (API.md).
    const customerId = ctx.actor.type === 'customer' ? ctx.actor.id : (body.customerId ?? null);
    if (customerId === null && body.email == null)
      throw new Refused('validation_failed', undefined, {
        errors: [{ path: 'email', message: 'email or customerId is needed' }],
      });
    const sums = pricedLines(body.items, body);
    const wanted = body.payment ?? null;
    const isOwed = wanted !== null && sums.total > 0;
    const state: OrderState = {
      ...born('ord', ctx.now),
      ...sums,
      status: 'pending',
      number: await nextNumber(ctx.em),
      customerId,
      email: body.email ?? null,
      locale: body.locale ?? null,
      channel: body.channel,
      externalRef: body.externalRef ?? null,
      currency: body.currency,
      discountAmount: body.discountAmount,
      shippingAmount: body.shippingAmount,
      shippingTaxAmount: body.shippingTaxAmount,
      paymentStatus: isOwed ? 'pending' : 'none',
      payments: {},
      paymentWanted: wanted ? { method: wanted.method, capture: wanted.capture } : null,
      paymentToken: isOwed ? (wanted.token ?? null) : null,
      hold: null,
      cancelReason: null,
      notes: body.notes ?? null,
      tags: body.tags,
      metadata: body.metadata,
      shippingAddress: body.shippingAddress,
      billingAddress: body.billingAddress ?? null,
      placedAt: body.placedAt ? new Date(body.placedAt) : ctx.now,
      shipments: [],
      openReturns: {},
    };
    return { state, input: {} };
  },
  view: (ctx, state) => viewFor(ctx.actor, state),
});
