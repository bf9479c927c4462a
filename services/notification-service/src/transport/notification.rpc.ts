import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { EXECUTOR, Executor, type RpcRequest } from '@oms/chassis';
import { listMessages } from '../features/list-messages.js';

/** A line a subject. */
@Controller()
export class NotificationRpc {
  constructor(@Inject(EXECUTOR) private readonly executor: Executor) {}

  @MessagePattern('rpc.notification.list') list(@Payload() r: RpcRequest) {
    return this.executor.execute(listMessages, r);
  }
}
