import type { EntityManager } from '@mikro-orm/postgresql';
import { query, timelinePart, traceIdOf, type Query } from '@oms/chassis';
import { ByOrderId, ByReturnId, TIMELINE_PART, type Actor, type TimelineEntry } from '@oms/contracts';

interface Told {
  id: string;
  event_id: string;
  template: string;
  recipient: string | null;
  subject: string | null;
  status: string;
  created_at: Date;
  reason: string | null;
  traceparent: string | null;
}

/** The messages about an order or a return, with the trace of the event that made each. A customer reads its own. One statement. */
async function messagesAbout(
  em: EntityManager,
  column: 'order_id' | 'return_id',
  id: string,
  caller: Actor,
): Promise<TimelineEntry[]> {
  const own = caller.type === 'customer';
  const rows = await em.execute<Told[]>(
    `select m.id, m.event_id, m.template, m.recipient, m.subject, m.status, m.reason, m.created_at, i.headers->>'traceparent' as traceparent
       from notifications.message m left join notifications.inbox i on i.event_id = m.event_id
      where m.${column} = ? ${own ? 'and m.customer_id = ?' : ''} order by m.created_at desc, m.id desc limit ${TIMELINE_PART}`,
    own ? [id, caller.id] : [id],
  );
  return rows.reverse().map((row) => ({
    at: new Date(row.created_at).toISOString(),
    source: 'message',
    kind: 'message',
    title: titleOf(row),
    actor: { type: 'system', id: 'notification-service' },
    eventId: row.event_id,
    traceId: traceIdOf(row.traceparent),
    detail: {
      messageId: row.id,
      template: row.template,
      recipient: row.recipient,
      status: row.status,
      reason: row.reason,
    },
  }));
}

const OUTCOMES: Readonly<Record<string, string>> = {
  sent: 'Message sent',
  failed: 'Message that could not be delivered',
  suppressed: 'Message that was not sent, because it may not be or there is nobody to send it to',
};
const titleOf = ({ status, subject, template }: Told): string =>
  `${OUTCOMES[status] ?? 'Message to be sent'}: ${subject ?? template}`;

/** The messages' part of an order's timeline. */
export const orderTimeline: Query = query({
  name: 'order.timeline',
  access: 'customer',
  schema: ByOrderId,
  run: async (em, { orderId }, caller) => ({
    body: timelinePart(await messagesAbout(em, 'order_id', orderId, caller)),
  }),
});

/** The messages' part of a return's timeline. */
export const returnTimeline: Query = query({
  name: 'return.timeline',
  access: 'customer',
  schema: ByReturnId,
  run: async (em, { returnId }, caller) => ({
    body: timelinePart(await messagesAbout(em, 'return_id', returnId, caller)),
  }),
});
