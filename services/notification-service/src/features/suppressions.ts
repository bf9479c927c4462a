import { query, Refused, type Command } from '@oms/chassis';
import { ByAddress, listSuppressionsQuery } from '@oms/contracts';
import { keyOf } from '../persistence/message.repository.js';

interface Row {
  address: string;
  reason: string;
  created_at: Date;
}
const viewOf = (row: Row) => ({
  address: row.address,
  reason: row.reason,
  createdAt: new Date(row.created_at).toISOString(),
});

export const listSuppressions = query({
  name: 'notification.suppressions',
  schema: listSuppressionsQuery,
  run: async (em, { limit, cursor }, _, { cursors }) => {
    const after = cursor ? cursors.decode(cursor, 'suppressions') : null;
    const rows = await em.execute<Row[]>(
      `select * from notifications.suppressed_address
        ${after ? 'where (created_at, address) < (?::timestamptz, ?)' : ''} order by created_at desc, address desc limit ?`,
      [...(after ? [after.key, after.id] : []), limit + 1],
    );
    const page = rows.slice(0, limit).map(viewOf);
    const last = page.at(-1);
    return {
      body: {
        data: page,
        nextCursor:
          rows.length > limit && last
            ? cursors.encode({ key: last.createdAt, id: last.address }, 'suppressions')
            : null,
      },
    };
  },
});

/** Somebody knows that the address is good again. What was suppressed meanwhile is sent again one by one, or never. */
export const liftSuppression: Command = {
  kind: 'command',
  name: 'notification.lift_suppression',
  access: 'staff',
  schema: ByAddress,
  async run(ctx, { address }: ByAddress) {
    const [row] = await ctx.em.execute<Row[]>(
      `delete from notifications.suppressed_address where address = ? returning *`,
      [keyOf(address)],
    );
    if (!row) throw new Refused('not_found');
    return { body: viewOf(row) };
  },
};
