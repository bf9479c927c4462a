import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { announcements } from '../domain/announcements.js';
import type { MessageState } from '../domain/message.js';
import { MessageRow } from './entities.js';

const toState = (row: MessageRow): MessageState => structuredClone({ ...row }) as unknown as MessageState;

export async function loadMessage(
  em: EntityManager,
  id: string,
  lock: boolean,
): Promise<MessageState | null> {
  const row = await em.findOne(
    MessageRow,
    { id },
    lock ? { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } : {},
  );
  return row ? toState(row) : null;
}

export async function insertMessage(em: EntityManager, state: MessageState): Promise<void> {
  em.create(MessageRow, structuredClone(state) as never);
  await em.flush();
}

export async function saveMessage(em: EntityManager, state: MessageState): Promise<void> {
  const row = await em.findOneOrFail(MessageRow, { id: state.id });
  Object.assign(row, structuredClone(state));
  await em.flush();
}

/** Whether the event has its message already: an inbox that forgot the event must not make a second one. */
export async function isRecorded(em: EntityManager, eventId: string, template: string): Promise<boolean> {
  const rows = await em.execute<object[]>(
    `select 1 from notifications.message where event_id = ? and template = ?`,
    [eventId, template],
  );
  return rows.length > 0;
}

const staffTemplates = Object.entries(announcements)
  .filter(([, { to }]) => to === 'staff')
  .map(([template]) => `'${template}'`);
const isForStaff = (message: string): string => `(${message}.template in (${staffTemplates.join()}))`;

export interface DueMessage {
  id: string;
  attempts: number;
}

/**
 * Takes up to `limit` messages that are due, oldest first, and counts the attempt before it is made: for `leaseMs` they
 * are this process's, and after that whoever asks first goes on with them. Of one order only the first is taken, so that
 * nobody reads of the arrival before the departure; what its customer has not got yet does not keep staff waiting, or the
 * other way round.
 */
export const takeDue = (em: EntityManager, limit: number, leaseMs: number): Promise<DueMessage[]> =>
  em.execute<DueMessage[]>(
    `update notifications.message set attempts = attempts + 1, next_at = now() + ? * interval '1 millisecond'
      where id in (select id from notifications.message m where status in ('queued', 'sending') and next_at <= now()
                      and not exists (select from notifications.message earlier where earlier.order_id = m.order_id
                                         and earlier.id < m.id and earlier.status in ('queued', 'sending')
                                         and ${isForStaff('earlier')} = ${isForStaff('m')})
                    order by next_at limit ? for update skip locked)
      returning id, attempts`,
    [leaseMs, limit],
  );

/** Who must not be written to (a mail server refused the address for good), and who does not want what is optional. */
export async function refusals(
  em: EntityManager,
  address: string,
  customerId: string | null,
): Promise<{ suppressed: boolean; optedOut: boolean }> {
  const [row] = await em.execute<{ suppressed: boolean; opted_out: boolean }[]>(
    `select exists (select from notifications.suppressed_address where address = ?) as suppressed,
            exists (select from notifications.opt_out where subject in (?, ?)) as opted_out`,
    [keyOf(address), addressSubject(address), customerSubject(customerId ?? '')],
  );
  return { suppressed: row?.suppressed ?? false, optedOut: row?.opted_out ?? false };
}

/** Domains know no case, and no mailbox in use does. */
export const keyOf = (address: string): string => address.toLowerCase();
export const addressSubject = (address: string): string => `address:${keyOf(address)}`;
export const customerSubject = (customerId: string): string => `customer:${customerId}`;
