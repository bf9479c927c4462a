import { machine, NEW } from '@oms/chassis/machine';
import { paymentStatusValues, type PaymentStatus } from '@oms/contracts';
import { capturable, refundable, type Intent, type PaymentInputs, type PaymentState } from './payment.js';

type Verdict = true | string;

const idle = (payment: PaymentState): Verdict => payment.underWay === null || 'operation_in_progress';
const nothingUnderWay = (payment: PaymentState): boolean => payment.underWay === null;
const withinAuthorized = (payment: PaymentState, input: { amount: number }): Verdict =>
  input.amount <= capturable(payment) || 'amount_exceeds_authorized';
const withinCaptured = (payment: PaymentState, input: { amount: number }): Verdict =>
  input.amount <= refundable(payment) || 'refund_exceeds_captured';
const completes = (payment: PaymentState, input: { amount: number }): Verdict =>
  payment.capturedAmount + input.amount >= payment.authorizedAmount || 'more_to_capture';
const partWasCaptured = (payment: PaymentState): Verdict => payment.capturedAmount > 0 || 'nothing_captured';
const knownRefund = (payment: PaymentState, input: { refundId: string }): Verdict =>
  payment.refunds.some((one) => one.id === input.refundId && one.status === 'pending') || 'unknown_refund';
const givesAllBack = (payment: PaymentState, input: { refundId: string }): Verdict => {
  const refund = payment.refunds.find((one) => one.id === input.refundId);
  return payment.refundedAmount + (refund?.amount ?? 0) >= payment.capturedAmount || 'more_is_kept';
};
const settledBefore =
  (status: 'succeeded' | 'failed') => (payment: PaymentState, input: { refundId: string }) =>
    payment.refunds.some((one) => one.id === input.refundId && one.status === status);

const intend = (payment: PaymentState, intent: Intent): void => void payment.intents.push(intent);

function authorize(payment: PaymentState): void {
  payment.underWay = 'authorize';
  intend(payment, {
    kind: 'authorize',
    key: `${payment.id}:authorize`,
    amount: payment.amount,
    refundId: null,
  });
}
function startCapture(payment: PaymentState, amount: number, last = false): void {
  payment.lastCapture ||= last;
  payment.captures += 1;
  payment.capturingAmount += amount;
  payment.underWay = 'capture';
  intend(payment, {
    kind: 'capture',
    key: `${payment.id}:capture:${payment.captures}`,
    amount,
    refundId: null,
  });
}
function startVoid(payment: PaymentState): void {
  payment.underWay = 'void';
  intend(payment, {
    kind: 'void',
    key: `${payment.id}:void`,
    amount: payment.authorizedAmount - payment.capturedAmount,
    refundId: null,
  });
}
function hold(payment: PaymentState): void {
  payment.underWay = null;
  payment.authorizedAmount = payment.amount;
  payment.token = null;
  if (payment.abandoned) startVoid(payment);
  else if (payment.capture === 'automatic') startCapture(payment, payment.amount);
}
function fail(payment: PaymentState, input: { code: string }): void {
  payment.underWay = null;
  payment.failureCode = input.code;
  payment.token = null;
}
function addRefund(
  payment: PaymentState,
  input: Omit<PaymentInputs['refund'], 'actor' | 'fingerprint'>,
  status: 'pending' | 'failed' = 'pending',
  code: string | null = null,
): void {
  const { refundId, amount, reason, returnId, returnRefundId } = input;
  payment.refunds = [
    ...payment.refunds,
    {
      id: refundId,
      amount,
      status,
      reason,
      returnId,
      returnRefundId,
      code,
      createdAt: input.at.toISOString(),
    },
  ];
  if (status === 'pending') intend(payment, { kind: 'refund', key: refundId, amount, refundId });
}
function take(payment: PaymentState, input: PaymentInputs['captured']): void {
  payment.underWay = null;
  payment.capturingAmount -= input.amount;
  payment.capturedAmount += input.amount;
  if (payment.abandoned)
    addRefund(payment, {
      at: input.at,
      refundId: input.refundId,
      amount: refundable(payment),
      reason: 'order_cancelled',
      returnId: null,
      returnRefundId: null,
    });
  else if (payment.lastCapture && capturable(payment) > 0) startVoid(payment);
}
function giveUpCapture(payment: PaymentState, input: PaymentInputs['capture_declined']): void {
  payment.underWay = null;
  payment.capturingAmount -= input.amount;
  payment.failureCode = input.code;
  if (payment.abandoned) startVoid(payment);
}
const letGo = (payment: PaymentState): void => {
  payment.underWay = null;
  payment.authorizedAmount = payment.capturedAmount;
};
const keepHolding = (payment: PaymentState, input: { code: string }): void => {
  payment.underWay = null;
  payment.failureCode = input.code;
};
const settle = (
  payment: PaymentState,
  refundId: string,
  status: 'succeeded' | 'failed',
  code: string | null,
): void => {
  payment.refunds = payment.refunds.map((one) => (one.id === refundId ? { ...one, status, code } : one));
};
function giveBack(payment: PaymentState, input: PaymentInputs['refund_succeeded']): void {
  settle(payment, input.refundId, 'succeeded', null);
  payment.refundedAmount += payment.refunds.find((one) => one.id === input.refundId)?.amount ?? 0;
}
const keep = (payment: PaymentState, input: PaymentInputs['refund_failed']): void =>
  settle(payment, input.refundId, 'failed', input.code);
