import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { OnEvent, RUNTIME, type EventCtx, type Runtime } from '@oms/chassis';
import type { EventEnvelope } from '@oms/contracts';
import { followPayment } from '../features/follow-payments.js';
import { followReturn } from '../features/follow-returns.js';

/** A line an event. Each runs inside the transaction that also marks the event as done. */
@Controller()
export class OrderEvents {
  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  @OnEvent('payment.created') created(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('payment.authorized') authorized(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('payment.captured') captured(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('payment.failed') failed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('payment.voided') voided(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('payment.refunded') refunded(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('payment.refund_failed') refundFailed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('payment.charged_back') chargedBack(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('payment.chargeback_closed') chargebackClosed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followPayment(this.ctx(c), e);
  }
  @OnEvent('return.initiated') returnOpened(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followReturn(this.ctx(c), e);
  }
  @OnEvent('return.cancelled') returnCancelled(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followReturn(this.ctx(c), e);
  }
  @OnEvent('return.rejected') returnRejected(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followReturn(this.ctx(c), e);
  }
  @OnEvent('return.refunded') returnRefunded(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return followReturn(this.ctx(c), e);
  }

  private ctx({ em, after, event }: EventCtx) {
    return this.runtime.context(em, after, event.id);
  }
}
