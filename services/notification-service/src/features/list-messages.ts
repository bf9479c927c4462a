import { decodeCursor, encodeCursor, fingerprint, query } from '@oms/chassis';
import { listNotificationsQuery } from '@oms/contracts';
import { MessageRow } from '../persistence/entities.js';

/** What was recorded, newest first; one statement a page. */
export const listMessages = query({
  name: 'notification.list',
  schema: listNotificationsQuery,
  run: async (em, { limit, cursor, ...filters }) => {
    const bound = fingerprint(filters).slice(0, 16);
    const where: Record<string, unknown>[] = Object.entries(filters)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({ [name]: value }));
    if (cursor) {
      const last = decodeCursor(cursor, bound);
      const key = new Date(last.key);
      where.push({ $or: [{ createdAt: { $lt: key } }, { createdAt: key, id: { $lt: last.id } }] });
    }
    const rows = await em.find(
      MessageRow,
      { $and: where },
      {
        orderBy: { createdAt: 'desc', id: 'desc' },
        limit: limit + 1,
      },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      body: {
        data: page.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })),
        nextCursor:
          rows.length > limit && last
            ? encodeCursor({ key: last.createdAt.toISOString(), id: last.id }, bound)
            : null,
      },
    };
  },
});
