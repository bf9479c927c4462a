import { at, born, transit, type Ctx } from '@oms/chassis';
import type { EventEnvelope } from '@oms/contracts';
import { randomBytes } from 'node:crypto';
import { announcementOf, isAnnounced } from '../domain/announcements.js';
import type { ChannelName, MessageState } from '../domain/message.js';
import { messageAggregate } from '../persistence/message.aggregate.js';
import { isRecorded } from '../persistence/message.repository.js';

/** How a recorded message is to go out. */
export interface Posting {
  staffChannel: ChannelName;
  patienceMs: number;
}

/**
 * The intent to tell somebody of an event, in the transaction that marks it as done: one for each event and template,
 * whatever is delivered again. Who it goes to and what it says is found out when it is sent.
 */
export async function recordMessage(ctx: Ctx, event: EventEnvelope, posting: Posting): Promise<boolean> {
  if (!isAnnounced(event.type) || (await isRecorded(ctx.em, event.id, event.type))) return false;
  const forStaff = announcementOf(event.type).to === 'staff';
  const about = event.data as { orderId: string; returnId?: string | null; customerId: string | null };
  const message: MessageState = {
    ...born('msg', ctx.now),
    status: 'queued',
    eventId: event.id,
    template: event.type,
    event: event.data,
    channel: forStaff ? posting.staffChannel : 'email',
    customerId: forStaff ? null : about.customerId,
    orderId: about.orderId,
    returnId: about.returnId ?? null,
    recipient: forStaff ? 'staff' : null,
    locale: null,
    subject: null,
    body: null,
    messageId: null,
    unsubscribeToken: randomBytes(24).toString('base64url'),
    round: 1,
    attempts: 0,
    nextAt: ctx.now,
    giveUpAt: new Date(ctx.now.getTime() + posting.patienceMs),
    providerRef: null,
    reason: null,
  };
  await transit(ctx, messageAggregate, message, 'record', at(ctx, `record:${event.id}`) as never, {
    isNew: true,
  });
  return true;
}
