import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { OnEvent, RUNTIME, type EventCtx, type Runtime } from '@oms/chassis';
import type { EventEnvelope } from '@oms/contracts';
import { MessageDelivery } from '../features/deliver-messages.js';
import { recordMessage } from '../features/record-message.js';

/** The events that somebody hears of: a line each, as in the announcements. */
@Controller()
export class NotificationEvents {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(MessageDelivery) private readonly delivery: MessageDelivery,
  ) {}

  @OnEvent('order.confirmed') confirmed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('order.shipment_created') shipped(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('order.delivered') delivered(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('order.cancelled') cancelled(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('payment.failed') paymentFailed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('return.initiated') initiated(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('return.approved') approved(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('return.rejected') rejected(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('return.received') received(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('return.refunded') refunded(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }
  @OnEvent('return.refund_failed') refundFailed(@Payload() e: EventEnvelope, @Ctx() c: EventCtx) {
    return this.record(e, c);
  }

  /** What an event made intended is sent as soon as it is durable. */
  private async record(event: EventEnvelope, { em, after }: EventCtx): Promise<void> {
    const ctx = this.runtime.context(em, after, event.id);
    if (await recordMessage(ctx, event, this.delivery.posting)) after(() => this.delivery.kick());
  }
}
