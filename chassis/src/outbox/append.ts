import type { EntityManager } from '@mikro-orm/postgresql';

/** One public event on its way out, as its aggregate's transaction writes it. */
export interface OutboxRow {
  eventId: string;
  aggregateType: string;
  aggregateId: string;
  sequence: number;
  subject: string;
  type: string;
  payload: object;
  headers: Record<string, string>;
}

/** Largest payload that is published, in bytes of JSON (DESIGN §4): past it, the transaction fails instead of the relay. */
const MAX_PAYLOAD_BYTES = 900_000;

/** Writes events into the outbox of `schema`, all in one statement, in the transaction of `em`. */
export async function appendOutbox(
  em: EntityManager,
  schema: string,
  rows: readonly OutboxRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const values: unknown[] = [];
  for (const row of rows) {
    const payload = JSON.stringify(row.payload);
    if (payload.length > MAX_PAYLOAD_BYTES)
      throw new Error(`${row.type} of ${row.aggregateId} has ${payload.length} bytes`);
    values.push(
      row.eventId,
      row.aggregateType,
      row.aggregateId,
      row.sequence,
      row.subject,
      row.type,
      payload,
      JSON.stringify(row.headers),
    );
  }
  await em.execute(
    `insert into "${schema}".outbox (event_id, aggregate_type, aggregate_id, agg_seq, subject, type, payload, headers)
     values ${rows.map(() => '(?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb)').join(', ')}`,
    values,
  );
}
