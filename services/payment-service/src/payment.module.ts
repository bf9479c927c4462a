import { RUNTIME, type Runtime, type ServiceDefinition } from '@oms/chassis';
import { SandboxProvider } from './adapters/provider.js';
import { OperationRunner } from './features/operation-runner.js';
import { PaymentRow } from './persistence/entities.js';
import { migrations } from './persistence/migrations.js';
import { paymentAggregate } from './persistence/payment.aggregate.js';
import { PaymentEvents } from './transport/payment.events.js';
import { PaymentRpc } from './transport/payment.rpc.js';

/** The only wiring of payment-service. What it can do is listed in PaymentRpc, what it listens to in PaymentEvents. */
export function paymentModule(providerUrl: string): ServiceDefinition {
  let runner: OperationRunner | undefined;
  const make = (runtime: Runtime) =>
    (runner ??= new OperationRunner(runtime, new SandboxProvider(providerUrl)));
  return {
    name: 'payment-service',
    schema: 'payments',
    entities: [PaymentRow],
    migrations,
    aggregates: [paymentAggregate],
    controllers: [PaymentRpc, PaymentEvents],
    providers: [{ provide: OperationRunner, inject: [RUNTIME], useFactory: make }],
    start: async (runtime) => {
      make(runtime).kick();
      return make(runtime);
    },
  };
}
