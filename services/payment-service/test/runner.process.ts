import { createLog, Executor, openOrm, UnitOfWork, type Runtime } from '@oms/chassis';
import { SandboxProvider } from '../dist/adapters/provider.js';
import { OperationRunner } from '../dist/features/operation-runner.js';
import { paymentModule } from '../dist/payment.module.js';

/** A process that does nothing but carry out payment-service's operations, so that a test may end or freeze it at any moment. */
const [databaseUrl = '', providerUrl = ''] = process.argv.slice(2);
const definition = paymentModule({ providerUrl, reconcileEveryS: 0 });
const { schema, name } = definition;
const uow = new UnitOfWork(await openOrm({ ...definition, databaseUrl, poolMax: 4 }));
const log = createLog(name, 'warn');
const executor = new Executor({ uow, schema, service: name, log, wrote: () => {} });
const runtime = {
  uow,
  log,
  schema,
  databaseUrl,
  executor,
  context: (em, after, causationId) => executor.context(em, after, { causationId }),
} as Runtime;
/** Patient: a held answer is the test's doing, however slow the machine is. */
const TIMEOUT_MS = 60_000;
new OperationRunner(runtime, new SandboxProvider(providerUrl, TIMEOUT_MS)).kick();
