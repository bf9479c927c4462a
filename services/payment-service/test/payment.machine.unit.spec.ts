import { describe, expect, it } from '@jest/globals';
import { cells, decide, verify } from '@oms/chassis/machine';
import { events } from '@oms/contracts';
import fc from 'fast-check';
import type { PaymentState } from '../src/domain/payment.js';
import { refundable } from '../src/domain/payment.js';
import { paymentMachine } from '../src/domain/payment.machine.js';
import { spreadRefund } from '../src/domain/refund-order.js';

const payment = (): PaymentState => ({
  id: 'pay',
  status: 'pending',
  previousStatus: null,
  version: 0,
  eventSeq: 0,
  lastTransition: null,
  statusTimes: {},
  createdAt: new Date(0),
  updatedAt: new Date(0),
  orderId: 'ord',
  customerId: null,
  method: 'card',
  provider: 'sandbox',
  capture: 'manual',
  currency: 'GBP',
  amount: 1000,
  authorizedAmount: 0,
  capturedAmount: 0,
  refundedAmount: 0,
  capturingAmount: 0,
  captures: 0,
  lastCapture: false,
  underWay: null,
  abandoned: false,
  failureCode: null,
  token: null,
  metadata: {},
  note: null,
  refunds: [],
  chargebacks: [],
  lastAsked: null,
  intents: [],
});

it('the table of payment-service is sound', () => {
  expect(verify([paymentMachine as never], new Set(Object.keys(events)))).toEqual([]);
});

it('every cell is as it was reviewed', () => {
  expect(
    cells(paymentMachine as never).map((cell) => `${cell.status} × ${cell.on}: ${cell.outcomes.join(' | ')}`),
  ).toMatchSnapshot();
});

const asked = fc.record({
  on: fc.constantFrom(
    'process',
    'authorized',
    'declined',
    'capture',
    'captured',
    'capture_declined',
    'void',
    'voided',
    'refund',
    'refund_succeeded',
    'refund_failed',
    'abandon',
    'charge_back',
    'close_chargeback',
  ),
  amount: fc.integer({ min: 1, max: 1500 }),
  pick: fc.nat(20),
});

const method = fc.constantFrom('card', 'manual', 'cash_on_delivery');

describe('over any sequence of inputs', () => {
  it('never more is captured than authorized, never more refunded or on its way than captured and not charged back', () => {
    fc.assert(
      fc.property(method, fc.array(asked, { maxLength: 60 }), (by, steps) => {
        const state = { ...payment(), method: by };
        let made = 0;
        for (const { on, amount, pick } of steps) {
          const known = state.refunds[pick % Math.max(1, state.refunds.length)]?.id ?? 'none';
          // The provider answers only what was asked: a capture's result has the amount of the capture under way.
          if (on === 'captured' && state.capturingAmount === 0) continue;
          const input = {
            at: new Date(0),
            actor: { type: 'system' as const, id: 'test' },
            fingerprint: `${made}`,
            code: 'x',
            settled: true,
            reason: null,
            returnId: null,
            returnRefundId: null,
            amount: on === 'captured' || on === 'capture_declined' ? state.capturingAmount : amount,
            last: false,
            chargebackId: `chb_${pick % 3}`,
            outcome: pick % 2 ? ('won' as const) : ('lost' as const),
            refundId: on === 'refund' || on === 'captured' ? `ref${made++}` : known,
          };
          const left = refundable(state);
          const decision = decide(paymentMachine, state.status, state, on, input);
          if (decision.outcome !== 'moved') continue;
          if (on === 'refund') expect(amount).toBeLessThanOrEqual(left);
          decision.row.does?.(state, input);
          state.status = decision.to as PaymentState['status'];
          expect(state.capturedAmount).toBeLessThanOrEqual(state.amount);
          const given = state.refunds.filter((one) => one.status !== 'failed');
          expect(given.reduce((sum, one) => sum + one.amount, 0)).toBeLessThanOrEqual(state.capturedAmount);
          if (by !== 'card') expect(state.intents).toEqual([]);
          expect(state.refundedAmount).toBeLessThanOrEqual(state.capturedAmount);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a refund over several payments', () => {
  const captured = fc.record({ captured: fc.integer({ min: 1, max: 900 }), gone: fc.nat(900) });

  it('takes all that is asked and is there, from each at most what is left on it, in the same way every time', () => {
    fc.assert(
      fc.property(fc.array(captured, { maxLength: 6 }), fc.integer({ min: 1, max: 3000 }), (list, amount) => {
        const payments = list.map(({ captured: taken, gone }, index): PaymentState => ({
          ...payment(),
          id: `pay_${index}`,
          status: 'captured',
          capturedAmount: taken,
          chargebacks: [
            { id: 'chb', amount: gone, status: 'lost', reason: null, openedAt: '', closedAt: null },
          ],
        }));
        const parts = spreadRefund(payments, amount);
        const there = payments.reduce((sum, one) => sum + refundable(one), 0);
        expect(parts.reduce((sum, part) => sum + part.amount, 0)).toBe(Math.min(amount, there));
        for (const part of parts) {
          expect(part.amount).toBeGreaterThan(0);
          expect(part.amount).toBeLessThanOrEqual(refundable(part.payment));
        }
        expect(spreadRefund([...payments].reverse(), amount)).toEqual(parts);
      }),
    );
  });
});
