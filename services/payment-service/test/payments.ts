import { at, fingerprint, newId, transit, type Ctx } from '@oms/chassis';
import type { PaymentView } from '@oms/contracts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import type { Provider } from '../src/adapters/provider.js';
import { OperationRunner } from '../src/features/operation-runner.js';
import { createPayment, providerCommands } from '../src/features/payment-commands.js';
import { getPayment } from '../src/features/read-payments.js';
import { paymentModule } from '../src/payment.module.js';
import { paymentAggregate } from '../src/persistence/payment.aggregate.js';
import { knowOrder } from '../src/persistence/payment.repository.js';

/** payment-service's own commands on a Postgres of their own. */
export class Payments {
  readonly ground: ServiceGround;

  private constructor(ground: ServiceGround) {
    this.ground = ground;
    ground.runtime.ask = (_, question) => {
      const orderId = this.returns.get((question as { returnId: string }).returnId);
      return Promise.resolve({
        json: () => ({ orderId }),
        headers: { get: () => (orderId === undefined ? 'not_found' : '') },
      } as never);
    };
  }

  static async start(): Promise<Payments> {
    return new Payments(
      await startGround(paymentModule({ providerUrl: 'http://127.0.0.1:1', reconcileEveryS: 0 })),
    );
  }

  /** Opens a payment of 10.00 for an order of its own, whose token the sandbox decides by. */
  async open(token: string, more: { capture?: 'automatic' | 'manual' } = {}): Promise<string> {
    return (await this.add(await this.order(1_000), { token, ...more })).id;
  }

  /** Returns that were not processed yet: return-service is asked whose they are, and answers for these. */
  private readonly returns = new Map<string, string>();

  /** A return of an order, which is known to its owner only. */
  returnOf(orderId: string): string {
    const id = newId('ret');
    this.returns.set(id, orderId);
    return id;
  }

  /** An order that costs `total`, as its event told us. */
  async order(total: number): Promise<string> {
    const id = newId('ord');
    await this.ground.uow.run((em) => knowOrder(em, { id, customerId: 'cus_42', currency: 'GBP', total }));
    return id;
  }

  /** Opens a payment of an order. */
  async add(orderId: string, body: object = {}): Promise<PaymentView> {
    const reply = await this.tryAdd(orderId, body);
    if (!reply.ok) throw new Error(reply.failure.code);
    return reply.body as PaymentView;
  }

  tryAdd = (orderId: string, body: object = {}) =>
    this.ground.insist(createPayment(this.ground.runtime), {
      orderId,
      method: 'card',
      token: 'tok_visa',
      ...body,
    });

  /** An event of the order or of a return, handled as the inbox would: again, when a lock or a connection was not to be had. */
  async hear<E>(handle: (ctx: Ctx, event: E) => Promise<void>, event: object): Promise<void> {
    const once = () =>
      this.ground.uow.run((em, after) =>
        handle(this.ground.runtime.context(em, after, newId('evt')), event as E),
      );
    const isWaitedOut = (error: unknown) => /timeout/i.test((error as Error).message);
    for (const until = Date.now() + 60_000; ;)
      try {
        return await once();
      } catch (error) {
        if (!isWaitedOut(error) || Date.now() > until) throw error;
      }
  }

  /** Writes an intent and commits it; nobody has asked the provider yet, nor does a runner before it is `due`. */
  async intend(
    paymentId: string,
    on: string,
    input: object = {},
    due: 'now' | 'infinity' = 'now',
  ): Promise<void> {
    await this.ground.uow.run(async (em, after) => {
      const ctx = this.ground.runtime.context(em, after, newId('msg'));
      const payment = await paymentAggregate.find(em, paymentId);
      if (!payment) throw new Error(`no payment ${paymentId}`);
      const told = { ...at(ctx, fingerprint([on, input])), ...input };
      const decision = await transit(ctx, paymentAggregate, payment, on, told);
      if (decision.outcome !== 'moved') throw new Error(`${on}: ${decision.outcome}`);
      if (due === 'infinity')
        await em.execute(
          `update payments.operation set next_at = 'infinity' where payment_id = ? and closed_at is null`,
          [paymentId],
        );
    });
  }

  async view(paymentId: string): Promise<PaymentView> {
    const reply = await this.ground.send(getPayment, { paymentId });
    if (!reply.ok) throw new Error(reply.failure.code);
    return reply.body as PaymentView;
  }

  /** The commands that go to `provider`, and the runner that carries them there; the caller stops it. */
  asking(provider: Provider) {
    const runner = new OperationRunner(this.ground.runtime, provider);
    return { runner, ...providerCommands(this.ground.runtime, runner) };
  }

  openOperations = (paymentId: string) =>
    this.ground.sql<{ kind: string; key: string; attempts: number }>(
      `select kind, key, attempts from payments.operation where payment_id = ? and state not in ('succeeded', 'declined')`,
      [paymentId],
    );
}
