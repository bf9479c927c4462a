import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { EXECUTOR, Executor, RUNTIME, type RpcRequest, type Runtime } from '@oms/chassis';
import { standardPolicy } from '../domain/policy.js';
import { awaitDelivery } from '../features/awaited-delivery.js';
import { createReturnUnder } from '../features/create-return.js';
import { getReturn, listReturns, returnHistory, returnTransitions } from '../features/read-returns.js';
import {
  approveReturn,
  cancelReturn,
  rejectReturn,
  transitionReturn,
} from '../features/transition-return.js';
import { updateReturn } from '../features/update-return.js';

const createReturn = createReturnUnder(standardPolicy);

/** A line a subject. */
@Controller()
export class ReturnRpc {
  constructor(
    @Inject(EXECUTOR) private readonly executor: Executor,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  @MessagePattern('rpc.return.create') async create(@Payload() r: RpcRequest) {
    await awaitDelivery(this.runtime, r.body);
    return this.executor.execute(createReturn, r);
  }
  @MessagePattern('rpc.return.update') update(@Payload() r: RpcRequest) {
    return this.executor.execute(updateReturn, r);
  }
  @MessagePattern('rpc.return.transition') transition(@Payload() r: RpcRequest) {
    return this.executor.execute(transitionReturn, r);
  }
  @MessagePattern('rpc.return.approve') approve(@Payload() r: RpcRequest) {
    return this.executor.execute(approveReturn, r);
  }
  @MessagePattern('rpc.return.reject') reject(@Payload() r: RpcRequest) {
    return this.executor.execute(rejectReturn, r);
  }
  @MessagePattern('rpc.return.cancel') cancel(@Payload() r: RpcRequest) {
    return this.executor.execute(cancelReturn, r);
  }
  @MessagePattern('rpc.return.get') get(@Payload() r: RpcRequest) {
    return this.executor.execute(getReturn, r);
  }
  @MessagePattern('rpc.return.list') list(@Payload() r: RpcRequest) {
    return this.executor.execute(listReturns, r);
  }
  @MessagePattern('rpc.return.transitions') transitions(@Payload() r: RpcRequest) {
    return this.executor.execute(returnTransitions, r);
  }
  @MessagePattern('rpc.return.history') history(@Payload() r: RpcRequest) {
    return this.executor.execute(returnHistory, r);
  }
}
