import { feedSaga, newId, type Ctx } from '@oms/chassis';
import type { Actor, EventEnvelope, ReturnView, TransitionsView } from '@oms/contracts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import { createReturn } from '../src/features/create-return.js';
import { followPayment, followRefund } from '../src/features/follow-payments.js';
import { getReturn, returnTransitions } from '../src/features/read-returns.js';
import { transitionReturn } from '../src/features/transition-return.js';
import { keepDelivery, keepOrder } from '../src/persistence/order-snapshot.repository.js';
import { returnAggregate } from '../src/persistence/return.aggregate.js';
import { returnModule } from '../src/return.module.js';

type Offer = Record<string, TransitionsView['data'][number]>;

interface SagaRow {
  step: string;
  state: string;
  deadline_name: string | null;
  steps: { to: string; on: string; code?: string; because: string }[];
}

export const jane = { type: 'customer', id: 'cus_42' } as const;

/** return-service's own commands on a Postgres of their own. */
export class Returns {
  readonly ground: ServiceGround;

  private constructor(ground: ServiceGround) {
    this.ground = ground;
  }

  static async start(): Promise<Returns> {
    return new Returns(await startGround(returnModule));
  }

  /** One unit of 5.00 that jane ordered, delivered; of its money nothing is known. */
  async delivered(): Promise<{ orderId: string; itemId: string }> {
    const orderId = newId('ord');
    const itemId = newId('itm');
    const line = { itemId, sku: 'A', quantity: 1, unitPrice: 500, discount: 0, discountShare: 0, tax: 0 };
    const order = { orderId, number: orderId.slice(-8), customerId: jane.id, currency: 'GBP', total: 500 };
    await this.ground.uow.run(async (em) => {
      await keepOrder(em, { ...order, shippingTotal: 0, lines: [line] });
      await keepDelivery(em, orderId, [{ itemId, quantity: 1 }], new Date().toISOString());
    });
    return { orderId, itemId };
  }

  paymentOpened = (orderId: string) =>
    this.hear((ctx) => followPayment(ctx, { orderId } as Parameters<typeof followPayment>[1]));

  /** A return of all of an order. */
  open({ orderId, itemId }: { orderId: string; itemId: string }, more: object = {}): Promise<ReturnView> {
    const items = [{ orderItemId: itemId, quantity: 1, reason: 'defective' }];
    return this.send(createReturn(this.ground.runtime), { orderId, items, ...more });
  }

  async processed(returnId: string): Promise<ReturnView> {
    for (const transition of ['approve', 'receive', 'process'])
      await this.send(transitionReturn, { returnId, transition });
    return this.view(returnId);
  }

  tryStep = (returnId: string, transition: string, fields: object = {}) =>
    this.ground.send(transitionReturn, { returnId, transition, ...fields });

  view = (returnId: string): Promise<ReturnView> => this.send(getReturn, { returnId });

  /** What is offered to somebody, by its name. */
  async offered(returnId: string, who: Actor = { type: 'staff', id: 'anna' }): Promise<Offer> {
    const reply = await this.ground.sendAs(who, returnTransitions, { returnId });
    if (!reply.ok) throw new Error(reply.failure.code);
    const { data } = reply.body as TransitionsView;
    return Object.fromEntries(data.map((one) => [one.transition, one]));
  }

  /** A deadline that has come, or a move of staff. */
  feed = (id: string, on: string) =>
    this.hear(async (ctx) => {
      const state = await returnAggregate.find(ctx.em, id);
      if (!state) throw new Error(`no return ${id}`);
      return feedSaga(ctx, returnAggregate, state, on, { at: ctx.now, refundId: newId('ref') });
    });

  paymentSays = (id: string, refundId: string, type: string, more: object) =>
    this.hear((ctx) =>
      followRefund(ctx, { type, data: { returnId: id, returnRefundId: refundId, ...more } } as EventEnvelope),
    );

  async saga(id: string): Promise<SagaRow | undefined> {
    const [row] = await this.ground.sql<SagaRow>(
      `select step, state, deadline_name, steps from returns.saga where aggregate_id = ?`,
      [id],
    );
    return row;
  }

  told = (id: string, type: string) =>
    this.ground.sql<{ payload: Record<string, unknown> }>(
      `select payload from returns.outbox where aggregate_id = ? and type = ?`,
      [id, type],
    );

  private hear = (handle: (ctx: Ctx) => Promise<unknown>): Promise<unknown> =>
    this.ground.uow.run((em, after) => handle(this.ground.runtime.context(em, after, newId('evt'))));

  private async send(work: Parameters<ServiceGround['send']>[0], body: object): Promise<ReturnView> {
    const reply = await this.ground.send(work, body);
    if (!reply.ok) throw new Error(reply.failure.code);
    return reply.body as ReturnView;
  }
}
