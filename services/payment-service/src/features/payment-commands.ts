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
import { allowedFrom } from '@oms/chassis/machine';
import {
  CapturePayment,
  CreatePayment,
  ProcessPayment,
  RefundPayment,
  UpdatePayment,
  VoidPayment,
  type Actor,
} from '@oms/contracts';
import {
  capturable,
  covers,
  due,
  givenFor,
  isOutside,
  refundable,
  type PaymentState,
} from '../domain/payment.js';
import { paymentMachine } from '../domain/payment.machine.js';
import { amongItsOrders, paymentAggregate } from '../persistence/payment.aggregate.js';
import { attemptsOf, costOf, lockOrder, paymentsOf } from '../persistence/payment.repository.js';
import { owedInAll } from '../persistence/return-snapshot.repository.js';
import { answerOf } from './apply-result.js';
import { awaitOrder } from './await-order.js';
import { checkReturn } from './named-return.js';
import type { OperationRunner } from './operation-runner.js';
import { readPayment, viewFor } from './payment.view.js';

/** How long a command waits for the provider before it answers with the payment as it stands. */
const SETTLE_MS = 4_000;

export function newPayment(
  ctx: Ctx,
  own: Pick<PaymentState, 'orderId' | 'customerId' | 'method' | 'capture' | 'currency' | 'amount' | 'token'>,
): PaymentState {
  return {
    ...born('pay', ctx.now),
    ...own,
    status: 'pending',
    provider: isOutside(own.method) ? 'manual' : 'sandbox',
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
    chargebacks: [],
    lastAsked: null,
    intents: [],
  };
}

const view = async (ctx: Ctx, payment: PaymentState) =>
  viewFor(ctx.actor, payment, (await attemptsOf(ctx.em, [payment.id])).get(payment.id) ?? []);

/** Opens a payment of an order's open balance, or a part of it: what it costs less what its payments cover. */
export const createPayment = (runtime: Runtime): Command =>
  creation({
    name: 'payment.create',
    access: 'customer',
    schema: CreatePayment,
    aggregate: paymentAggregate,
    on: 'open',
    before: (body) => awaitOrder(runtime, body.orderId),
    create: async (ctx, body) => {
      if (ctx.actor.type === 'customer' && body.note != null)
        throw new Refused('forbidden', 'a note is for staff');
      const order = await lockOrder(ctx.em, body.orderId);
      if (!order || (ctx.actor.type === 'customer' && order.customerId !== ctx.actor.id))
        throw new Refused('order_not_found');
      const covered = (await paymentsOf(ctx.em, order.id)).reduce((sum, one) => sum + covers(one), 0);
      const balance = order.cancelled ? 0 : order.total - covered;
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

/** A token that the provider was asked with already stays: which one it took would be unknown. */
function checkToken(payment: PaymentState): void {
  if (payment.status !== 'pending')
    throw new Refused('transition_not_allowed', 'the token may change only while the payment is pending', {
      from: payment.status,
      transition: 'update',
      allowedTransitions: allowedFrom(paymentMachine, payment.status),
    });
  if (payment.underWay) throw new Refused('operation_in_progress');
  if (isOutside(payment.method))
    throw new Refused('validation_failed', undefined, {
      errors: [{ path: 'token', message: `a payment by ${payment.method} has none` }],
    });
}

export const updatePayment = mutation({
  name: 'payment.update',
  schema: UpdatePayment,
  aggregate: paymentAggregate,
  id: (body) => body.paymentId,
  change: async (_, { paymentId: __, ...fields }, payment) => {
    if (fields.token !== undefined) checkToken(payment);
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined) Object.assign(payment, { [name]: value });
  },
  view,
});

/**
 * The request of its return that a refund completes when it is made; through a provider it succeeds later, and is looked at
 * then. The order's payments must be locked.
 */
async function answersAtOnce(
  ctx: Ctx,
  payment: PaymentState,
  refund: Parameters<typeof answerOf>[2],
): Promise<string | null> {
  if (!isOutside(payment.method) || refund.returnId === null) return null;
  return (await answerOf(ctx, payment.orderId, refund)).answers;
}

/**
 * What a return is still owed: its amount less what went back or is on its way in its name, by its own request or by staff.
 * Null before its amount is known: what staff give ahead is subtracted when the return asks. The order's payments must be locked.
 */
async function owedTo(ctx: Ctx, orderId: string, returnId: string): Promise<number | null> {
  const inAll = await owedInAll(ctx.em, orderId, returnId);
  if (inAll === null) return null;
  return Math.max(0, inAll - givenFor(await paymentsOf(ctx.em, orderId), returnId));
}

/**
 * What a capture takes when no amount is said: what the order still costs, as far as this payment holds it. A part of the order
 * may have been cancelled since it was held. The order's payments must be locked.
 */
async function dueOn(ctx: Ctx, payment: PaymentState): Promise<number> {
  const [cost, payments] = [await costOf(ctx.em, payment.orderId), await paymentsOf(ctx.em, payment.orderId)];
  return Math.max(0, Math.min(capturable(payment), due(cost, payments)));
}

/** The commands that ask the provider for something; each answers with the payment after the provider's word. */
export function providerCommands(
  runtime: Runtime,
  runner: OperationRunner,
): Record<'process' | 'capture' | 'void' | 'refund', Command> {
  const settle = async (answer: Answer, caller: Actor): Promise<Answer> => {
    const { id } = answer.body as { id: string };
    await runner.settle(id, SETTLE_MS);
    const em = runtime.uow.reader();
    const { payment, attempts } = await readPayment(em, id);
    return { body: viewFor(caller, payment, attempts), version: payment.version };
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
      aggregate: amongItsOrders,
      name: 'payment.capture',
      schema: CapturePayment,
      on: () => 'capture',
      input: async (ctx, body, payment) => ({
        amount: body.amount ?? (await dueOn(ctx, payment)),
        last: false,
      }),
    }),
    void: command({ ...common, name: 'payment.void', schema: VoidPayment, on: () => 'void' }),
    refund: command({
      ...common,
      aggregate: amongItsOrders,
      name: 'payment.refund',
      schema: RefundPayment,
      before: (body) => checkReturn(runtime, body),
      on: () => 'refund',
      input: async (ctx, body, payment) => {
        const owed = body.returnId ? await owedTo(ctx, payment.orderId, body.returnId) : null;
        const refund = {
          id: newId('ref'),
          amount: body.amount ?? Math.max(1, Math.min(refundable(payment), owed ?? Infinity)),
          returnId: body.returnId ?? null,
          returnRefundId: null,
        };
        const { id: refundId, ...asked } = refund;
        const answers = await answersAtOnce(ctx, payment, refund);
        return { ...asked, refundId, reason: body.reason ?? null, answers, owed };
      },
    }),
  };
}
