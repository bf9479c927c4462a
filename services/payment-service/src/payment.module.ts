import { RUNTIME, type Runtime, type ServiceDefinition } from '@oms/chassis';
import { SandboxProvider } from './adapters/provider.js';
import { OperationRunner } from './features/operation-runner.js';
import { Reconciler } from './features/reconciler.js';
import { PaymentRow } from './persistence/entities.js';
import { migrations } from './persistence/migrations.js';
import { paymentAggregate } from './persistence/payment.aggregate.js';
import { paymentRetention } from './persistence/retention.js';
import { lastAgeS, lastDifferences } from './persistence/reconciliation.repository.js';
import { PaymentEvents } from './transport/payment.events.js';
import { PaymentRpc } from './transport/payment.rpc.js';

/** The only wiring of payment-service. What it can do is listed in PaymentRpc, what it listens to in PaymentEvents. */
export function paymentModule(settings: {
  providerUrl: string;
  reconcileEveryS: number;
  providerRetentionDays?: number;
}): ServiceDefinition {
  const provider = new SandboxProvider(settings.providerUrl);
  let runner: OperationRunner | undefined;
  const make = (runtime: Runtime) => (runner ??= new OperationRunner(runtime, provider));
  return {
    name: 'payment-service',
    schema: 'payments',
    entities: [PaymentRow],
    migrations,
    aggregates: [paymentAggregate],
    controllers: [PaymentRpc, PaymentEvents],
    providers: [{ provide: OperationRunner, inject: [RUNTIME], useFactory: make }],
    retention: paymentRetention(settings.providerRetentionDays ?? 90),
    gauges: [
      {
        name: 'reconciliation_differences',
        help: "Differences between our ledger and the provider's, in the last run",
        read: lastDifferences,
      },
      {
        name: 'reconciliation_age_seconds',
        help: 'How long ago the last run ended that read the whole of it',
        read: lastAgeS,
      },
    ],
    start: async (runtime) => {
      const operations = make(runtime);
      const reconciler = new Reconciler(runtime, provider);
      operations.kick();
      reconciler.start(settings.reconcileEveryS * 1000);
      return { stop: async () => void (await Promise.all([operations.stop(), reconciler.stop()])) };
    },
  };
}
