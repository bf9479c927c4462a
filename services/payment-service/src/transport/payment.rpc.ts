import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { EXECUTOR, Executor, RUNTIME, type Command, type RpcRequest, type Runtime } from '@oms/chassis';
import { OperationRunner } from '../features/operation-runner.js';
import { reconciliationReport } from '../features/report-reconciliation.js';
import { createPayment, providerCommands, updatePayment } from '../features/payment-commands.js';
import { providerWebhook } from '../features/provider-webhook.js';
import {
  getPayment,
  exportPayments,
  listPayments,
  paymentHistory,
  paymentTransitions,
} from '../features/read-payments.js';
import { orderTimeline, returnTimeline } from '../features/read-timeline.js';

/** A line a subject. */
@Controller()
export class PaymentRpc {
  private readonly open: Command;
  private readonly webhook: Command;
  private readonly ask: Record<'process' | 'capture' | 'void' | 'refund', Command>;

  constructor(
    @Inject(EXECUTOR) private readonly executor: Executor,
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(OperationRunner) runner: OperationRunner,
  ) {
    this.open = createPayment(runtime);
    this.webhook = providerWebhook(runner);
    this.ask = providerCommands(runtime, runner);
  }

  @MessagePattern('rpc.payment.create') create(@Payload() r: RpcRequest) {
    return this.executor.execute(this.open, r);
  }
  @MessagePattern('rpc.payment.update') update(@Payload() r: RpcRequest) {
    return this.executor.execute(updatePayment, r);
  }
  @MessagePattern('rpc.payment.process') process(@Payload() r: RpcRequest) {
    return this.executor.execute(this.ask.process, r);
  }
  @MessagePattern('rpc.payment.capture') capture(@Payload() r: RpcRequest) {
    return this.executor.execute(this.ask.capture, r);
  }
  @MessagePattern('rpc.payment.void') void(@Payload() r: RpcRequest) {
    return this.executor.execute(this.ask.void, r);
  }
  @MessagePattern('rpc.payment.refund') refund(@Payload() r: RpcRequest) {
    return this.executor.execute(this.ask.refund, r);
  }
  @MessagePattern('rpc.payment.provider_webhook') told(@Payload() r: RpcRequest) {
    return this.executor.execute(this.webhook, r);
  }
  @MessagePattern('rpc.payment.get') get(@Payload() r: RpcRequest) {
    return this.executor.execute(getPayment, r);
  }
  @MessagePattern('rpc.payment.list') list(@Payload() r: RpcRequest) {
    return this.executor.execute(listPayments, r);
  }
  @MessagePattern('rpc.payment.export') export(@Payload() r: RpcRequest) {
    return this.executor.execute(exportPayments, r);
  }
  @MessagePattern('rpc.payment.transitions') transitions(@Payload() r: RpcRequest) {
    return this.executor.execute(paymentTransitions, r);
  }
  @MessagePattern('rpc.payment.history') history(@Payload() r: RpcRequest) {
    return this.executor.execute(paymentHistory, r);
  }
  @MessagePattern('rpc.payment.order_timeline') orderTimeline(@Payload() r: RpcRequest) {
    return this.executor.execute(orderTimeline, r);
  }
  @MessagePattern('rpc.payment.return_timeline') returnTimeline(@Payload() r: RpcRequest) {
    return this.executor.execute(returnTimeline, r);
  }
  @MessagePattern('rpc.payment.reconciliation') reconciliation(@Payload() r: RpcRequest) {
    return this.executor.execute(reconciliationReport, r);
  }
}
