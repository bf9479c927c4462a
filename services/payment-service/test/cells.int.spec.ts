import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { born, newId } from '@oms/chassis';
import { cellsOf, walk, type Trial, type Walk } from '../../../tests/ground/cells.ts';
import type { PaymentState, Refund } from '../src/domain/payment.js';
import { paymentAggregate } from '../src/persistence/payment.aggregate.js';
import { Payments } from './payments.js';

let payments: Payments;
beforeAll(async () => {
  payments = await Payments.start();
});
afterAll(() => payments?.ground.stop());

const refund = (amount: number, status: Refund['status']): Refund => ({
  id: newId('ref'),
  amount,
  status,
  reason: null,
  returnId: null,
  returnRefundId: null,
  code: null,
  createdAt: new Date().toISOString(),
});

/** How a payment of 10.00 stands in each status. */
const standing: Record<string, Partial<PaymentState>> = {
  authorized: { authorizedAmount: 1_000 },
  captured: { authorizedAmount: 1_000, capturedAmount: 1_000 },
  partially_refunded: {
    authorizedAmount: 1_000,
    capturedAmount: 1_000,
    refundedAmount: 400,
    refunds: [refund(400, 'succeeded')],
  },
  refunded: {
    authorizedAmount: 1_000,
    capturedAmount: 1_000,
    refundedAmount: 1_000,
    refunds: [refund(1_000, 'succeeded')],
  },
  failed: { failureCode: 'card_declined' },
};

const make = async (status: string): Promise<PaymentState> => ({
  ...born('pay', new Date()),
  status: (status in standing || status === 'voided' ? status : 'pending') as PaymentState['status'],
  orderId: newId('ord'),
  customerId: 'cus_42',
  lastCapture: false,
  method: 'card',
  provider: 'sandbox',
  capture: 'manual',
  currency: 'GBP',
  amount: 1_000,
  authorizedAmount: 0,
  capturedAmount: 0,
  refundedAmount: 0,
  capturingAmount: 0,
  captures: 0,
  underWay: null,
  abandoned: false,
  failureCode: null,
  token: 'tok_visa',
  metadata: {},
  note: null,
  refunds: [],
  chargebacks: [],
  lastAsked: null,
  intents: [],
  ...structuredClone(standing[status] ?? {}),
});

type Try = Trial<PaymentState>;
const underWay = (
  kind: PaymentState['underWay'],
  more: Partial<PaymentState> = {},
): Required<Try>['state'] => {
  return (payment) => void Object.assign(payment, { underWay: kind, ...more });
};
const withRefund = (amount: (payment: PaymentState) => number, status: Refund['status']): Try => ({
  state: (payment) => void payment.refunds.push(refund(amount(payment), status)),
  input: (payment) => ({ refundId: payment.refunds.at(-1)?.id, settled: true, code: 'refund_refused' }),
});
const rest = (payment: PaymentState) => Math.max(1, payment.capturedAmount - payment.refundedAmount);
const asked = { reason: 'goodwill', returnId: null, returnRefundId: null };
/** Letting go of what is left after a part was taken; only an authorized payment can have come to it. */
const lettingGo = (more: Partial<PaymentState>): Try => ({
  state: (payment) =>
    void Object.assign(payment, { underWay: 'void' }, payment.status === 'authorized' ? more : {}),
  input: () => ({ refundId: newId('ref') }),
});
const capturing = (amount: number, more: Partial<PaymentState> = {}): Try => ({
  state: underWay('capture', { capturingAmount: amount, ...more }),
  input: () => ({ amount, refundId: newId('ref'), code: 'capture_refused' }),
});

const paidBy = (method: string, more: Partial<PaymentState> = {}, input: Try['input'] = () => ({})): Try => ({
  state: (payment) => void Object.assign(payment, { method }, payment.status === 'authorized' ? more : {}),
  input,
});
const refunding = (amount: (payment: PaymentState) => number) => (payment: PaymentState) => ({
  refundId: newId('ref'),
  amount: amount(payment),
  ...asked,
});
const chargeback = (status: 'open' | 'lost' | null, input: object = {}): Try => ({
  state: (payment) => {
    if (payment.status === 'authorized') payment.capturedAmount = 400;
    if (status)
      payment.chargebacks.push({
        id: 'chb_1',
        amount: 300,
        status,
        reason: 'fraudulent',
        openedAt: new Date().toISOString(),
        closedAt: null,
      });
  },
  input: () => ({ chargebackId: 'chb_1', amount: 300, reason: 'fraudulent', ...input }),
});

