import type { UnitOfWork } from '../unit-of-work.js';

/** Puts a parked event back to work; its aggregate's later events follow it. False when nothing is parked under this id. */
export async function redrive(uow: UnitOfWork, schema: string, eventId: string): Promise<boolean> {
  const rows = await uow
    .reader()
    .execute<object[]>(
      `update "${schema}".inbox set state = 'new', started_attempts = 0, finished_attempts = 0, next_at = now() where event_id = ? and state = 'parked' returning event_id`,
      [eventId],
    );
  return rows.length === 1;
}

/** Gives a parked event up, with a reason that stays, and lets its aggregate go on. False when nothing is parked under this id. */
export async function discard(
  uow: UnitOfWork,
  schema: string,
  eventId: string,
  reason: string,
): Promise<boolean> {
  return uow.run(async (em) => {
    const rows = await em.execute<object[]>(
      `with gone as (update "${schema}".inbox set state = 'done', done_at = now(), error = ? where event_id = ? and state = 'parked'
                     returning aggregate_type, aggregate_id, agg_seq)
       insert into "${schema}".inbox_cursor as c (aggregate_type, aggregate_id, last_seq) select * from gone
       on conflict (aggregate_type, aggregate_id) do update set last_seq = greatest(c.last_seq, excluded.last_seq) returning aggregate_id`,
      [`discarded: ${reason}`, eventId],
    );
    return rows.length === 1;
  });
}
