import { at, feedSaga, transit, type Ctx } from '@oms/chassis';
import type { EventEnvelope, EventPayload } from '@oms/contracts';
import { orderAggregate } from '../persistence/order.aggregate.js';

type PaymentEvent =
  | 'payment.created'
  | 'payment.authorized'
  | 'payment.captured'
  | 'payment.failed'
  | 'payment.voided'
  | 'payment.refunded'
  | 'payment.refund_failed'
  | 'payment.charged_back'
  | 'payment.chargeback_closed';

/** A payment moved: the order shows it, and its saga goes on. An event of an order that is not ours is let pass. */
export async function followPayment(ctx: Ctx, event: EventEnvelope): Promise<void> {
  const payment = event.data as EventPayload<PaymentEvent>;
  const order = await orderAggregate.find(ctx.em, payment.orderId);
  if (!order) return;
  const { status, authorizedAmount, capturedAmount, refundedAmount, chargedBackAmount = 0 } = payment;
  const input = {
    ...at(ctx, event.id),
    paymentId: payment.paymentId,
    payment: { status, authorizedAmount, capturedAmount, refundedAmount, chargedBackAmount },
  };
  await transit(ctx, orderAggregate, order, 'payment_changed', input);
  await feedSaga(ctx, orderAggregate, order, event.type, { ...payment });
}
