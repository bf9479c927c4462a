import { describe, expect, it } from '@jest/globals';
import { allowedFrom, decide, NEW, verify, verifySaga } from '@oms/chassis/machine';
import { events } from '@oms/contracts';
import { refundOf, type RefundInputs } from '../src/domain/refund-sums.js';
import { standardPolicy } from '../src/domain/policy.js';
import { refundSaga } from '../src/domain/refund.saga.js';
import { returnLineMachine } from '../src/domain/return-line.machine.js';
import { returnMachine } from '../src/domain/return.machine.js';
import { refundStatus } from '../src/domain/return.js';
import type { ReturnInputs, ReturnState, ReturnStatus } from '../src/domain/return.js';

const at = new Date('2026-03-01T10:00:00Z');
const actor = { type: 'staff', id: 'sam' } as const;
let asked = 0;

/** Gives a return an input, as the runtime does it, and says what came of it. */
function give<On extends keyof ReturnInputs>(
  state: ReturnState,
  on: On,
  input: Omit<ReturnInputs[On], 'at' | 'actor' | 'fingerprint'>,
  fingerprint = `content-${++asked}`,
): string {
  const full = { ...input, at, actor, fingerprint } as unknown as ReturnInputs[On];
  const decision = decide(returnMachine, on === 'initiate' ? NEW : state.status, state, on, full);
  if (decision.outcome === 'refused') return decision.code;
  if (decision.outcome === 'already') return 'already';
  decision.row.does?.(state, full);
  state.previousStatus = state.status;
  state.status = decision.to as ReturnStatus;
  state.lastTransition = { on, fingerprint };
  return [decision.to, ...(decision.row.emits ?? [])].join(' ');
}

function newReturn(quantity = 2): ReturnState {
  return {
    id: 'ret_1',
    number: 'RET-100001',
    status: 'initiated',
    previousStatus: null,
    version: 0,
    eventSeq: 0,
    lastTransition: null,
    statusTimes: {},
    createdAt: at,
    updatedAt: at,
    orderId: 'ord_1',
    customerId: 'cus_1',
    currency: 'GBP',
    externalRef: null,
    note: null,
    metadata: {},
    refundMethod: 'original',
    override: null,
    policyVersion: 'standard-1',
    policy: standardPolicy,
    lines: [
      {
        id: 'rit_1',
        orderItemId: 'itm_1',
        sku: 'A',
        status: 'expected',
        quantity,
        reason: 'changed_mind',
        comment: null,
        receivedQuantity: null,
        condition: null,
        acceptedQuantity: null,
        disposition: null,
        refundAmount: null,
        held: 0,
        returned: 0,
      },
    ],
    pickup: null,
    carrier: null,
    trackingNumber: null,
    returnAddress: null,
    refundAmount: null,
    refundBreakdown: null,
    refundInputs: null,
    adjustmentReason: null,
    refundId: null,
    paymentRefunds: [],
    refundIds: [],
    endReason: null,
  };
}

const eligible = { ineligible: [[]], override: null };

function received(quantity = 2): ReturnState {
  const state = newReturn();
  give(state, 'initiate', eligible);
  give(state, 'approve', { note: null });
  give(state, 'receive', { items: [{ returnItemId: 'rit_1', quantity, condition: 'opened' }] });
  return state;
}

function settle(state: ReturnState, accepted: number): string {
  const calculatedFrom: RefundInputs = {
    units: [
      {
        returnItemId: 'rit_1',
        orderItemId: 'itm_1',
        line: { quantity: 2, unitPrice: 5_000, discount: 2_000, tax: 800 },
        from: 0,
        count: accepted,
      },
    ],
    terms: {
      restockingFee: 0,
      shippingRefundAmount: 0,
      adjustment: 0,
      shippingPaid: 0,
      shippingRefunded: 0,
      paidForOrder: 8_800,
      refundedBefore: 0,
    },
    decidedBy: { restockingFee: 'policy', shipping: 'policy' },
  };
  return give(state, 'process', {
    items: [{ returnItemId: 'rit_1', accepted, disposition: 'restock' }],
    named: ['rit_1'],
    calculation: refundOf(calculatedFrom.units, calculatedFrom.terms),
    calculatedFrom,
    adjustmentReason: null,
    refundIds: ['ref_1', 'ref_2', 'ref_3'],
    unpaid: false,
  });
}

describe('the tables of a return', () => {
  it('have no dead end, no shadowed row and no event that contracts do not declare', () => {
    expect(verify([returnMachine, returnLineMachine] as never, new Set(Object.keys(events)))).toEqual([]);
    expect(verifySaga(refundSaga)).toEqual([]);
  });

  it('offer in each state what the API says', () => {
    const offered = (status: ReturnStatus) => allowedFrom(returnMachine, status);
    expect(offered('initiated')).toEqual(['approve', 'reject', 'cancel']);
    expect(offered('approved')).toEqual(['schedule_pickup', 'mark_in_transit', 'receive', 'cancel']);
    expect(offered('pickup_scheduled')).toEqual(['schedule_pickup', 'mark_in_transit', 'receive', 'cancel']);
    expect(offered('in_transit')).toEqual(['receive']);
    expect(offered('received')).toEqual(['reject', 'process']);
    expect(offered('processed')).toEqual(['refund']);
    for (const end of ['refunded', 'rejected', 'cancelled'] as const) expect(offered(end)).toEqual([]);
  });
});

