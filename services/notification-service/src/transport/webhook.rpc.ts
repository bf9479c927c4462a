import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { EXECUTOR, Executor, type RpcRequest } from '@oms/chassis';
import { WebhookDispatch } from '../features/webhooks/dispatch-webhooks.js';
import { endpointCommands, getWebhook, listWebhooks } from '../features/webhooks/endpoints.js';
import { getDelivery, listDeliveries } from '../features/webhooks/read-deliveries.js';
import { resendCommands } from '../features/webhooks/resend-deliveries.js';

/** A line a subject. */
@Controller()
export class WebhookRpc {
  private readonly endpoints: ReturnType<typeof endpointCommands>;
  private readonly deliveries: ReturnType<typeof resendCommands>;

  constructor(
    @Inject(EXECUTOR) private readonly executor: Executor,
    @Inject(WebhookDispatch) dispatch: WebhookDispatch,
  ) {
    this.endpoints = endpointCommands(dispatch);
    this.deliveries = resendCommands(dispatch);
  }

  @MessagePattern('rpc.notification.create_webhook') create(@Payload() r: RpcRequest) {
    return this.executor.execute(this.endpoints.create, r);
  }
  @MessagePattern('rpc.notification.list_webhooks') list(@Payload() r: RpcRequest) {
    return this.executor.execute(listWebhooks, r);
  }
  @MessagePattern('rpc.notification.get_webhook') get(@Payload() r: RpcRequest) {
    return this.executor.execute(getWebhook, r);
  }
  @MessagePattern('rpc.notification.update_webhook') update(@Payload() r: RpcRequest) {
    return this.executor.execute(this.endpoints.update, r);
  }
  @MessagePattern('rpc.notification.delete_webhook') remove(@Payload() r: RpcRequest) {
    return this.executor.execute(this.endpoints.remove, r);
  }
  @MessagePattern('rpc.notification.rotate_webhook_secret') rotate(@Payload() r: RpcRequest) {
    return this.executor.execute(this.endpoints.rotate, r);
  }
  @MessagePattern('rpc.notification.test_webhook') test(@Payload() r: RpcRequest) {
    return this.executor.execute(this.deliveries.test, r);
  }
  @MessagePattern('rpc.notification.list_webhook_deliveries') deliveriesOf(@Payload() r: RpcRequest) {
    return this.executor.execute(listDeliveries, r);
  }
  @MessagePattern('rpc.notification.get_webhook_delivery') delivery(@Payload() r: RpcRequest) {
    return this.executor.execute(getDelivery, r);
  }
  @MessagePattern('rpc.notification.resend_webhook_delivery') resend(@Payload() r: RpcRequest) {
    return this.executor.execute(this.deliveries.resend, r);
  }
  @MessagePattern('rpc.notification.resend_webhook_range') resendRange(@Payload() r: RpcRequest) {
    return this.executor.execute(this.deliveries.resendRange, r);
  }
}
