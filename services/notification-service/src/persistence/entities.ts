import { defineEntity, p } from '@mikro-orm/core';

const MessageSchema = defineEntity({
  name: 'MessageRow',
  tableName: 'message',
  properties: {
    id: p.text().primary(),
    eventId: p.text(),
    template: p.text(),
    locale: p.text(),
    recipient: p.text().nullable(),
    orderId: p.text().nullable(),
    returnId: p.text().nullable(),
    subject: p.text(),
    body: p.text(),
    status: p.text(),
    createdAt: p.datetime(),
  },
});
/** One message to one recipient, as it was worded when its event came. */
export class MessageRow extends MessageSchema.class {}
MessageSchema.setClass(MessageRow);
