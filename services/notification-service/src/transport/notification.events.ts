import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { OnEvent, type EventCtx } from '@oms/chassis';
import type { EventEnvelope } from '@oms/contracts';
import { recordMessage } from '../features/record-message.js';

/** The events that customers hear of: a line each, as in the templates. */
@Controller()
export class NotificationEvents {
  @OnEvent('order.confirmed') confirmed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('order.shipment_created') shipped(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('order.delivered') delivered(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('order.cancelled') cancelled(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('payment.failed') paymentFailed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('return.approved') approved(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('return.rejected') rejected(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('return.received') received(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('return.refunded') refunded(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
  @OnEvent('return.refund_failed') refundFailed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return recordMessage(e, c);
  }
}
