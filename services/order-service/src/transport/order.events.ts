import { Controller, Inject } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { RUNTIME, type EventCtx, type Runtime } from '@oms/chassis';
import type { EventEnvelope } from '@oms/contracts';
import { followPayment } from '../features/follow-payments.js';
import { followReturn } from '../features/follow-returns.js';

/** A line an event. Each runs inside the transaction that also marks the event as done. */
@Controller()
export class OrderEvents {
  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  @EventPattern('payment.created') created(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followPayment(this.ctx(c), e); }
  @EventPattern('payment.authorized') authorized(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followPayment(this.ctx(c), e); }
  @EventPattern('payment.captured') captured(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followPayment(this.ctx(c), e); }
  @EventPattern('payment.failed') failed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followPayment(this.ctx(c), e); }
  @EventPattern('payment.voided') voided(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followPayment(this.ctx(c), e); }
  @EventPattern('payment.refunded') refunded(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followPayment(this.ctx(c), e); }
  @EventPattern('payment.refund_failed') refundFailed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followPayment(this.ctx(c), e); }
  @EventPattern('return.initiated') returnOpened(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followReturn(this.ctx(c), e); }
  @EventPattern('return.cancelled') returnCancelled(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followReturn(this.ctx(c), e); }
  @EventPattern('return.rejected') returnRejected(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followReturn(this.ctx(c), e); }
  @EventPattern('return.refunded') returnRefunded(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) { return followReturn(this.ctx(c), e); }

  private ctx({ em, after, event }: EventCtx) {
    return this.runtime.context(em, after, event.id);
  }
}
