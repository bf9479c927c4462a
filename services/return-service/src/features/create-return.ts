import { at, born, creation, newId, Refused, transit, type Ctx, type Runtime } from '@oms/chassis';
import { CreateReturn } from '@oms/contracts';
import { eligibility } from '../domain/policy.js';
import type { LineFacts, ReturnPolicy } from '../domain/policy.js';
import { worthsOf } from '../domain/refund-sums.js';
import { approvesItself } from '../domain/refund-terms.js';
import type { ReturnState } from '../domain/return.js';
import { viewFor } from '../domain/return.view.js';
import type { KnownOrder } from '../persistence/order-snapshot.repository.js';
import { awaitDelivery } from './awaited-delivery.js';
import { knownOrder, lockOrder } from '../persistence/order-snapshot.repository.js';
import { policyOf } from '../persistence/policy.repository.js';
import { returnAggregate } from '../persistence/return.aggregate.js';
import { nextNumber } from '../persistence/return.repository.js';

/**
 * A customer or staff ask to return units of an order. The order is locked first, so that returns created at the same moment are judged one
 * after the other. Refuses `order_not_found`, `unknown_item`, `quantity_not_returnable`, `return_window_closed`,
 * `final_sale`, `external_ref_taken`.
 */
export const createReturn = (runtime: Runtime) =>
  creation({
    name: 'return.create',
    access: 'customer',
    schema: CreateReturn,
    aggregate: returnAggregate,
    on: 'initiate',
    before: (command) => awaitDelivery(runtime, command),
    create: async (ctx, command: CreateReturn) => {
      await lockOrder(ctx.em, command.orderId);
      const known = await knownOrder(ctx.em, command.orderId);
      if (!known || (ctx.actor.type === 'customer' && known.order.customerId !== ctx.actor.id))
        throw new Refused('order_not_found');
      if (command.override && ctx.actor.type === 'customer')
        throw new Refused('forbidden', 'only staff may go past the policy');
      const override = command.override ?? null;
      const policy = await policyOf(ctx.em, known.order.policyVersion ?? null);
      const state = newReturn(known, command, policy, await nextNumber(ctx.em), ctx.now);
      const ineligible = eligibility(policy, lineFacts(known), command.items, ctx.now);
      return { state, input: { ineligible, override, reason: override?.reason ?? null } };
    },
    also: approveByPolicy,
    view: ({ actor }, state) => viewFor(actor, state),
  });

/** A return that the policy waits for nobody to approve is approved in the transaction of its birth. */
async function approveByPolicy(ctx: Ctx, state: ReturnState): Promise<void> {
  if (!state.policy.autoApprove || !(await worthApproving(ctx, state))) return;
  const actor = { type: 'system', id: `policy:${state.policyVersion}` } as const;
  const input = { ...at({ ...ctx, actor }, `policy:${state.id}`), note: null };
  await transit({ ...ctx, actor }, returnAggregate, state, 'approve', input);
}

async function worthApproving(ctx: Ctx, state: ReturnState): Promise<boolean> {
  const known = await knownOrder(ctx.em, state.orderId);
  const orderLines = new Map(known?.lines.map((line) => [line.id, line]));
  const units = state.lines.flatMap(({ id, orderItemId, quantity }) => {
    const line = orderLines.get(orderItemId);
    return line
      ? [{ returnItemId: id, orderItemId, line, from: line.cancelled + line.returned, count: quantity }]
      : [];
  });
  const goods = worthsOf(units).reduce((sum, worth) => sum + worth.amount, 0);
  return approvesItself(state.policy, state.lines, goods);
}

/** What the policy looks at, of every line of an order. */
export function lineFacts(known: KnownOrder): LineFacts[] {
  return known.lines.map((line) => ({
    orderItemId: line.id,
    sku: line.sku,
    delivered: line.delivered,
    held: line.held,
    returned: line.returned,
    deliveredAt: line.deliveredAt ?? null,
    finalSale: line.finalSale,
  }));
}

function newReturn(
  { order, lines }: KnownOrder,
  command: CreateReturn,
  policy: ReturnPolicy,
  number: string,
  now: Date,
): ReturnState {
  const skus = new Map(lines.map((line) => [line.id, line.sku]));
  return {
    ...born('ret', now),
    number,
    status: 'initiated',
    orderId: order.id,
    customerId: order.customerId ?? null,
    currency: order.currency,
    externalRef: command.externalRef ?? null,
    note: command.note ?? null,
    metadata: command.metadata ?? {},
    refundMethod: command.refundMethod ?? 'original',
    override: command.override ?? null,
    policyVersion: policy.version,
    policy,
    lines: command.items.map((item) => ({
      id: newId('rit'),
      orderItemId: item.orderItemId,
      sku: skus.get(item.orderItemId) ?? '',
      status: 'expected',
      quantity: item.quantity,
      reason: item.reason,
      comment: item.comment ?? null,
      receivedQuantity: null,
      condition: null,
      acceptedQuantity: null,
      disposition: null,
      refundAmount: null,
      held: 0,
      returned: 0,
    })),
    pickup: null,
    carrier: null,
    trackingNumber: null,
    returnAddress: null,
    refundAmount: null,
    refundBreakdown: null,
    refundInputs: null,
    adjustmentReason: null,
    refundId: null,
    paymentRefunds: [],
    refundIds: [],
    endReason: null,
  };
}
