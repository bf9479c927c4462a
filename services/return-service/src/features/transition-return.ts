import { command, newId, Refused, type Ctx } from '@oms/chassis';
import { ApproveReturn, CancelReturn, RejectReturn, TransitionReturn } from '@oms/contracts';
import type { ReturnState } from '../domain/return.js';
import { viewFor } from '../domain/return.view.js';
import { isUnpaid } from '../persistence/order-snapshot.repository.js';
import { returnAggregate } from '../persistence/return.aggregate.js';
import { processInput } from './process-return.js';

const view = (ctx: Ctx, state: ReturnState) => viewFor(ctx.actor, state);
const common = { aggregate: returnAggregate, id: (body: { returnId: string }) => body.returnId, view };

/** A pickup may be told of after it was made, never before the return was asked for. */
function pickupTime(pickupAt: string, state: ReturnState): string {
  const time = new Date(pickupAt);
  if (time < state.createdAt)
    throw new Refused('validation_failed', undefined, {
      errors: [{ path: 'pickupAt', message: 'must not be before the return was created' }],
    });
  return time.toISOString();
}

/** POST /state: a step by its name, with the fields of that step. */
export const transitionReturn = command({
  ...common,
  name: 'return.transition',
  schema: TransitionReturn,
  on: (body) => body.transition,
  input: async (ctx, body, state) => {
    switch (body.transition) {
      case 'approve':
        return { note: body.note ?? null };
      case 'reject':
        return { reason: body.reason };
      case 'schedule_pickup':
        return {
          pickupAt: pickupTime(body.pickupAt, state),
          carrier: body.carrier,
          address: body.address ?? null,
        };
      case 'mark_in_transit':
        return { carrier: body.carrier ?? null, trackingNumber: body.trackingNumber ?? null };
      case 'receive':
        return { items: body.items ?? null };
      case 'process':
        return processInput(ctx.em, state, body);
      case 'refund':
        return {
          refundId: newId('ref'),
          method: body.refundMethod ?? 'original',
          note: body.note ?? null,
          unpaid: await isUnpaid(ctx.em, state.orderId),
        };
      case 'cancel':
        return { reason: body.reason ?? null };
    }
  },
});

export const approveReturn = command({
  ...common,
  name: 'return.approve',
  schema: ApproveReturn,
  on: () => 'approve',
  input: (_, body) => ({ note: body.note ?? null }),
});
export const rejectReturn = command({
  ...common,
  name: 'return.reject',
  schema: RejectReturn,
  on: () => 'reject',
});
export const cancelReturn = command({
  ...common,
  name: 'return.cancel',
  access: 'customer',
  schema: CancelReturn,
  on: () => 'cancel',
  input: (_, body) => ({ reason: body.reason ?? null }),
});
