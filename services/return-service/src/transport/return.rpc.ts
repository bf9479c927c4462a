import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  EXECUTOR,
  Executor,
  RUNTIME,
  type Command,
  type Query,
  type RpcRequest,
  type Runtime,
} from '@oms/chassis';
import { createReturn } from '../features/create-return.js';
import { createPolicy, listPolicies } from '../features/policies.js';
import { quoteReturn } from '../features/quote-return.js';
import {
  exportReturns,
  getReturn,
  listReturns,
  returnCalculation,
  returnHistory,
  returnTransitions,
} from '../features/read-returns.js';
import { orderTimeline, returnTimeline } from '../features/read-timeline.js';
import {
  approveReturn,
  cancelReturn,
  rejectReturn,
  transitionReturn,
} from '../features/transition-return.js';
import { updateReturn } from '../features/update-return.js';

/** A line a subject. */
@Controller()
export class ReturnRpc {
  private readonly createReturn: Command;
  private readonly quoteReturn: Query;

  constructor(
    @Inject(EXECUTOR) private readonly executor: Executor,
    @Inject(RUNTIME) runtime: Runtime,
  ) {
    this.createReturn = createReturn(runtime);
    this.quoteReturn = quoteReturn(runtime);
  }

  @MessagePattern('rpc.return.create') create(@Payload() r: RpcRequest) {
    return this.executor.execute(this.createReturn, r);
  }
  @MessagePattern('rpc.return.quote') quote(@Payload() r: RpcRequest) {
    return this.executor.execute(this.quoteReturn, r);
  }
  @MessagePattern('rpc.return.calculation') calculation(@Payload() r: RpcRequest) {
    return this.executor.execute(returnCalculation, r);
  }
  @MessagePattern('rpc.return.create_policy') addPolicy(@Payload() r: RpcRequest) {
    return this.executor.execute(createPolicy, r);
  }
  @MessagePattern('rpc.return.list_policies') policies(@Payload() r: RpcRequest) {
    return this.executor.execute(listPolicies, r);
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
  @MessagePattern('rpc.return.export') export(@Payload() r: RpcRequest) {
    return this.executor.execute(exportReturns, r);
  }
  @MessagePattern('rpc.return.transitions') transitions(@Payload() r: RpcRequest) {
    return this.executor.execute(returnTransitions, r);
  }
  @MessagePattern('rpc.return.history') history(@Payload() r: RpcRequest) {
    return this.executor.execute(returnHistory, r);
  }
  @MessagePattern('rpc.return.timeline') timeline(@Payload() r: RpcRequest) {
    return this.executor.execute(returnTimeline, r);
  }
  @MessagePattern('rpc.return.order_timeline') orderTimeline(@Payload() r: RpcRequest) {
    return this.executor.execute(orderTimeline, r);
  }
}
