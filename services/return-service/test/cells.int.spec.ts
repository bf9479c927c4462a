import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { born, newId } from '@oms/chassis';
import { NEW } from '@oms/chassis/machine';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { cellsOf, walk, type Trial, type Walk } from '../../../tests/ground/cells.ts';
import type { ReturnLine } from '../src/domain/return-line.machine.js';
import { standardPolicy } from '../src/domain/policy.js';
import type { PaymentRefund, ReturnState, ReturnStatus } from '../src/domain/return.js';
import { refundOf, type RefundInputs, type RefundTerms } from '../src/domain/refund-sums.js';
import { keepDelivery, keepOrder } from '../src/persistence/order-snapshot.repository.js';
import { returnAggregate } from '../src/persistence/return.aggregate.js';
import { nextNumber } from '../src/persistence/return.repository.js';
import { returnModule } from '../src/return.module.js';

let ground: ServiceGround;
beforeAll(async () => {
  ground = await startGround(returnModule);
});
afterAll(() => ground?.stop());

const QUANTITY = 2;

/** An order of two of 50.00 less 20.00 at ten percent tax, delivered. */
async function deliveredOrder(): Promise<{ orderId: string; itemId: string }> {
  const orderId = newId('ord');
  const itemId = newId('itm');
  await ground.uow.run(async (em) => {
    const line = {
      itemId,
      sku: 'A',
      quantity: QUANTITY,
      unitPrice: 5_000,
      discount: 2_000,
      discountShare: 0,
      tax: 800,
    };
    await keepOrder(em, {
      orderId,
      number: 'ORD-100001',
      customerId: 'cus_42',
      currency: 'GBP',
      total: 8_800,
      shippingTotal: 0,
      lines: [line],
    });
    await keepDelivery(em, orderId, [{ itemId, quantity: QUANTITY }], new Date().toISOString());
  });
  return { orderId, itemId };
}

/** How the line of a return stands in each status of the return. */
const arrived = { status: 'arrived', receivedQuantity: QUANTITY, condition: 'opened' } as const;
const accepted = {
  ...arrived,
  status: 'accepted',
  acceptedQuantity: QUANTITY,
  held: 0,
  returned: QUANTITY,
} as const;
const released = { status: 'released', held: 0 } as const;
const lines: Partial<Record<string, Partial<ReturnLine>>> = {
  received: arrived,
  processed: accepted,
  refunded: accepted,
  rejected: released,
  cancelled: released,
};
const fixed = (): Partial<ReturnState> => ({
  refundAmount: 8_800,
  refundBreakdown: { items: [], shipping: 0, restockingFee: 0, adjustment: 0, total: 8_800 },
  refundIds: [newId('ref'), newId('ref'), newId('ref')],
});

async function make(status: string): Promise<ReturnState> {
  const { orderId, itemId } = await deliveredOrder();
  const number = await ground.uow.run(nextNumber);
  const held = status === NEW ? 0 : QUANTITY;
  return {
    ...born('ret', new Date()),
    status: status === NEW ? 'initiated' : (status as ReturnStatus),
    number,
    orderId,
    customerId: 'cus_42',
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
        id: newId('rit'),
        orderItemId: itemId,
        sku: 'A',
        status: 'expected',
        quantity: QUANTITY,
        reason: 'changed_mind',
        comment: null,
        receivedQuantity: null,
        condition: null,
        acceptedQuantity: null,
        disposition: null,
        refundAmount: null,
        held,
        returned: 0,
        ...lines[status],
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
    ...(status === 'processed' || status === 'refunded' ? fixed() : {}),
  };
}

type Try = Trial<ReturnState>;

/** A request for the money that stands as `status` says. */
const requested = (status: PaymentRefund['status']) => (state: ReturnState) => {
  const refundId = state.refundIds[0] ?? newId('ref');
  state.refundId = refundId;
  state.paymentRefunds = [
    {
      refundId,
      attempt: 1,
      amount: 8_800,
      method: 'original',
      status,
      code: null,
      note: null,
      at: state.createdAt.toISOString(),
    },
  ];
};
const ofRequest = (state: ReturnState) => ({ refundId: state.refundId, code: 'provider_error' });
const ofAnother = () => ({ refundId: newId('ref'), code: 'provider_error' });
const by = (refundMethod: ReturnState['refundMethod']) => (state: ReturnState) =>
  void (state.refundMethod = refundMethod);

