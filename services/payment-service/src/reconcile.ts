import { createLog, Executor, openOrm, UnitOfWork, type Runtime } from '@oms/chassis';
import type { ReconciliationRun } from '@oms/contracts';
import { SandboxProvider } from './adapters/provider.js';
import { Reconciler } from './features/reconciler.js';
import { paymentModule } from './payment.module.js';

/** One run of the reconciler in this process, beside whatever runs elsewhere: what `npm run reconcile` does. */
export async function reconcile(where: {
  databaseUrl: string;
  providerUrl: string;
}): Promise<ReconciliationRun> {
  const definition = paymentModule({ ...where, reconcileEveryS: 0 });
  const { schema, name: service } = definition;
  const orm = await openOrm({ ...definition, databaseUrl: where.databaseUrl, poolMax: 2 });
  try {
    const uow = new UnitOfWork(orm);
    const log = createLog(service, 'silent');
    const executor = new Executor({ uow, schema, service, log, wrote: () => {} });
    const context: Runtime['context'] = (em, after, causationId) =>
      executor.context(em, after, { causationId });
    const runtime = { uow, log, schema, executor, context } as Runtime;
    return await new Reconciler(runtime, new SandboxProvider(where.providerUrl)).run();
  } finally {
    await orm.close();
  }
}
