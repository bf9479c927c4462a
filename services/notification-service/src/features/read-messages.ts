import { decodeCursor, encodeCursor, fingerprint, query, Refused } from '@oms/chassis';
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
export const listMessages = query({
  name: 'notification.list',
  schema: listNotificationsQuery,
  run: async (em, { limit, cursor, ...filters }) => {
    const bound = fingerprint(filters).slice(0, 16);
    const { status, recipient, ...ids } = filters;
    const where: Record<string, unknown>[] = Object.entries(ids)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({ [name]: value }));
    if (status) where.push({ status: { $in: status } });
    if (recipient !== undefined)
      where.push({ $or: [{ recipient: { $in: [recipient, keyOf(recipient)] } }, { customerId: recipient }] });
    if (cursor) {
      const last = decodeCursor(cursor, bound);
      const key = new Date(last.key);
      if (Number.isNaN(Number(key))) throw new Refused('malformed_cursor');
      where.push({ $or: [{ createdAt: { $lt: key } }, { createdAt: key, id: { $lt: last.id } }] });
    }
    const rows = await em.find(
      MessageRow,
      { $and: where },
      { orderBy: { createdAt: 'desc', id: 'desc' }, limit: limit + 1 },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      body: {
        data: page.map((row) => viewOf(row as unknown as MessageState)),
        nextCursor:
          rows.length > limit && last
            ? encodeCursor({ key: last.createdAt.toISOString(), id: last.id }, bound)
            : null,
      },
    };
  },
});