const trials: Record<string, Try[]> = {
  open: [{}],
  expire: [{}, { state: underWay('authorize') }],
  process: [{}, { state: underWay('authorize') }, paidBy('cash_on_delivery'), paidBy('manual')],
  authorized: [
    { state: underWay('authorize') },
    { state: underWay('authorize', { capture: 'automatic' }) },
    { state: underWay('authorize', { abandoned: true }) },
  ],
  declined: [{ state: underWay('authorize'), input: () => ({ code: 'card_declined' }) }],
  capture: [
    { input: () => ({ amount: 400, last: false }) },
    { input: () => ({ amount: 1_001, last: false }) },
    { input: () => ({ amount: 0, last: false }) },
    { state: underWay('capture'), input: () => ({ amount: 400, last: false }) },
    paidBy('cash_on_delivery', {}, () => ({ amount: 400, last: false })),
    paidBy('cash_on_delivery', {}, () => ({ amount: 1_000, last: false })),
  ],
  captured: [
    capturing(1_000),
    capturing(400),
    capturing(1_000, { abandoned: true }),
    capturing(400, { abandoned: true }),
  ],
  capture_declined: [capturing(400), capturing(400, { abandoned: true })],
  void: [
    {},
    { state: underWay('void') },
    paidBy('cash_on_delivery'),
    paidBy('cash_on_delivery', { capturedAmount: 400 }),
  ],
  release_rest: [{}, { state: underWay('void') }],
  voided: [
    lettingGo({}),
    lettingGo({ capturedAmount: 400 }),
    lettingGo({ capturedAmount: 400, abandoned: true }),
  ],
  void_declined: [{ state: underWay('void'), input: () => ({ code: 'void_refused' }) }],
  refund: [
    { input: () => ({ refundId: newId('ref'), amount: 300, ...asked }) },
    { input: () => ({ refundId: newId('ref'), amount: 1_001, ...asked }) },
    { input: () => ({ refundId: newId('ref'), amount: 300, ...asked, owed: 299 }) },
    paidBy(
      'manual',
      {},
      refunding(() => 300),
    ),
    paidBy('manual', {}, refunding(rest)),
  ],
  refund_covered: [
    {
      state: (payment) => void payment.refunds.push(refund(100, 'succeeded')),
      input: (payment) => ({ refundId: payment.refunds.at(-1)?.id, returnRefundId: newId('ref') }),
    },
  ],
  charge_back: [chargeback(null), chargeback('open')],
  close_chargeback: [
    chargeback('open', { outcome: 'won' }),
    chargeback(null, { outcome: 'lost' }),
    chargeback('lost', { outcome: 'lost' }),
  ],
  refund_refused: [
    { input: () => ({ refundId: newId('ref'), amount: 5_000, code: 'refund_exceeds_captured', ...asked }) },
  ],
  refund_withdrawn: [
    { input: () => ({ refundId: newId('ref'), amount: 400, code: 'refund_withdrawn', ...asked }) },
  ],
  refund_succeeded: [
    withRefund(() => 1, 'pending'),
    withRefund(rest, 'pending'),
    withRefund(() => 1, 'succeeded'),
    { input: () => ({ refundId: newId('ref'), settled: true }) },
  ],
  refund_failed: [
    withRefund(() => 1, 'pending'),
    withRefund(() => 1, 'failed'),
    { input: () => ({ refundId: newId('ref'), code: 'refund_refused' }) },
  ],
  abandon: [
    paidBy('cash_on_delivery'),
    paidBy('cash_on_delivery', { capturedAmount: 400 }),
    {},
    { state: underWay('authorize') },
    { state: underWay('capture', { capturingAmount: 1_000 }) },
  ],
};

const spec = (): Walk<PaymentState> => ({
  ground: payments.ground,
  aggregate: paymentAggregate,
  make,
  trials,
  repeated: (payment, last) => void (payment.lastAsked = last),
  beside: {
    stored: (id) =>
      payments.ground.sql(
        `select kind, key, amount::int as amount, refund_id as "refundId" from payments.operation where payment_id = ? order by id`,
        [id],
      ),
    told: (before, payment) => [...before, ...payment.intents],
  },
});

describe('a payment', () => {
  it.each(cellsOf(paymentAggregate))('in $status that is told $on: $outcomes', async (cell) => {
    await walk(spec(), cell);
  });
});
