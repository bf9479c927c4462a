import type { EventName } from '@oms/contracts';

/** Whom a message about an event is for, and whether that person may do without it. */
export interface Announcement {
  to: 'customer' | 'staff';
  /**
   * A courtesy that the customer may unsubscribe from. The others carry out the contract (order, money, what was decided
   * on a return): no law asks for a way out of them, and a customer without them would be worse off.
   */
  optional?: true;
}

/** Which events somebody hears of. The key is the template's name too. */
export const announcements = {
  'order.confirmed': { to: 'customer' },
  'order.shipment_created': { to: 'customer' },
  'order.delivered': { to: 'customer', optional: true },
  'order.cancelled': { to: 'customer' },
  'payment.failed': { to: 'customer' },
  'return.initiated': { to: 'customer', optional: true },
  'return.approved': { to: 'customer' },
  'return.rejected': { to: 'customer' },
  'return.received': { to: 'customer', optional: true },
  'return.refunded': { to: 'customer' },
  'return.refund_failed': { to: 'staff' },
} as const satisfies Partial<Record<EventName, Announcement>>;

export type Announced = keyof typeof announcements;
export const isAnnounced = (name: string): name is Announced => Object.hasOwn(announcements, name);
export const announcementOf = (name: Announced): Announcement => announcements[name];
