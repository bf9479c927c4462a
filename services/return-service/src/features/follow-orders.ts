import type { EntityManager } from '@mikro-orm/postgresql';
import type { EventPayload } from '@oms/contracts';
import { keepCancellation, keepDelivery, keepOrder } from '../persistence/order-snapshot.repository.js';

/** An order was placed or changed: its lines and what was paid for them are remembered. */
export const followOrder = (
  em: EntityManager,
  order: EventPayload<'order.placed' | 'order.updated'>,
): Promise<void> => keepOrder(em, order);

/** A parcel arrived: its units may come back from now on. */
export const followDelivery = (
  em: EntityManager,
  parcel: EventPayload<'order.shipment_delivered'>,
): Promise<void> => keepDelivery(em, parcel.orderId, parcel.items, parcel.deliveredAt);

/** Units were cancelled before they shipped: they stand before the returned ones in their line's running sum. */
export const followCancellation = (
  em: EntityManager,
  part: EventPayload<'order.items_cancelled'>,
): Promise<void> => keepCancellation(em, part.orderId, part.items, part.total);
