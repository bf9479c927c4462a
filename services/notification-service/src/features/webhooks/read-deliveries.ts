import { fingerprint, PLANNED_ANEW, query, Refused } from '@oms/chassis';
import type { EntityManager } from '@mikro-orm/postgresql';
import { ByDelivery, ListDeliveries, type DeliveryView } from '@oms/contracts';
import {
  DELIVERY_COLUMNS,
  deliverySummary,
  findEndpoint,
  type DeliveryRow,
} from '../../persistence/webhook.repository.js';

interface TryRow {
  at: string;
  response_status: number | null;
  error: string | null;
  duration_ms: number;
  response: string | null;
}

/**
 * One delivery with every try; null when there is none. One statement: a try that ended between two of them showed its
 * answer beside a status of before.
 */
export async function deliveryView(
  em: EntityManager,
  webhookId: string,
  eventId: string,
): Promise<DeliveryView | null> {
  const [row] = await em.execute<(DeliveryRow & { tries: TryRow[] })[]>(
    `select ${DELIVERY_COLUMNS},
            (select coalesce(json_agg(t order by t.id), '[]') from notifications.webhook_try t
              where t.endpoint_id = d.endpoint_id and t.event_id = d.event_id) as tries
       from notifications.webhook_delivery d where endpoint_id = ? and event_id = ?`,
    [webhookId, eventId],
  );
  if (!row) return null;
  return {
    ...deliverySummary(row),
    log: row.tries.map((one) => ({
      at: new Date(one.at).toISOString(),
      responseStatus: one.response_status,
      error: one.error,
      durationMs: one.duration_ms,
      response: one.response,
    })),
  };
}

export const getDelivery = query({
  name: 'webhook.get_delivery',
  access: 'admin',
  schema: ByDelivery,
  run: async (em, { webhookId, eventId }) => {
    const body = await deliveryView(em, webhookId, eventId);
    if (!body) throw new Refused('not_found');
    return { body };
  },
});

/** Newest first. */
export const listDeliveries = query({
  name: 'webhook.list_deliveries',
  access: 'admin',
  schema: ListDeliveries,
  run: async (em, { webhookId, limit, cursor, status, type }, _, { cursors }) => {
    if (!(await findEndpoint(em, webhookId))) throw new Refused('not_found');
    const bound = fingerprint([webhookId, status, type]).slice(0, 16);
    const after = cursor ? cursors.decode(cursor, bound) : null;
    const ordered = 'order by created_at desc, event_id desc limit ?';
    // A branch for each status: each is read from its own end of an index, and stops at the page's length.
    const branches = [...new Set(status ?? [null])].map((one) => ({
      sql: `(select ${DELIVERY_COLUMNS}, created_at::text as key from notifications.webhook_delivery
              where endpoint_id = ? ${one ? `and status = '${one}'` : ''} ${type ? 'and type = ?' : ''}
                    ${after ? 'and (created_at, event_id) < (?::timestamptz, ?)' : ''} ${ordered})`,
      values: [webhookId, ...(type ? [type] : []), ...(after ? [after.key, after.id] : []), limit + 1],
    }));
    const rows = await em.execute<(DeliveryRow & { key: string })[]>(
      `${PLANNED_ANEW} select * from (${branches.map(({ sql }) => sql).join(' union all ')}) page ${ordered}`,
      [...branches.flatMap(({ values }) => values), limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      body: {
        data: page.map(deliverySummary),
        nextCursor:
          rows.length > limit && last ? cursors.encode({ key: last.key, id: last.event_id }, bound) : null,
      },
    };
  },
});
