import type { z } from 'zod';
import * as order from './order/events.js';
import * as payment from './payment/events.js';
import * as ret from './return/events.js';

export const aggregates = ['order', 'payment', 'return'] as const;
export type AggregateType = (typeof aggregates)[number];

const event = <S extends z.ZodType>(schema: S, because: string) => ({ version: 1 as const, schema, because });

/** Every public event: its schema, and when it is published. The part before the dot is its owner. A published version is frozen; additions only. */
export const events = {
  'order.placed': event(
    order.OrderPlaced,
    'an order was taken; with `payment`, money is to be authorized for it',
  ),
  'order.updated': event(order.OrderUpdated, 'an order was changed; its money and lines as they are now'),
  'order.confirmed': event(order.OrderMoved, 'the order will be fulfilled'),
  'order.processing': event(order.OrderMoved, 'the warehouse works on it'),
  'order.held': event(order.OrderHeld, 'the order must not go forward'),
  'order.released': event(order.OrderMoved, 'the order may go forward again'),
  'order.shipment_created': event(
    order.OrderShipmentCreated,
    'a parcel left, with a part of the order or all of it',
  ),
  'order.shipped': event(order.OrderMoved, 'nothing is left to ship'),
  'order.shipment_delivered': event(order.OrderShipmentDelivered, 'a parcel arrived'),
  'order.delivered': event(order.OrderMoved, 'all of it arrived'),
  'order.items_cancelled': event(
    order.OrderItemsCancelled,
    'a part that had not shipped was cancelled; `amount` is what it cost',
  ),
  'order.cancelled': event(order.OrderCancelled, 'the order ends; money taken is voided or refunded'),
  'order.refund_requested': event(
    order.OrderCancelled,
    'the money of a cancelled order did not come back; what the payments still hold is asked back once more',
  ),
  'order.items_returned': event(order.OrderItemsReturned, 'a return of some of it was refunded'),
  'order.returned': event(order.OrderMoved, 'all that was delivered has come back'),
  'payment.created': event(payment.PaymentMoved, 'a payment was opened'),
  'payment.authorized': event(payment.PaymentMoved, 'the provider holds the money'),
  'payment.captured': event(payment.PaymentCaptured, 'the provider took the money, or a part of it'),
  'payment.failed': event(payment.PaymentFailed, 'the provider declined'),
  'payment.voided': event(payment.PaymentVoided, 'what was held and not taken was let go'),
  'payment.refund_requested': event(payment.PaymentRefundRequested, 'money is on its way back'),
  'payment.refunded': event(payment.PaymentRefunded, 'money went back'),
  'payment.refund_failed': event(payment.PaymentRefundFailed, 'money could not go back'),
  'payment.charged_back': event(
    payment.PaymentChargedBack,
    "the customer's bank took money back; it is not refunded a second time",
  ),
  'payment.chargeback_closed': event(
    payment.PaymentChargebackClosed,
    'a chargeback was won (the money is here again) or lost',
  ),
  'return.initiated': event(ret.ReturnInitiated, 'a customer wants to send goods back'),
  'return.approved': event(ret.ReturnMoved, 'the goods may be sent'),
  'return.rejected': event(ret.ReturnReleased, 'the goods are not taken back'),
  'return.pickup_scheduled': event(ret.ReturnPickupScheduled, 'a carrier comes for the goods'),
  'return.in_transit': event(ret.ReturnInTransit, 'the goods are on their way'),
  'return.received': event(ret.ReturnReceived, 'the goods are here'),
  'return.processed': event(ret.ReturnProcessed, 'the goods were inspected and the amount is fixed'),
  'return.refund_requested': event(ret.ReturnRefundRequested, 'the payments are asked for the money'),
  'return.refund_withdrawn': event(
    ret.ReturnRefundWithdrawn,
    'staff closed the case: what the payments were asked for and no provider has yet is not wanted any more',
  ),
  'return.refunded': event(ret.ReturnRefunded, 'the customer has the money'),
  'return.refund_failed': event(ret.ReturnRefundFailed, 'the money could not be paid'),
  'return.cancelled': event(ret.ReturnReleased, 'the goods stay with the customer'),
  'return.updated': event(ret.ReturnMoved, 'address, tracking or note changed'),
} as const satisfies Record<
  `${AggregateType}.${string}`,
  { version: number; schema: z.ZodType; because: string }
>;

export type EventName = keyof typeof events;
export type EventPayload<N extends EventName> = z.infer<(typeof events)[N]['schema']>;
export const isEventName = (name: string): name is EventName => Object.hasOwn(events, name);
export const ownerOf = (name: EventName): AggregateType => name.split('.')[0] as AggregateType;
