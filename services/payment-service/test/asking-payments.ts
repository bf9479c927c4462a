import { newId } from '@oms/chassis';
import type { PaymentView } from '@oms/contracts';
import { SandboxProvider } from '../src/adapters/provider.js';
import { Payments } from './payments.js';
import { Sandbox } from './sandbox-wire.js';

/** payment-service beside a provider of its own, which it asks; `stop` ends both, in the order in which nothing is asked any more. */
export interface AskingPayments {
  payments: Payments;
  sandbox: Sandbox;
  asking: ReturnType<Payments['asking']>;
  /** What became of a payment by a call that is expected to be accepted. */
  ask(step: Step, paymentId: string, more?: object): Promise<PaymentView>;
  stop(): Promise<void>;
}

export type Step = 'process' | 'capture' | 'void' | 'refund';

/** A call waits so long for the provider; its answer then tells how things stand. */
const ANSWERED_BY_MS = 4_000;

export async function startAsking(): Promise<AskingPayments> {
  const sandbox = new Sandbox();
  const [payments] = await Promise.all([Payments.start(), sandbox.start()]);
  const asking = payments.asking(new SandboxProvider(sandbox.url));
  const ask = async (step: Step, paymentId: string, more: object = {}): Promise<PaymentView> => {
    const from = Date.now();
    const reply = await payments.ground.insist(asking[step], { paymentId, ...more }, newId('msg'));
    if (!reply.ok) throw new Error(`${step}: ${reply.failure.code}`);
    if (Date.now() - from < ANSWERED_BY_MS) return reply.body as PaymentView;
    await asking.runner.settle(paymentId, 60_000);
    return payments.view(paymentId);
  };
  const stop = async (): Promise<void> => {
    await asking.runner.stop();
    await sandbox.stop();
    await payments.ground.stop();
  };
  return { payments, sandbox, asking, ask, stop };
}
