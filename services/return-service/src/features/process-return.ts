import { newId } from '@oms/chassis';
import type { Ctx } from '@oms/chassis';
import type { ReturnPolicy } from '../domain/policy.js';
import { refundOf } from '../domain/refund-sums.js';
import type { ReturnedUnits } from '../domain/refund-sums.js';
import { acceptable } from '../domain/return-line.machine.js';
import type { ReturnInputs, ReturnState, SettledLine } from '../domain/return.js';
import { knownOrder } from '../persistence/order-snapshot.repository.js';
import type { KnownOrder } from '../persistence/order-snapshot.repository.js';

export interface ProcessFields {
  items?:
    | readonly { returnItemId: string; disposition: string; acceptedQuantity?: number | undefined }[]
    | undefined;
  restockingFee?: number | undefined;
  shippingRefundAmount?: number | undefined;
  adjustment?: { amount: number; reason: string } | undefined;
}

type ProcessInput = Omit<ReturnInputs['process'], 'at' | 'actor' | 'fingerprint'>;

/** Gathers what `process` is judged by: the lines settled, and the refund calculated from what is known of the order, which is locked. */
export async function processInput(
  ctx: Ctx,
  state: ReturnState,
  fields: ProcessFields,
  policy: ReturnPolicy,
): Promise<ProcessInput> {
  const named = new Map(fields.items?.map((item) => [item.returnItemId, item]));
  const unknown = (fields.items ?? []).some(
    (item) => !state.lines.some((line) => line.id === item.returnItemId),
  );
  const twice = named.size !== (fields.items?.length ?? 0);
  const items = state.lines.map((line): SettledLine => {
    const item = named.get(line.id);
    return {
      returnItemId: line.id,
      accepted: item?.acceptedQuantity ?? acceptable(line),
      disposition: item?.disposition ?? null,
    };
  });
  const known = await knownOrder(ctx.em, state.orderId);
  if (!known) throw new Error(`return ${state.id} is of an order that is not known`);
  return {
    items,
    itemsRefusal: unknown || twice ? 'unknown_return_item' : null,
    calculation: refundOf(state.status === 'received' ? unitsOf(state, items, known) : [], {
      restockingFee: fields.restockingFee ?? 0,
      shippingRefundAmount: fields.shippingRefundAmount ?? 0,
      adjustment: fields.adjustment?.amount ?? 0,
      shippingPaid: known.order.shippingPaid,
      shippingRefunded: known.order.shippingRefunded,
      paidForOrder: known.order.total,
    }),
    adjustmentReason: fields.adjustment?.reason ?? null,
    refundIds: Array.from({ length: policy.refundAttempts }, () => newId('ref')),
  };
}

/** The units each line gives back; units cancelled or returned before stand before them in their order line. */
function unitsOf(state: ReturnState, items: readonly SettledLine[], known: KnownOrder): ReturnedUnits[] {
  const orderLines = new Map(known.lines.map((line) => [line.id, line]));
  return state.lines.flatMap((line, index) => {
    const orderLine = orderLines.get(line.orderItemId);
    const count = Math.min(items[index]?.accepted ?? 0, acceptable(line));
    if (!orderLine) throw new Error(`return line ${line.id} is of an order line that is not known`);
    return {
      returnItemId: line.id,
      orderItemId: orderLine.id,
      line: orderLine,
      from: orderLine.cancelled + orderLine.returned,
      count,
    };
  });
}
