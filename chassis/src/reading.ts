import type { EntityManager } from '@mikro-orm/postgresql';
import type { HistoryView } from '@oms/contracts';
import { Refused } from './refused.js';

interface HistoryRow {
  from_status: string | null;
  to_status: string;
  transition: string;
  actor: HistoryView['data'][number]['actor'];
  reason: string | null;
  at: Date;
  event_id: string | null;
}

/** The audit trail of one aggregate, oldest first. */
export async function historyOf(
  em: EntityManager,
  schema: string,
  aggregateId: string,
): Promise<HistoryView> {
  const rows = await em.execute<HistoryRow[]>(
    `select from_status, to_status, transition, actor, reason, at, event_id from "${schema}".history where aggregate_id = ? order by id`,
    [aggregateId],
  );
  return {
    data: rows.map((row) => ({
      from: row.from_status,
      to: row.to_status,
      transition: row.transition,
      actor: row.actor,
      reason: row.reason,
      at: new Date(row.at).toISOString(),
      eventId: row.event_id,
    })),
  };
}

/** Where a page begins: the sort key and the id of the last row before it. Opaque to clients, bound to the query by its hash. */
export interface Keyset {
  key: string | number;
  id: string;
}

/** A cursor for the row after `last`, valid only for the same filters. */
export const encodeCursor = (last: Keyset, filters: string): string =>
  Buffer.from(JSON.stringify([last.key, last.id, filters])).toString('base64url');

/** Reads a cursor back; refuses one that is not ours or belongs to other filters. */
export function decodeCursor(cursor: string, filters: string): Keyset {
  try {
    const [key, id, bound] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as [
      string | number,
      string,
      string,
    ];
    if (bound === filters && typeof id === 'string' && (typeof key === 'string' || typeof key === 'number'))
      return { key, id };
  } catch {
    // Falls through: garbage and a stranger's cursor are the same to us.
  }
  throw new Refused('malformed_cursor');
}
