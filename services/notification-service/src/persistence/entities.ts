import { defineEntity, p } from '@mikro-orm/core';
import type { EventName, EventPayload, MessageStatus } from '@oms/contracts';
import type { ChannelName } from '../domain/message.js';

const MessageSchema = defineEntity({
  name: 'MessageRow',
  tableName: 'message',
  properties: {
    id: p.text().primary(),
    status: p.text().$type<MessageStatus>(),
    previousStatus: p.text().nullable(),
    version: p.integer(),
    eventSeq: p.integer(),
    lastTransition: p.json<{ on: string; fingerprint: string } | null>().nullable(),
    statusTimes: p.json<Record<string, string>>(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    eventId: p.text(),
    template: p.text().$type<EventName>(),
    event: p.json<EventPayload<EventName>>(),
    channel: p.text().$type<ChannelName>(),
    customerId: p.text().nullable(),
    orderId: p.text().nullable(),
    returnId: p.text().nullable(),
    recipient: p.text().nullable(),
    locale: p.text().nullable(),
    subject: p.text().nullable(),
    body: p.text().nullable(),
    messageId: p.text().nullable(),
    unsubscribeToken: p.text(),
    round: p.integer(),
    attempts: p.integer(),
    nextAt: p.datetime().nullable(),
    giveUpAt: p.datetime(),
    providerRef: p.text().nullable(),
    reason: p.text().nullable(),
  },
});
/** One message to one recipient: the event it is about, what was said, and how its delivery stands. */
export class MessageRow extends MessageSchema.class {}
MessageSchema.setClass(MessageRow);
