import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { OnEvent, RUNTIME, type EventCtx, type Runtime } from '@oms/chassis';
import type { EventEnvelope } from '@oms/contracts';
import { followPayment, followRefund } from '../features/follow-payments.js';
import { followCancellation, followDelivery, followOrder } from '../features/follow-orders.js';

/** A line an event. Each runs inside the transaction that also marks the event as done. */
@Controller()
export class ReturnEvents {
  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  @OnEvent('order.placed') placed(@Payload() e: EventEnvelope<'order.placed'>, @Ctx() c: EventCtx) {
    return followOrder(c.em, e.data);
  }
  @OnEvent('order.updated') updated(@Payload() e: EventEnvelope<'order.updated'>, @Ctx() c: EventCtx) {
    return followOrder(c.em, e.data);
  }
  @OnEvent('order.shipment_delivered') delivered(
    @Payload() e: EventEnvelope<'order.shipment_delivered'>,
    @Ctx() c: EventCtx,
  ) {
    return followDelivery(c.em, e.data);
  }
  @OnEvent('order.items_cancelled') cancelled(
    @Payload() e: EventEnvelope<'order.items_cancelled'>,
    @Ctx() c: EventCtx,
  ) {
    return followCancellation(c.em, e.data);
  }
  @OnEvent('payment.created') paymentCreated(
    @Payload() e: EventEnvelope<'payment.created'>,
    @Ctx() c: EventCtx,
  ) {
    return followPayment(this.ctx(c), e.data);
  }
  @OnEvent('payment.refunded') refunded(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followRefund(this.ctx(c), e);
  }
  @OnEvent('payment.refund_failed') refundFailed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followRefund(this.ctx(c), e);
  }

  private ctx({ em, after, event }: EventCtx) {
    return this.runtime.context(em, after, event.id);
  }
}
