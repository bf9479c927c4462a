import {
  capturable,
  refundable,
  type Chargeback,
  type Intent,
  type PaymentInputs,
  type PaymentState,
  type Refund,
} from './payment.js';

const intend = (payment: PaymentState, intent: Intent): void => void payment.intents.push(intent);
const asked = (payment: PaymentState, on: string, input: { fingerprint: string }): void => {
  payment.lastAsked = { on, fingerprint: input.fingerprint };
};

export function authorize(payment: PaymentState, input: PaymentInputs['process']): void {
  asked(payment, 'process', input);
  payment.underWay = 'authorize';
  intend(payment, {
    kind: 'authorize',
    key: `${payment.id}:authorize`,
    amount: payment.amount,
    refundId: null,
  });
}

/** A promise to pay at the door stands for money that is held. */
export function promise(payment: PaymentState, input: PaymentInputs['process']): void {
  asked(payment, 'process', input);
  payment.authorizedAmount = payment.amount;
}
export function receiveAll(payment: PaymentState, input: PaymentInputs['process']): void {
  promise(payment, input);
  payment.capturedAmount = payment.amount;
}

function intendCapture(payment: PaymentState, amount: number): void {
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
export function startCapture(payment: PaymentState, input: PaymentInputs['capture']): void {
  asked(payment, 'capture', input);
  if (input.last) payment.lastCapture = true;
  intendCapture(payment, input.amount);
}
export function receive(payment: PaymentState, input: PaymentInputs['capture']): void {
  asked(payment, 'capture', input);
  payment.captures += 1;
  payment.capturedAmount += input.amount;
}

function intendVoid(payment: PaymentState): void {
  payment.underWay = 'void';
  intend(payment, {
    kind: 'void',
    key: `${payment.id}:void`,
    amount: payment.authorizedAmount - payment.capturedAmount,
    refundId: null,
  });
}
export function startVoid(payment: PaymentState, input: PaymentInputs['void']): void {
  asked(payment, 'void', input);
  intendVoid(payment);
}
export const letGo = (payment: PaymentState): void => {
  payment.underWay = null;
  payment.authorizedAmount = payment.capturedAmount;
};
export function letGoOutside(payment: PaymentState, input: PaymentInputs['void']): void {
  asked(payment, 'void', input);
  letGo(payment);
}
export const keepHolding = (payment: PaymentState, input: { code: string }): void => {
  payment.underWay = null;
  payment.failureCode = input.code;
};

export function hold(payment: PaymentState): void {
  payment.underWay = null;
  payment.authorizedAmount = payment.amount;
  payment.token = null;
  if (payment.abandoned) intendVoid(payment);
  else if (payment.capture === 'automatic') intendCapture(payment, payment.amount);
}
export function fail(payment: PaymentState, input: { code: string }): void {
  payment.underWay = null;
  payment.failureCode = input.code;
  payment.token = null;
}

function addRefund(
  payment: PaymentState,
  input: Omit<PaymentInputs['refund'], 'actor' | 'fingerprint'>,
  status: Refund['status'],
  code: string | null = null,
): void {
  const { refundId, amount, reason, returnId, returnRefundId, requestedAmount } = input;
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
      ...(requestedAmount === undefined ? {} : { requestedAmount }),
      createdAt: input.at.toISOString(),
    },
  ];
  if (status === 'pending') intend(payment, { kind: 'refund', key: refundId, amount, refundId });
}
export function startRefund(payment: PaymentState, input: PaymentInputs['refund']): void {
  asked(payment, 'refund', input);
  addRefund(payment, input, 'pending');
}
export function payOutside(payment: PaymentState, input: PaymentInputs['refund']): void {
  asked(payment, 'refund', input);
  addRefund(payment, input, 'succeeded');
  payment.refundedAmount += input.amount;
}
export const refuseRefund = (payment: PaymentState, input: PaymentInputs['refund_refused']): void =>
  addRefund(payment, input, 'failed', input.code);

export function take(payment: PaymentState, input: PaymentInputs['captured']): void {
  payment.underWay = null;
  payment.capturingAmount -= input.amount;
  payment.capturedAmount += input.amount;
  if (payment.abandoned)
    addRefund(
      payment,
      {
        at: input.at,
        refundId: input.refundId,
        amount: refundable(payment),
        reason: 'order_cancelled',
        returnId: null,
        returnRefundId: null,
      },
      'pending',
    );
  else if (payment.lastCapture && capturable(payment) > 0) intendVoid(payment);
}
export function giveUpCapture(payment: PaymentState, input: PaymentInputs['capture_declined']): void {
  payment.underWay = null;
  payment.capturingAmount -= input.amount;
  payment.failureCode = input.code;
  if (payment.abandoned) intendVoid(payment);
}

const settle = (
  payment: PaymentState,
  refundId: string,
  status: 'succeeded' | 'failed',
  code: string | null,
): void => {
  payment.refunds = payment.refunds.map((one) => (one.id === refundId ? { ...one, status, code } : one));
};
export function giveBack(payment: PaymentState, input: PaymentInputs['refund_succeeded']): void {
  settle(payment, input.refundId, 'succeeded', null);
  payment.refundedAmount += payment.refunds.find((one) => one.id === input.refundId)?.amount ?? 0;
}
export const keep = (payment: PaymentState, input: PaymentInputs['refund_failed']): void =>
  settle(payment, input.refundId, 'failed', input.code);

export const abandon = (payment: PaymentState): void => {
  payment.abandoned = true;
};
export function abandonHeld(payment: PaymentState): void {
  payment.abandoned = true;
  intendVoid(payment);
}
export function abandonOutside(payment: PaymentState): void {
  payment.abandoned = true;
  letGo(payment);
}

function addChargeback(
  payment: PaymentState,
  input: PaymentInputs['charge_back'],
  end: Pick<Chargeback, 'status' | 'closedAt'>,
): void {
  const { chargebackId: id, amount, reason } = input;
  payment.chargebacks = [
    ...payment.chargebacks,
    { id, amount, reason, openedAt: input.at.toISOString(), ...end },
  ];
}
export const openChargeback = (payment: PaymentState, input: PaymentInputs['charge_back']): void =>
  addChargeback(payment, input, { status: 'open', closedAt: null });
export const recordClosed = (payment: PaymentState, input: PaymentInputs['close_chargeback']): void =>
  addChargeback(payment, input, { status: input.outcome, closedAt: input.at.toISOString() });
export function closeChargeback(payment: PaymentState, input: PaymentInputs['close_chargeback']): void {
  payment.chargebacks = payment.chargebacks.map((one) =>
    one.id === input.chargebackId ? { ...one, status: input.outcome, closedAt: input.at.toISOString() } : one,
  );
}
