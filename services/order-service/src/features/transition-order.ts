import { command, newId, Refused, type Ctx } from '@oms/chassis';
import {
  CancelOrder,
  CreateShipment,
  DeliverShipment,
  HoldOrder,
  ReleaseOrder,
  TransitionOrder,
} from '@oms/contracts';
import type { OrderState } from '../domain/order.js';
import { isBeyondCustomer, openTransitions, viewFor } from '../domain/order.view.js';
import { allOpen } from '../domain/quantities.js';
import { orderAggregate } from '../persistence/order.aggregate.js';

const view = (ctx: Ctx, state: OrderState) => viewFor(ctx.actor, state);
const common = { aggregate: orderAggregate, id: (body: { orderId: string }) => body.orderId, view };

const underWay = (order: OrderState): string[] =>
  order.shipments.filter((one) => one.deliveredAt === null).map((one) => one.id);

/** POST /state: a transition by its name. `ship` and `deliver` take all that is left. */
export const transitionOrder = command({
  ...common,
  name: 'order.transition',
  schema: TransitionOrder,
  on: (body) => body.transition,
  input: (ctx, body, order) => {
    switch (body.transition) {
      case 'ship':
        return {
          shipmentId: newId('shp'),
          items: allOpen(order),
          carrier: body.carrier ?? null,
          trackingNumber: body.trackingNumber ?? null,
          trackingUrl: body.trackingUrl ?? null,
          reason: body.reason,
        };
      case 'deliver':
        return {
          shipmentIds: underWay(order),
          deliveredAt: body.deliveredAt ? new Date(body.deliveredAt) : ctx.now,
          reason: body.reason,
        };
      case 'cancel':
        return { reason: body.reason ?? 'cancelled by staff' };
      case 'confirm':
      case 'process':
      case 'return':
        return { reason: body.reason };
    }
  },
});

/** POST /cancel: all of it, or part of what has not shipped. */
export const cancelOrder = command({
  ...common,
  name: 'order.cancel',
  access: 'customer',
  schema: CancelOrder,
  on: (body) => (body.items ? 'cancel_items' : 'cancel'),
  input: (ctx, body, order) => {
    if (isBeyondCustomer(order, ctx.actor))
      throw new Refused(
        'transition_not_allowed',
        'a part of it has shipped; only staff may cancel the rest',
        {
          from: order.status,
          transition: 'cancel',
          allowedTransitions: openTransitions(order, ctx.actor),
        },
      );
    return body;
  },
});

export const holdOrder = command({
  ...common,
  name: 'order.hold',
  schema: HoldOrder,
  on: () => 'hold',
  input: (_, body) => ({ reason: body.reason, note: body.note ?? null }),
});

export const releaseOrder = command({
  ...common,
  name: 'order.release',
  schema: ReleaseOrder,
  on: () => 'release',
});

export const createShipment = command({
  ...common,
  name: 'order.create_shipment',
  schema: CreateShipment,
  on: () => 'ship',
  input: (_, body) => ({ ...body, shipmentId: newId('shp'), trackingUrl: body.trackingUrl ?? null }),
});

export const deliverShipment = command({
  ...common,
  name: 'order.deliver_shipment',
  schema: DeliverShipment,
  on: () => 'deliver',
  input: (ctx, body) => ({
    shipmentIds: [body.shipmentId],
    deliveredAt: body.deliveredAt ? new Date(body.deliveredAt) : ctx.now,
  }),
});