const abandon = (payment: PaymentState): void => {
  payment.abandoned = true;
};
function abandonHeld(payment: PaymentState): void {
  payment.abandoned = true;
  startVoid(payment);
}

const refundsFrom = ['captured', 'partially_refunded'] as const;

/** The whole life of a payment, read from top to bottom: the first row whose guards hold wins. */
export const paymentMachine = machine<PaymentState, PaymentInputs>()<PaymentStatus>({
  name: 'payment',
  statuses: paymentStatusValues,
  terminal: ['failed', 'voided', 'refunded'],
  transitions: ['process', 'capture', 'void', 'refund'],
  rows: [
    {
      from: NEW,
      on: 'open',
      to: 'pending',
      emits: ['payment.created'],
      because: 'money is to be taken for an order',
    },

    {
      from: 'pending',
      on: 'process',
      guard: [idle],
      to: 'pending',
      does: authorize,
      because: 'the provider is asked to hold the money',
    },
    {
      from: 'pending',
      on: 'authorized',
      to: 'authorized',
      does: hold,
      emits: ['payment.authorized'],
      because:
        'the provider holds it; captured at once unless manual, let go if the order was cancelled meanwhile',
    },
    {
      from: 'pending',
      on: 'declined',
      to: 'failed',
      does: fail,
      emits: ['payment.failed'],
      because: 'the provider says no; a new payment is made for another try',
    },

    {
      from: 'authorized',
      on: 'capture',
      guard: [idle, withinAuthorized],
      to: 'authorized',
      does: (payment, input) => startCapture(payment, input.amount, input.last),
      because: 'the provider is asked to take it, or a part',
    },
    {
      from: 'authorized',
      on: 'captured',
      guard: [completes],
      to: 'captured',
      does: take,
      emits: ['payment.captured'],
      because: 'all that was held is taken',
    },
    {
      from: 'authorized',
      on: 'captured',
      to: 'authorized',
      does: take,
      emits: ['payment.captured'],
      because: 'a part of what is held is taken',
    },
    {
      from: 'authorized',
      on: 'capture_declined',
      to: 'authorized',
      does: giveUpCapture,
      because: 'the provider does not take it; it is still held',
    },

    {
      from: 'authorized',
      on: 'void',
      guard: [idle],
      to: 'authorized',
      does: startVoid,
      because: 'the provider is asked to let go what is left',
    },
    {
      from: 'authorized',
      on: 'release_rest',
      guard: [nothingUnderWay],
      to: 'authorized',
      does: startVoid,
      because: 'all that the order still costs is taken',
    },
    {
      from: 'authorized',
      on: 'voided',
      guard: [partWasCaptured],
      to: 'captured',
      does: letGo,
      emits: ['payment.voided'],
      because: 'the rest is given up, the part that was taken stays',
    },
    {
      from: 'authorized',
      on: 'voided',
      to: 'voided',
      does: letGo,
      emits: ['payment.voided'],
      because: 'nothing was taken',
    },
    {
      from: 'authorized',
      on: 'void_declined',
      to: 'authorized',
      does: keepHolding,
      because: 'the provider does not let go',
    },

    ...refundsFrom.flatMap((status) => [
      {
        from: status,
        on: 'refund' as const,
        guard: [withinCaptured],
        to: status,
        does: (payment: PaymentState, input: PaymentInputs['refund']) => addRefund(payment, input),
        emits: ['payment.refund_requested'],
        because: 'the provider is asked to give it back; what is on its way counts as gone',
      },
      {
        from: status,
        on: 'refund_succeeded' as const,
        guard: [knownRefund, givesAllBack],
        to: 'refunded' as const,
        again: settledBefore('succeeded'),
        does: giveBack,
        emits: ['payment.refunded'],
        because: 'all of it went back',
      },
      {
        from: status,
        on: 'refund_succeeded' as const,
        guard: [knownRefund],
        to: 'partially_refunded' as const,
        again: settledBefore('succeeded'),
        does: giveBack,
        emits: ['payment.refunded'],
        because: 'a part of it went back',
      },
      {
        from: status,
        on: 'refund_failed' as const,
        guard: [knownRefund],
        to: status,
        again: settledBefore('failed'),
        does: keep,
        emits: ['payment.refund_failed'],
        because: 'the provider refuses; the money is still here',
      },
    ]),
    ...paymentStatusValues.map((status) => ({
      from: status,
      on: 'refund_refused' as const,
      to: status,
      does: (payment: PaymentState, input: PaymentInputs['refund_refused']) =>
        addRefund(payment, input, 'failed', input.code),
      emits: ['payment.refund_failed'],
      because: 'a return wants more than is left on the payments: nothing is paid by itself',
    })),

    {
      from: 'pending',
      on: 'abandon',
      guard: [nothingUnderWay],
      to: 'voided',
      does: abandon,
      emits: ['payment.voided'],
      because: 'the order was cancelled before anything was asked of the provider',
    },
    {
      from: 'pending',
      on: 'abandon',
      to: 'pending',
      does: abandon,
      because: 'the provider was asked already: what it holds is let go when it answers',
    },
    {
      from: 'authorized',
      on: 'abandon',
      guard: [nothingUnderWay],
      to: 'authorized',
      does: abandonHeld,
      because: 'the order was cancelled: what is held is let go',
    },
    {
      from: 'authorized',
      on: 'abandon',
      to: 'authorized',
      does: abandon,
      because: 'a capture is under way: it is given back when it is done',
    },
  ],
});
