import { describe, expect, it } from '@jest/globals';
import { cells, decide, verify } from '@oms/chassis/machine';
import { events } from '@oms/contracts';
import fc from 'fast-check';
import type { PaymentState } from '../src/domain/payment.js';
import { refundable } from '../src/domain/payment.js';
import { paymentMachine } from '../src/domain/payment.machine.js';

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
  ),
  amount: fc.integer({ min: 1, max: 1500 }),
  pick: fc.nat(20),
});

describe('over any sequence of inputs', () => {
  it('never more is captured than authorized, never more refunded or on its way than captured', () => {
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 60 }), (steps) => {
        const state = payment();
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
            refundId: on === 'refund' || on === 'captured' ? `ref${made++}` : known,
          };
          const decision = decide(paymentMachine, state.status, state, on, input);
          if (decision.outcome !== 'moved') continue;
          decision.row.does?.(state, input);
          state.status = decision.to as PaymentState['status'];
          expect(state.capturedAmount).toBeLessThanOrEqual(state.amount);
          expect(refundable(state)).toBeGreaterThanOrEqual(0);
          expect(state.refundedAmount).toBeLessThanOrEqual(state.capturedAmount);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
