import type { EntityManager } from '@mikro-orm/postgresql';
import type { EventPayload } from '@oms/contracts';

/** Money that has to go back and is only being taken: a return's request, or the cost of units that were cancelled. */
export type Awaiting =
  | { wantedFor: 'return'; request: EventPayload<'return.refund_requested'> }
  | { wantedFor: 'items_cancelled'; request: { orderId: string; amount: number } };

/** Keeps it until a capture of the order is answered. The order's payments must be locked. */
export async function awaitCapture(em: EntityManager, { wantedFor, request }: Awaiting): Promise<void> {
  await em.execute(
    `insert into payments.awaits_capture (order_id, wanted_for, request) values (?, ?, ?::jsonb)`,
    [request.orderId, wantedFor, JSON.stringify(request)],
  );
}

/** Takes what waits for a capture of the order, oldest first. The order's payments must be locked. */
export async function takeAwaiting(em: EntityManager, orderId: string): Promise<Awaiting[]> {
  return em.execute<Awaiting[]>(
    `with taken as (delete from payments.awaits_capture where order_id = ? returning *)
     select wanted_for as "wantedFor", request from taken order by id`,
    [orderId],
  );
}

/** Nothing is wanted for a return any more, or for one of its requests. The order's payments must be locked. */
export async function dropAwaiting(
  em: EntityManager,
  orderId: string,
  of: { returnId: string } | { refundId: string },
): Promise<void> {
  await em.execute(`delete from payments.awaits_capture where order_id = ? and request @> ?::jsonb`, [
    orderId,
    JSON.stringify(of),
  ]);
}
