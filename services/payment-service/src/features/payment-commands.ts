import {
  born,
  command,
  creation,
  mutation,
  newId,
  Refused,
  type Answer,
  type Command,
  type Ctx,
  type Runtime,
} from '@oms/chassis';
import {
  CapturePayment,
  CreatePayment,
  ProcessPayment,
  RefundPayment,
  UpdatePayment,
  VoidPayment,
} from '@oms/contracts';
import { capturable, refundable, type PaymentState } from '../domain/payment.js';
import { paymentAggregate } from '../persistence/payment.aggregate.js';
import { lockOrder, takenOf } from '../persistence/payment.repository.js';
import type { OperationRunner } from './operation-runner.js';
import { readPayment, viewOf } from './payment.view.js';

/** How long a command waits for the provider before it answers with the payment as it stands. */
const SETTLE_MS = 4_000;

export function newPayment(
  ctx: Ctx,
  own: Pick<PaymentState, 'orderId' | 'customerId' | 'method' | 'capture' | 'currency' | 'amount' | 'token'>,
): PaymentState {
  return {
    ...born(newId('pay'), ctx.now),
    ...own,
    status: 'pending',
    provider: 'sandbox',
    authorizedAmount: 0,
    capturedAmount: 0,
    refundedAmount: 0,
    capturingAmount: 0,
    captures: 0,
    lastCapture: false,
    underWay: null,
    abandoned: false,
    failureCode: null,
    metadata: {},
    note: null,
    refunds: [],
    intents: [],
  };
}

const view = (ctx: Ctx, payment: PaymentState) => viewOf(ctx.em, payment);

/** POST /payments: opens a payment of an order's open balance, or a part of it. */
export const createPayment = creation({
  name: 'payment.create',
  access: 'customer',
  schema: CreatePayment,
  aggregate: paymentAggregate,
  on: 'open',
  create: async (ctx, body) => {
    const order = await lockOrder(ctx.em, body.orderId);
    if (!order || (ctx.actor.type === 'customer' && order.customerId !== ctx.actor.id))
      throw new Refused('order_not_found');
    const balance = order.cancelled ? 0 : order.total - (await takenOf(ctx.em, order.id));
    if (balance <= 0) throw new Refused('nothing_to_pay');
    const amount = body.amount ?? balance;
    if (amount > balance) throw new Refused('amount_exceeds_balance', `the open balance is ${balance}`);
    const state = newPayment(ctx, {
      orderId: order.id,
      customerId: order.customerId,
      method: body.method,
      capture: body.capture,
      currency: order.currency,
      amount,
      token: body.token ?? null,
    });
    return { state: { ...state, metadata: body.metadata, note: body.note ?? null }, input: {} };
  },
  view,
});

export const updatePayment = mutation({
  name: 'payment.update',
  schema: UpdatePayment,
  aggregate: paymentAggregate,
  id: (body) => body.paymentId,
  change: async (_, { paymentId: __, ...fields }, payment) => {
    if (fields.token !== undefined && payment.status !== 'pending')
      throw new Refused('transition_not_allowed');
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined) Object.assign(payment, { [name]: value });
  },
  view,
});

/** The commands that ask the provider for something; each answers with the payment after the provider's word. */
export function providerCommands(
  runtime: Runtime,
  runner: OperationRunner,
): Record<'process' | 'capture' | 'void' | 'refund', Command> {
  const settle = async (answer: Answer): Promise<Answer> => {
    const { id } = answer.body as { id: string };
    await runner.settle(id, SETTLE_MS);
    const em = runtime.uow.reader();
    const payment = await readPayment(em, id);
    return { body: await viewOf(em, payment), version: payment.version };
  };
  const common = {
    aggregate: paymentAggregate,
    id: (body: { paymentId: string }) => body.paymentId,
    view,
    settle,
  };
  return {
    process: command({
      ...common,
      access: 'customer',
      name: 'payment.process',
      schema: ProcessPayment,
      on: () => 'process',
    }),
    capture: command({
      ...common,
      name: 'payment.capture',
      schema: CapturePayment,
      on: () => 'capture',
      input: (_, body, payment) => ({
        amount: body.amount ?? Math.max(1, capturable(payment)),
        last: false,
      }),
    }),
    void: command({ ...common, name: 'payment.void', schema: VoidPayment, on: () => 'void' }),
    refund: command({
      ...common,
      name: 'payment.refund',
      schema: RefundPayment,
      on: () => 'refund',
      input: (_, body, payment) => ({
        refundId: newId('ref'),
        amount: body.amount ?? Math.max(1, refundable(payment)),
        reason: body.reason ?? null,
        returnId: body.returnId ?? null,
        returnRefundId: null,
      }),
    }),
  };
}
