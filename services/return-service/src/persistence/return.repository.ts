import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Refused } from '@oms/chassis';
import { standardPolicy } from '../domain/policy.js';
import type { ReturnLine } from '../domain/return-line.machine.js';
import type { ReturnState } from '../domain/return.js';
import { Return, ReturnItem } from './entities.js';
import { claimMoney, claimUnits, lockOrder, type Claim } from './order-snapshot.repository.js';

/** The next human number of a return, `RET-100001` and on; a rolled back creation leaves a gap. */
export async function nextNumber(em: EntityManager): Promise<string> {
  const [row] = await em.execute<{ n: string }[]>(`select nextval('returns.return_number_seq')::text as n`);
  return `RET-${row!.n}`;
}

/** The state of a return for a read, without a lock; null when there is none. */
export async function readReturn(em: EntityManager, id: string): Promise<ReturnState | null> {
  return load(em, id, LockMode.NONE);
}

/** The state of a return for a change: its row and then its order's are locked, always in this sequence, so that no two changes wait for each other. */
export async function findReturn(em: EntityManager, id: string): Promise<ReturnState | null> {
  const state = await load(em, id, LockMode.PESSIMISTIC_WRITE);
  if (state) await lockOrder(em, state.orderId);
  return state;
}

async function load(em: EntityManager, id: string, lockMode: LockMode): Promise<ReturnState | null> {
  const row = await em.findOne(Return, { id }, { lockMode, refresh: true });
  if (!row) return null;
  const lines = await em.find(ReturnItem, { returnId: id }, { orderBy: { position: 'asc' }, refresh: true });
  return toState(row, lines);
}

/** Stores a new return and claims its units. The order must be locked. */
export async function insertReturn(em: EntityManager, state: ReturnState): Promise<void> {
  em.create(Return, fieldsOf(state));
  state.lines.forEach((line, position) => {
    em.create(ReturnItem, { ...line, returnId: state.id, position });
  });
  await em.flush().catch((error: unknown) => {
    const taken =
      error instanceof UniqueConstraintViolationException &&
      error.message.includes('return_external_ref_key');
    throw taken ? new Refused('external_ref_taken') : error;
  });
  await claimUnits(em, state.orderId, state.lines);
}

/** Stores a changed return, and moves the claims on its order's units by what changed. */
export async function saveReturn(em: EntityManager, state: ReturnState): Promise<void> {
  const row = await em.findOneOrFail(Return, { id: state.id });
  const claims: Claim[] = [];
  for (const line of state.lines) {
    // By its key: what was loaded for the change is not read again.
    const item = await em.findOneOrFail(ReturnItem, { id: line.id });
    const { held, returned } = item;
    Object.assign(item, line);
    claims.push({
      orderItemId: line.orderItemId,
      held: line.held - held,
      returned: line.returned - returned,
    });
  }
  const amountFixed = row.refundBreakdown === null && state.refundBreakdown !== null;
  Object.assign(row, fieldsOf(state));
  await em.flush();
  await claimUnits(em, state.orderId, claims);
  if (amountFixed && state.refundBreakdown) await claimMoney(em, state.orderId, state.refundBreakdown);
}

/** A copy, so that what the machine does to a state never reaches the entity by itself. */
export function toState(row: Return, items: readonly ReturnItem[]): ReturnState {
  return structuredClone({
    ...scalars(row),
    lines: items.map(toLine),
  });
}

function scalars(row: Return): Omit<ReturnState, 'lines'> {
  return {
    id: row.id,
    number: row.number,
    orderId: row.orderId,
    customerId: row.customerId ?? null,
    currency: row.currency,
    externalRef: row.externalRef ?? null,
    status: row.status,
    previousStatus: row.previousStatus ?? null,
    version: row.version,
    eventSeq: row.eventSeq,
    lastTransition: row.lastTransition ?? null,
    statusTimes: row.statusTimes,
    note: row.note ?? null,
    metadata: row.metadata,
    refundMethod: row.refundMethod,
    override: row.override ?? null,
    policyVersion: row.policyVersion,
    policy: row.policy ?? standardPolicy,
    pickup: row.pickup ?? null,
    carrier: row.carrier ?? null,
    trackingNumber: row.trackingNumber ?? null,
    returnAddress: row.returnAddress ?? null,
    refundAmount: row.refundAmount ?? null,
    refundBreakdown: row.refundBreakdown ?? null,
    refundInputs: row.refundInputs ?? null,
    adjustmentReason: row.adjustmentReason ?? null,
    refundId: row.refundId ?? null,
    paymentRefunds: row.paymentRefunds,
    refundIds: row.refundIds,
    endReason: row.endReason ?? null,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

function toLine(item: ReturnItem): ReturnLine {
  return {
    id: item.id,
    orderItemId: item.orderItemId,
    sku: item.sku,
    status: item.status,
    quantity: item.quantity,
    reason: item.reason,
    comment: item.comment ?? null,
    receivedQuantity: item.receivedQuantity ?? null,
    condition: item.condition ?? null,
    acceptedQuantity: item.acceptedQuantity ?? null,
    disposition: item.disposition ?? null,
    refundAmount: item.refundAmount ?? null,
    held: item.held,
    returned: item.returned,
  };
}

function fieldsOf(state: ReturnState): Omit<ReturnState, 'lines'> {
  const { lines: _, ...fields } = structuredClone(state);
  return fields;
}
