import { Refused } from '../refused.js';

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

/** Largest payload that is published, in bytes of JSON (DESIGN §4): past it, the change is refused instead of the relay stuck. */
const MAX_PAYLOAD_BYTES = 512 * 1024;

/** The insert of one or more events into the outbox of `schema`, to be run, or to be a part of a statement, in the transaction that tells them. */
export function outboxInsert(
  schema: string,
  rows: readonly OutboxRow[],
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  for (const row of rows) {
    const payload = JSON.stringify(row.payload);
    if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) throw new Refused('event_too_large');
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
  return {
    text: `insert into "${schema}".outbox (event_id, aggregate_type, aggregate_id, agg_seq, subject, type, payload, headers)
     values ${rows.map(() => '(?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb)').join(', ')}`,
    values,
  };
}
