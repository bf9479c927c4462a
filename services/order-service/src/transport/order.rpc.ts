import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { EXECUTOR, Executor, type RpcRequest } from '@oms/chassis';
import { createApiKey, findApiKey, listApiKeys, revokeApiKey } from '../features/api-keys.js';
import { createOrder } from '../features/create-order.js';
import { createOrders } from '../features/create-orders.js';
import { exportOrders, listOrders } from '../features/list-orders.js';
import { getOrder, orderHistory, orderTransitions, paymentToken } from '../features/read-orders.js';
import {
  cancelOrder,
  createShipment,
  deliverShipment,
  holdOrder,
  releaseOrder,
  transitionOrder,
} from '../features/transition-order.js';
import { orderTimeline } from '../features/read-timeline.js';
import { updateOrder } from '../features/update-order.js';

/** A line a subject. */
@Controller()
export class OrderRpc {
  constructor(@Inject(EXECUTOR) private readonly executor: Executor) {}

  @MessagePattern('rpc.order.create') create(@Payload() r: RpcRequest) {
    return this.executor.execute(createOrder, r);
  }
  @MessagePattern('rpc.order.create_batch') createBatch(@Payload() r: RpcRequest) {
    return this.executor.execute(createOrders, r);
  }
  @MessagePattern('rpc.order.update') update(@Payload() r: RpcRequest) {
    return this.executor.execute(updateOrder, r);
  }
  @MessagePattern('rpc.order.transition') transition(@Payload() r: RpcRequest) {
    return this.executor.execute(transitionOrder, r);
  }
  @MessagePattern('rpc.order.cancel') cancel(@Payload() r: RpcRequest) {
    return this.executor.execute(cancelOrder, r);
  }
  @MessagePattern('rpc.order.hold') hold(@Payload() r: RpcRequest) {
    return this.executor.execute(holdOrder, r);
  }
  @MessagePattern('rpc.order.release') release(@Payload() r: RpcRequest) {
    return this.executor.execute(releaseOrder, r);
  }
  @MessagePattern('rpc.order.create_shipment') ship(@Payload() r: RpcRequest) {
    return this.executor.execute(createShipment, r);
  }
  @MessagePattern('rpc.order.deliver_shipment') deliver(@Payload() r: RpcRequest) {
    return this.executor.execute(deliverShipment, r);
  }
  @MessagePattern('rpc.order.get') get(@Payload() r: RpcRequest) {
    return this.executor.execute(getOrder, r);
  }
  @MessagePattern('rpc.order.list') list(@Payload() r: RpcRequest) {
    return this.executor.execute(listOrders, r);
  }
  @MessagePattern('rpc.order.export') export(@Payload() r: RpcRequest) {
    return this.executor.execute(exportOrders, r);
  }
  @MessagePattern('rpc.order.transitions') transitions(@Payload() r: RpcRequest) {
    return this.executor.execute(orderTransitions, r);
  }
  @MessagePattern('rpc.order.history') history(@Payload() r: RpcRequest) {
    return this.executor.execute(orderHistory, r);
  }
  @MessagePattern('rpc.order.timeline') timeline(@Payload() r: RpcRequest) {
    return this.executor.execute(orderTimeline, r);
  }
  @MessagePattern('rpc.order.create_api_key') createKey(@Payload() r: RpcRequest) {
    return this.executor.execute(createApiKey, r);
  }
  @MessagePattern('rpc.order.revoke_api_key') revokeKey(@Payload() r: RpcRequest) {
    return this.executor.execute(revokeApiKey, r);
  }
  @MessagePattern('rpc.order.list_api_keys') listKeys(@Payload() r: RpcRequest) {
    return this.executor.execute(listApiKeys, r);
  }
  @MessagePattern('rpc.order.find_api_key') findKey(@Payload() r: RpcRequest) {
    return this.executor.execute(findApiKey, r);
  }
  @MessagePattern('rpc.order.payment_token') token(@Payload() r: RpcRequest) {
    return this.executor.execute(paymentToken, r);
  }
}
