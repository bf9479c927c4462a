import { newId, refusalOf, savepoint, type Command } from '@oms/chassis';
import { CreateOrder, CreateOrders, problemOf, type OrderBatchResult, type OrderView } from '@oms/contracts';
import { createOrder } from './create-order.js';

/**
 * POST /orders/batch: each order in a savepoint of one transaction, so that a bad one leaves nothing and spoils no other, and
 * all that were placed are placed with the answer that tells of them: a batch that is sent again under its key, after
 * whatever end, is placed whole or answered as before.
 */
export const createOrders: Command = {
  kind: 'command',
  name: 'order.create_batch',
  access: 'staff',
  schema: CreateOrders,
  async run(ctx, { orders }: CreateOrders) {
    const results: OrderBatchResult[] = [];
    for (const [index, order] of orders.entries()) {
      try {
        const body = CreateOrder.parse(order) as never;
        const placed = await savepoint(ctx.em, (em) =>
          createOrder.run({ ...ctx, em, now: new Date() }, body, { ifMatch: null }),
        );
        results.push({ index, status: 201, order: placed.body as OrderView });
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        const problem = problemOf(refusal.code, {
          detail: refusal.detail,
          requestId: newId('req'),
          ...refusal.extra,
        });
        results.push({ index, status: problem.status, problem });
      }
    }
    return { body: { results } };
  },
};
