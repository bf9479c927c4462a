import { equals, list, oneOf, query, Refused, where } from '@oms/chassis';
import { ByMessageId, listNotificationsQuery } from '@oms/contracts';
import type { MessageState } from '../domain/message.js';
import { viewOf } from '../domain/message.view.js';
import { MessageRow } from '../persistence/entities.js';
import { keyOf, loadMessage } from '../persistence/message.repository.js';

export const getMessage = query({
  name: 'notification.get',
  schema: ByMessageId,
  run: async (em, { messageId }) => {
    const message = await loadMessage(em, messageId, false);
    if (!message) throw new Refused('not_found');
    return { body: viewOf(message), version: message.version };
  },
});

/** Newest first; one statement a page. */
export const listMessages = list({
  name: 'notification.list',
  schema: listNotificationsQuery,
  ids: 'msg',
  from: 'notifications.message',
  columns: '*',
  sorts: {},
  filters: {
    orderId: equals('order_id'),
    returnId: equals('return_id'),
    status: oneOf('status'),
    recipient: (recipient) =>
      where('(recipient in (?, ?) or customer_id = ?)', recipient, keyOf(recipient), recipient),
  },
  show: (em, rows) => rows.map((row) => viewOf(em.map(MessageRow, row) as unknown as MessageState)),
});