describe('a return', () => {
  it('holds the units it asks for, and frees them when it is rejected', () => {
    const state = newReturn();
    expect(give(state, 'initiate', eligible)).toBe('initiated return.initiated');
    expect(state.lines[0]!.held).toBe(2);
    expect(give(state, 'reject', { reason: 'no' })).toBe('rejected return.rejected');
    expect(state.lines[0]).toMatchObject({ held: 0, returned: 0, status: 'released' });
  });

  it.each([
    ['unknown_item', 'items.1.orderItemId'],
    ['quantity_not_returnable', 'items.1.quantity'],
    ['return_window_closed', 'items.1'],
    ['final_sale', 'items.1'],
  ] as const)('is refused with %s at %s, where its second line is', (code, path) => {
    const asked = { ineligible: [[], [code]], override: null };
    expect(decide(returnMachine as never, NEW, newReturn(), 'initiate', asked)).toMatchObject({ code, path });
  });

  it('is refused past the window unless staff say why, and never past the delivered quantity', () => {
    const late = [['return_window_closed' as const]];
    const greedy = [['quantity_not_returnable' as const, 'return_window_closed' as const]];
    const override = { reason: 'goodwill' };
    expect(give(newReturn(), 'initiate', { ineligible: late, override: null })).toBe('return_window_closed');
    expect(give(newReturn(), 'initiate', { ineligible: late, override })).toBe('initiated return.initiated');
    expect(give(newReturn(), 'initiate', { ineligible: greedy, override })).toBe('quantity_not_returnable');
  });

  it('takes a new pickup date, and the same one twice only once', () => {
    const state = newReturn();
    give(state, 'initiate', eligible);
    give(state, 'approve', { note: null });
    const pickup = { pickupAt: '2026-03-02T09:00:00Z', carrier: 'DPD', address: null };
    expect(give(state, 'schedule_pickup', pickup, 'first')).toBe('pickup_scheduled return.pickup_scheduled');
    expect(give(state, 'schedule_pickup', pickup, 'first')).toBe('already');
    const later = { ...pickup, pickupAt: '2026-03-03T09:00:00Z' };
    expect(give(state, 'schedule_pickup', later, 'second')).toBe('pickup_scheduled return.pickup_scheduled');
    expect(state.pickup?.at).toBe(later.pickupAt);
  });

  it('frees the units that did not come, and records but does not count those beyond what was asked', () => {
    expect(received(1).lines[0]).toMatchObject({ receivedQuantity: 1, held: 1 });
    expect(received(0).lines[0]).toMatchObject({ receivedQuantity: 0, held: 0, status: 'missing' });
    expect(received(5).lines[0]).toMatchObject({ receivedQuantity: 5, held: 2 });
  });

  it('refuses to accept more than came', () => {
    expect(settle(received(1), 2)).toBe('quantity_not_received');
  });

  it('fixes the amount and then asks for the money once', () => {
    const state = received();
    expect(settle(state, 2)).toBe('processed return.processed');
    expect(state.refundAmount).toBe(8_800);
    expect(state.lines[0]).toMatchObject({ held: 0, returned: 2, refundAmount: 8_800 });
    expect(give(state, 'request_refund', { attempt: 1 })).toBe('processed return.refund_requested');
    expect(give(state, 'request_refund', { attempt: 2 })).toBe('refund_in_progress');
    expect(give(state, 'refund', { refundId: 'ref_9', method: 'manual', note: null })).toBe(
      'refund_in_progress',
    );
    expect(give(state, 'refund_succeeded', { refundId: 'ref_9' })).toBe('unknown_refund');
    expect(give(state, 'refund_succeeded', { refundId: 'ref_1' })).toBe('refunded return.refunded');
    expect(give(state, 'refund_succeeded', { refundId: 'ref_1' })).toBe('already');
    expect(refundStatus(state)).toBe('succeeded');
  });

  it('is refunded at once when nothing is owed', () => {
    expect(settle(received(0), 0)).toBe('refunded return.processed return.refunded');
  });

  it('lets staff pay a failed refund another way', () => {
    const state = received();
    settle(state, 1);
    give(state, 'request_refund', { attempt: 1 });
    expect(give(state, 'refund_failed', { refundId: 'ref_1', code: 'declined' })).toBe(
      'processed return.refund_failed',
    );
    expect(refundStatus(state)).toBe('failed');
    const byHand = { refundId: 'ref_9', method: 'manual' as const, note: 'bank transfer 17' };
    expect(give(state, 'refund', byHand)).toBe('refunded return.refunded');
    expect(state.paymentRefunds.at(-1)).toMatchObject({
      method: 'manual',
      note: 'bank transfer 17',
      amount: 4_400,
    });
  });

  it('grants store credit at once', () => {
    const credit = received();
    credit.refundMethod = 'store_credit';
    settle(credit, 1);
    expect(give(credit, 'request_refund', { attempt: 1 })).toBe('refunded return.refunded');
  });

  it('expires only while it waits for the goods', () => {
    const state = newReturn();
    give(state, 'initiate', eligible);
    give(state, 'approve', { note: null });
    expect(give(structuredClone(state), 'expire', {})).toBe('cancelled return.cancelled');
    give(state, 'mark_in_transit', { carrier: null, trackingNumber: null });
    expect(give(state, 'expire', {})).toBe('already');
  });
});

export { refundSaga };
