// Generated from the services' handlers by `npm run generate`; never edited.
import type { EventName } from './events.js';
import type { ServiceName } from './subjects.js';

/** Our own services that have a handler for an event. */
export const eventConsumers: Readonly<Partial<Record<EventName, readonly ServiceName[]>>> = {
  'order.placed': ['return-service', 'payment-service'],
  'order.updated': ['return-service', 'payment-service'],
  'order.confirmed': ['notification-service'],
  'order.shipment_created': ['payment-service', 'notification-service'],
  'order.shipment_delivered': ['return-service', 'payment-service'],
  'order.delivered': ['notification-service'],
  'order.items_cancelled': ['return-service', 'payment-service'],
  'order.cancelled': ['payment-service', 'notification-service'],
  'order.refund_requested': ['payment-service'],
  'payment.created': ['order-service', 'return-service'],
  'payment.authorized': ['order-service'],
  'payment.captured': ['order-service'],
  'payment.failed': ['order-service', 'notification-service'],
  'payment.voided': ['order-service'],
  'payment.refunded': ['order-service', 'return-service'],
  'payment.refund_failed': ['order-service', 'return-service'],
  'payment.charged_back': ['order-service'],
  'payment.chargeback_closed': ['order-service'],
  'return.initiated': ['order-service', 'notification-service'],
  'return.approved': ['notification-service'],
  'return.rejected': ['order-service', 'notification-service'],
  'return.received': ['notification-service'],
  'return.processed': ['payment-service'],
  'return.refund_requested': ['payment-service'],
  'return.refund_withdrawn': ['payment-service'],
  'return.refunded': ['order-service', 'payment-service', 'notification-service'],
  'return.refund_failed': ['notification-service'],
  'return.cancelled': ['order-service'],
};
