import { SandboxProvider } from '../src/adapters/provider.js';
import { Payments } from './payments.js';
import { Sandbox } from './sandbox-wire.js';

/** payment-service beside a provider of its own, which it asks; `stop` ends both, in the order in which nothing is asked any more. */
export interface AskingPayments {
  payments: Payments;
  sandbox: Sandbox;
  asking: ReturnType<Payments['asking']>;
  stop(): Promise<void>;
}

export async function startAsking(): Promise<AskingPayments> {
  const sandbox = new Sandbox();
  const [payments] = await Promise.all([Payments.start(), sandbox.start()]);
  const asking = payments.asking(new SandboxProvider(sandbox.url));
  const stop = async (): Promise<void> => {
    await asking.runner.stop();
    await sandbox.stop();
    await payments.ground.stop();
  };
  return { payments, sandbox, asking, stop };
}
