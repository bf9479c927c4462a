import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { EXECUTOR, Executor, type RpcRequest } from '@oms/chassis';
import { MessageDelivery } from '../features/deliver-messages.js';
import { getPreferences, unsubscribe, updatePreferences } from '../features/preferences.js';
import { getMessage, listMessages } from '../features/read-messages.js';
import { orderTimeline, returnTimeline } from '../features/read-timeline.js';
import { resendMessage } from '../features/resend-message.js';
import { liftSuppression, listSuppressions } from '../features/suppressions.js';

/** A line a subject. */
@Controller()
export class NotificationRpc {
  private readonly resendMessage: ReturnType<typeof resendMessage>;

  constructor(
    @Inject(EXECUTOR) private readonly executor: Executor,
    @Inject(MessageDelivery) delivery: MessageDelivery,
  ) {
    this.resendMessage = resendMessage(delivery);
  }

  @MessagePattern('rpc.notification.list') list(@Payload() r: RpcRequest) {
    return this.executor.execute(listMessages, r);
  }
  @MessagePattern('rpc.notification.get') get(@Payload() r: RpcRequest) {
    return this.executor.execute(getMessage, r);
  }
  @MessagePattern('rpc.notification.resend') resend(@Payload() r: RpcRequest) {
    return this.executor.execute(this.resendMessage, r);
  }
  @MessagePattern('rpc.notification.suppressions') suppressions(@Payload() r: RpcRequest) {
    return this.executor.execute(listSuppressions, r);
  }
  @MessagePattern('rpc.notification.lift_suppression') lift(@Payload() r: RpcRequest) {
    return this.executor.execute(liftSuppression, r);
  }
  @MessagePattern('rpc.notification.preferences') preferences(@Payload() r: RpcRequest) {
    return this.executor.execute(getPreferences, r);
  }
  @MessagePattern('rpc.notification.update_preferences') prefer(@Payload() r: RpcRequest) {
    return this.executor.execute(updatePreferences, r);
  }
  @MessagePattern('rpc.notification.unsubscribe') unsubscribe(@Payload() r: RpcRequest) {
    return this.executor.execute(unsubscribe, r);
  }
  @MessagePattern('rpc.notification.order_timeline') orderTimeline(@Payload() r: RpcRequest) {
    return this.executor.execute(orderTimeline, r);
  }
  @MessagePattern('rpc.notification.return_timeline') returnTimeline(@Payload() r: RpcRequest) {
    return this.executor.execute(returnTimeline, r);
  }
}
