import type { Refusal } from '@oms/chassis/machine';
import type { LineQuantity, OrderInputs, OrderState } from './order.js';
import { lineOf, open, takesAllOpen } from './quantities.js';

type Verdict = true | string | Refusal;
type Items = { items: readonly LineQuantity[] };

export const notHeld = (order: OrderState): Verdict => order.hold === null || 'order_on_hold';
export const held = (order: OrderState): Verdict => order.hold !== null || 'transition_not_allowed';

const fits = (order: OrderState, items: readonly LineQuantity[], code: string): Verdict => {
  for (const [place, item] of items.entries()) {
    const line = lineOf(order, item.itemId);
    if (!line) return { code: 'unknown_item', path: `items.${place}.itemId` };
    if (item.quantity > open(line)) return { code, path: `items.${place}.quantity` };
  }
  return items.length > 0 || code;
};
/** API.md: more shipped than open is refused. */
export const shippable = (order: OrderState, input: Items): Verdict =>
  fits(order, input.items, 'quantity_not_shippable');
/** API.md: more cancelled than open is `quantity_not_cancellable`. */
export const cancellable = (order: OrderState, input: Items): Verdict =>
  fits(order, input.items, 'quantity_not_cancellable');
export const nothingLeftOpen = (order: OrderState, input: Items): Verdict =>
  takesAllOpen(order, input.items) || 'quantity_not_shippable';

export const nothingShipped = (order: OrderState): Verdict =>
  order.items.every((line) => line.shipped === 0) || 'quantity_not_cancellable';
export const somethingShipped = (order: OrderState): Verdict =>
  order.items.some((line) => line.shipped > 0) || 'quantity_not_cancellable';
export const shippedIsDelivered = (order: OrderState): Verdict =>
  order.items.every((line) => line.delivered === line.shipped) || 'transition_not_allowed';

export const parcelsUnderWay = (order: OrderState, input: OrderInputs['deliver']): Verdict => {
  if (input.shipmentIds.length === 0) return 'transition_not_allowed';
  for (const id of input.shipmentIds) {
    const shipment = order.shipments.find((one) => one.id === id);
    if (!shipment) return 'not_found';
    if (shipment.deliveredAt !== null) return 'transition_not_allowed';
  }
  return true;
};
/** API.md: not in the future and not before the order was placed. */
export const deliveryTimeIsSane = (order: OrderState, input: OrderInputs['deliver']): Verdict =>
  (input.deliveredAt <= input.at && input.deliveredAt >= order.placedAt) || 'invalid_delivery_time';
export const lastParcels = (order: OrderState, input: OrderInputs['deliver']): Verdict =>
  order.shipments.every((one) => one.deliveredAt !== null || input.shipmentIds.includes(one.id)) ||
  'transition_not_allowed';

const backAfter = (order: OrderState, items: readonly LineQuantity[]): boolean =>
  order.items.some((line) => line.delivered > 0) &&
  order.items.every(
    (line) =>
      line.returned + (items.find((item) => item.itemId === line.id)?.quantity ?? 0) >= line.delivered,
  );
export const allCameBack = (order: OrderState): Verdict => backAfter(order, []) || 'transition_not_allowed';
export const restComesBack = (order: OrderState, input: Items): Verdict =>
  backAfter(order, input.items) || 'transition_not_allowed';
