import { newId, type EventCtx } from '@oms/chassis';
import type { EventEnvelope } from '@oms/contracts';
import { recipientOf, render } from '../domain/templates.js';

/** Renders and records the message of an event: one for each event and template, whatever is delivered again. */
export async function recordMessage(event: EventEnvelope, { em }: EventCtx): Promise<void> {
  const message = render(event);
  if (!message) return;
  const about = event.data as { orderId?: string; returnId?: string | null };
  await em.execute(
    `insert into notifications.message (id, event_id, template, locale, recipient, order_id, return_id, subject, body, status, created_at)
     values (?, ?, ?, 'en', ?, ?, ?, ?, ?, 'recorded', ?) on conflict (event_id, template) do nothing`,
    [
      newId('msg'),
      event.id,
      event.type,
      recipientOf(event),
      about.orderId ?? null,
      about.returnId ?? null,
      message.subject,
      message.body,
      new Date(),
    ],
  );
}