/** The machine keeps it, and looks at nothing in it. */
const calculatedFrom: RefundInputs = {
  units: [],
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

const process =
  (count: number, terms: Partial<RefundTerms> = {}) =>
  (state: ReturnState) => ({
    items: state.lines.map((line) => ({ returnItemId: line.id, accepted: count, disposition: 'restock' })),
    named: state.lines.map((line) => line.id),
    calculation: refundOf(
      state.lines.map((line) => ({
        returnItemId: line.id,
        orderItemId: line.orderItemId,
        line: { quantity: QUANTITY, unitPrice: 5_000, discount: 2_000, tax: 800 },
        from: 0,
        count: Math.min(count, QUANTITY),
      })),
      {
        restockingFee: 0,
        shippingRefundAmount: 0,
        adjustment: 0,
        shippingPaid: 0,
        shippingRefunded: 0,
        paidForOrder: 8_800,
        refundedBefore: 0,
        ...terms,
      },
    ),
    calculatedFrom,
    adjustmentReason: null,
    refundIds: [newId('ref'), newId('ref'), newId('ref')],
    unpaid: false,
  });

const trials: Record<string, Try[]> = {
  initiate: [
    { input: () => ({ ineligible: [[]], override: null }) },
    { input: () => ({ ineligible: [['return_window_closed']], override: null }) },
    { input: () => ({ ineligible: [['return_window_closed']], override: { reason: 'goodwill' } }) },
    { input: () => ({ ineligible: [['quantity_not_returnable']], override: { reason: 'goodwill' } }) },
    { input: () => ({ ineligible: [['unknown_item']], override: null }) },
  ],
  approve: [{ input: () => ({ note: null }) }],
  reject: [{ input: () => ({ reason: 'not ours' }) }],
  schedule_pickup: [
    { input: () => ({ pickupAt: '2026-03-02T09:00:00.000Z', carrier: 'DPD', address: null }) },
    { input: () => ({ pickupAt: '2026-03-02T09:00:00.000Z', carrier: 'DPD', address: { city: 'Leeds' } }) },
  ],
  mark_in_transit: [
    { input: () => ({ carrier: 'DPD', trackingNumber: '1Z' }) },
    { input: () => ({ carrier: null, trackingNumber: null }) },
  ],
  receive: [
    { input: () => ({ items: null }) },
    { input: (state) => ({ items: [{ returnItemId: state.lines[0]?.id, quantity: 1, condition: 'used' }] }) },
    { input: (state) => ({ items: [{ returnItemId: state.lines[0]?.id, quantity: 5, condition: 'new' }] }) },
    {
      input: (state) => ({
        items: [{ returnItemId: state.lines[0]?.id, quantity: 0, condition: 'missing' }],
      }),
    },
    { input: () => ({ items: [{ returnItemId: newId('rit'), quantity: 1, condition: 'used' }] }) },
  ],
  process: [
    { input: process(QUANTITY) },
    { input: process(1) },
    { input: process(0) },
    { input: process(QUANTITY, { restockingFee: 8_800 }) },
    { input: process(QUANTITY + 1) },
    { input: process(QUANTITY, { restockingFee: 8_801 }) },
    { input: process(QUANTITY, { adjustment: 1 }) },
    { input: (state) => ({ ...process(1)(state), named: [newId('rit')] }) },
  ],
  request_refund: [
    { input: () => ({ attempt: 1 }) },
    { input: () => ({ attempt: 4 }) },
    { state: by('store_credit'), input: () => ({ attempt: 1 }) },
    { state: by('manual'), input: () => ({ attempt: 1 }) },
    { state: requested('requested'), input: () => ({ attempt: 2 }) },
    { state: requested('failed'), input: () => ({ attempt: 2 }) },
  ],
  refund: [
    {
      state: requested('failed'),
      input: () => ({ refundId: newId('ref'), method: 'original', note: null, unpaid: true }),
    },
    { state: requested('failed'), input: () => ({ refundId: newId('ref'), method: 'original', note: null }) },
    {
      state: requested('failed'),
      input: () => ({ refundId: newId('ref'), method: 'manual', note: 'paid by bank' }),
    },
    {
      state: requested('failed'),
      input: () => ({ refundId: newId('ref'), method: 'store_credit', note: null }),
    },
    {
      state: requested('requested'),
      input: () => ({ refundId: newId('ref'), method: 'manual', note: null }),
    },
  ],
  refund_succeeded: [
    { state: requested('requested'), input: ofRequest },
    { state: requested('failed'), input: ofRequest },
    { state: requested('requested'), input: ofAnother },
  ],
  refund_failed: [
    { state: requested('requested'), input: ofRequest },
    { state: requested('requested'), input: ofAnother },
  ],
  withdraw_refund: [{ state: requested('requested') }, { state: requested('failed') }],
  cancel: [{ input: () => ({ reason: 'kept it' }) }, { input: () => ({ reason: null }) }],
  expire: [{}],
};

/** The units of the order's line that this return keeps from others, or has taken back. */
const claims = (id: string) =>
  ground.sql(
    `select s.held, s.returned from returns.order_line_snapshot s
       join returns.return_item i on i.order_item_id = s.id where i.return_id = ?`,
    [id],
  );

const spec = (): Walk<ReturnState> => ({
  ground,
  aggregate: returnAggregate,
  make,
  trials,
  beside: {
    stored: claims,
    told: (_, state) => state.lines.map(({ held, returned }) => ({ held, returned })),
  },
});

describe('a return', () => {
  it.each(cellsOf(returnAggregate))('in $status that is told $on: $outcomes', async (cell) => {
    await walk(spec(), cell);
  });
});
