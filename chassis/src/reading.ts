import type { EntityManager } from '@mikro-orm/postgresql';
import type { HistoryView } from '@oms/contracts';

interface HistoryRow {
  from_status: string | null;
  to_status: string;
  transition: string;
  actor: HistoryView['data'][number]['actor'];
  reason: string | null;
  at: Date;
  event_id: string | null;
  changed: string[] | null;
}

/** The audit trail of one aggregate, oldest first. */
export async function historyOf(
  em: EntityManager,
  schema: string,
  aggregateId: string,
): Promise<HistoryView> {
  const rows = await em.execute<HistoryRow[]>(
    `select from_status, to_status, transition, actor, reason, at, event_id, changed from "${schema}".history where aggregate_id = ? order by id`,
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
      changed: row.changed,
    })),
  };
}
