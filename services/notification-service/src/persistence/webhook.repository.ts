import type { EntityManager } from '@mikro-orm/postgresql';
import type { DeliveryStatus, DeliverySummary, WebhookView } from '@oms/contracts';

/** A secret that signs until it ends; the newest has no end. */
export interface Secret {
  secret: string;
  createdAt: string;
  expiresAt: string | null;
}

export interface EndpointRow {
  id: string;
  url: string;
  events: string[];
  description: string | null;
  metadata: Record<string, string>;
  status: WebhookView['status'];
  disabled_reason: string | null;
  failing_since: Date | null;
  secrets: Secret[];
  created_by: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

const iso = (time: Date | null): string | null => (time === null ? null : new Date(time).toISOString());

/** Whether a secret still signs. */
export const isLive = ({ expiresAt }: Secret, now: Date): boolean =>
  expiresAt === null || new Date(expiresAt) > now;

/** An endpoint as it may be shown: without its secrets. */
export const endpointView = (row: EndpointRow, now = new Date()): WebhookView => ({
  id: row.id,
  url: row.url,
  events: row.events,
  description: row.description,
  metadata: row.metadata,
  status: row.status,
  disabledReason: row.disabled_reason,
  failingSince: iso(row.failing_since),
  secrets: row.secrets
    .filter((secret) => isLive(secret, now))
    .map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
  createdBy: row.created_by,
  version: row.version,
  createdAt: iso(row.created_at) ?? '',
  updatedAt: iso(row.updated_at) ?? '',
});

export async function findEndpoint(
  em: EntityManager,
  id: string,
  lock: '' | 'for update' = '',
): Promise<EndpointRow | null> {
  const [row] = await em.execute<EndpointRow[]>(
    `select * from notifications.webhook_endpoint where id = ? ${lock}`,
    [id],
  );
  return row ?? null;
}

export interface DeliveryRow {
  endpoint_id: string;
  event_id: string;
  type: string;
  status: DeliveryStatus;
  attempts: number;
  next_at: Date | null;
  response_status: number | null;
  error: string | null;
  created_at: Date;
  finished_at: Date | null;
}

export const DELIVERY_COLUMNS =
  'endpoint_id, event_id, type, status, attempts, next_at, response_status, error, created_at, finished_at';

export const deliverySummary = (row: DeliveryRow): DeliverySummary => ({
  webhookId: row.endpoint_id,
  eventId: row.event_id,
  type: row.type,
  status: row.status,
  attempts: row.attempts,
  nextAttemptAt: iso(row.next_at),
  responseStatus: row.response_status,
  error: row.error,
  createdAt: iso(row.created_at) ?? '',
  finishedAt: iso(row.finished_at),
});

export async function findDelivery(
  em: EntityManager,
  webhookId: string,
  eventId: string,
  lock: '' | 'for update' = '',
): Promise<DeliveryRow | null> {
  const [row] = await em.execute<DeliveryRow[]>(
    `select ${DELIVERY_COLUMNS} from notifications.webhook_delivery where endpoint_id = ? and event_id = ? ${lock}`,
    [webhookId, eventId],
  );
  return row ?? null;
}

/**
 * A delivery for each enabled endpoint that asks for an event, made in the statement that stores the event: an event is
 * stored once, so it is delivered once to each, and where nobody asks for anything it costs a look into an empty table.
 */
export const projectDeliveries = `
  insert into notifications.webhook_delivery (endpoint_id, event_id, type)
  select e.id, s.event_id, s.type from stored s join notifications.webhook_endpoint e
      on e.status = 'enabled' and e.events && array[s.type, s.aggregate_type || '.*', '*']
   where s.state <> 'parked'
  on conflict (endpoint_id, event_id) do nothing returning 1`;

/** One delivery that is due, with everything that its try needs. */
export interface DueDelivery {
  endpoint_id: string;
  event_id: string;
  type: string;
  attempts: number;
  url: string;
  secrets: Secret[];
  failing_since: Date | null;
  /** The event's attributes and body; null when it is no longer kept. */
  headers: Record<string, string> | null;
  payload: object | null;
}

/**
 * Takes up to `limit` due deliveries of endpoints that work, or of those that fail, and counts the try before it is made.
 * Whoever has the least under way is served first, and nobody has more than `each`: neither a dead endpoint nor one with a
 * long backlog delays another. `underWay` are the tries of this process by endpoint.
 */
export const takeDueDeliveries = (
  em: EntityManager,
  options: {
    limit: number;
    each: number;
    failing: boolean;
    leaseMs: number;
    underWay: Record<string, number>;
  },
): Promise<DueDelivery[]> =>
  em.execute<DueDelivery[]>(
    `with under_way as (select key as endpoint_id, value::int as count from jsonb_each_text(?::jsonb)),
     due as (
       select e.id, e.url, e.secrets, e.failing_since, d.event_id, d.next_at,
              coalesce(u.count, 0) + row_number() over (partition by e.id order by d.next_at) as turn
         from notifications.webhook_endpoint e left join under_way u on u.endpoint_id = e.id
         cross join lateral (
           select event_id, next_at from notifications.webhook_delivery
            where endpoint_id = e.id and status = 'pending' and next_at <= now()
            order by next_at limit greatest(0, ? - coalesce(u.count, 0)) for update skip locked) d
        where e.status = 'enabled' and (e.failing_since is not null) = ?),
     taken as (select * from due order by turn, next_at limit ?)
     update notifications.webhook_delivery d
        set attempts = attempts + 1, next_at = now() + ? * interval '1 millisecond'
       from taken t left join notifications.inbox i on i.event_id = t.event_id
      where d.endpoint_id = t.id and d.event_id = t.event_id
     returning d.endpoint_id, d.event_id, d.type, d.attempts, t.url, t.secrets, t.failing_since,
               coalesce(d.test_headers, i.headers) as headers, coalesce(d.test_payload, i.payload) as payload`,
    [JSON.stringify(options.underWay), options.each, options.failing, options.limit, options.leaseMs],
  );
