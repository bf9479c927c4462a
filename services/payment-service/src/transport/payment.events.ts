import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { OnEvent, RUNTIME, type EventCtx, type Runtime } from '@oms/chassis';
import type { EventEnvelope } from '@oms/contracts';
import {
  itemsCancelled,
  orderCancelled,
  orderPlaced,
  orderUpdated,
  shipmentCreated,
  shipmentDelivered,
} from '../features/follow-orders.js';
import {
  refundRequested,
  refundWithdrawn,
  returnProcessed,
  returnRefunded,
} from '../features/follow-returns.js';
import { OperationRunner } from '../features/operation-runner.js';

/** A line an event. Each runs inside the transaction that also marks the event as done. */
@Controller()
export class PaymentEvents {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(OperationRunner) private readonly runner: OperationRunner,
  ) {}

  @OnEvent('order.placed') placed(@Payload() e: EventEnvelope<'order.placed'>, @Ctx() c: EventCtx) {
    return orderPlaced(this.ctx(c), e.data);
  }
  @OnEvent('order.updated') updated(@Payload() e: EventEnvelope<'order.updated'>, @Ctx() c: EventCtx) {
    return orderUpdated(this.ctx(c), e.data);
  }
  @OnEvent('order.cancelled') cancelled(@Payload() e: EventEnvelope<'order.cancelled'>, @Ctx() c: EventCtx) {
    return orderCancelled(this.ctx(c), e.data);
  }
  @OnEvent('order.refund_requested') givenBackAgain(
    @Payload() e: EventEnvelope<'order.refund_requested'>,
    @Ctx() c: EventCtx,
  ) {
    return orderCancelled(this.ctx(c), e.data);
  }
  @OnEvent('order.items_cancelled') part(
    @Payload() e: EventEnvelope<'order.items_cancelled'>,
    @Ctx() c: EventCtx,
  ) {
    return itemsCancelled(this.ctx(c), e.data);
  }
  @OnEvent('order.shipment_created') shipped(
    @Payload() e: EventEnvelope<'order.shipment_created'>,
    @Ctx() c: EventCtx,
  ) {
    return shipmentCreated(this.ctx(c), e.data);
  }
  @OnEvent('order.shipment_delivered') delivered(
    @Payload() e: EventEnvelope<'order.shipment_delivered'>,
    @Ctx() c: EventCtx,
  ) {
    return shipmentDelivered(this.ctx(c), e.data);
  }
  @OnEvent('return.processed') processed(
    @Payload() e: EventEnvelope<'return.processed'>,
    @Ctx() c: EventCtx,
  ) {
    return returnProcessed(this.ctx(c), e.data);
  }
  @OnEvent('return.refunded') settled(@Payload() e: EventEnvelope<'return.refunded'>, @Ctx() c: EventCtx) {
    return returnRefunded(this.ctx(c), e.data);
  }
  @OnEvent('return.refund_requested') refund(
    @Payload() e: EventEnvelope<'return.refund_requested'>,
    @Ctx() c: EventCtx,
  ) {
    return refundRequested(this.ctx(c), e.data);
  }

  @OnEvent('return.refund_withdrawn') withdrawn(
    @Payload() e: EventEnvelope<'return.refund_withdrawn'>,
    @Ctx() c: EventCtx,
  ) {
    return refundWithdrawn(this.ctx(c), e.data);
  }

  /** What an event made intended is asked of the provider as soon as it is durable. */
  private ctx({ em, after, event }: EventCtx) {
    after(() => this.runner.kick());
    return this.runtime.context(em, after, event.id);
  }
}
