import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '@oms/chassis';
import { refundOf } from '../domain/refund-sums.js';
import { refundInputsUnder, type OrderMoney, type PricedReturnLine } from '../domain/refund-terms.js';
import { acceptable } from '../domain/return-line.machine.js';
import type { ReturnInputs, ReturnState, SettledLine } from '../domain/return.js';
import { isUnpaid, knownOrder } from '../persistence/order-snapshot.repository.js';
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

/**
 * Gathers what `process` is judged by: the lines settled, and the refund calculated from what is known of the order, which is
 * locked, under the policy that the return was judged by.
 */
export async function processInput(
  em: EntityManager,
  state: ReturnState,
  fields: ProcessFields,
): Promise<ProcessInput> {
  const named = new Map(fields.items?.map((item) => [item.returnItemId, item]));
  const items = state.lines.map((line): SettledLine => {
    const item = named.get(line.id);
    return {
      returnItemId: line.id,
      accepted: item?.acceptedQuantity ?? acceptable(line),
      disposition: item?.disposition ?? null,
    };
  });
  const known = await knownOrder(em, state.orderId);
  if (!known) throw new Error(`return ${state.id} is of an order that is not known`);
  const lines = state.status === 'received' ? linesOf(state, items, known) : [];
  const calculatedFrom = refundInputsUnder(state.policy, lines, moneyOf(known), {
    ...fields,
    adjustment: fields.adjustment?.amount,
  });
  return {
    items,
    named: [...named.keys()],
    calculatedFrom,
    calculation: refundOf(calculatedFrom.units, calculatedFrom.terms),
    adjustmentReason: fields.adjustment?.reason ?? null,
    unpaid: await isUnpaid(em, state.orderId),
    refundIds: Array.from({ length: state.policy.refundAttempts }, () => newId('ref')),
  };
}

/** What the calculation looks at of the order. */
export const moneyOf = ({ order, lines }: KnownOrder): OrderMoney => ({
  shippingPaid: order.shippingPaid,
  shippingRefunded: order.shippingRefunded,
  paidForOrder: order.total,
  refundedBefore: order.refunded,
  unitsOut: lines.reduce((sum, line) => sum + line.quantity - line.cancelled - line.returned, 0),
});

/** The units each line gives back; units cancelled or returned before stand before them in their order line. */
function linesOf(state: ReturnState, items: readonly SettledLine[], known: KnownOrder): PricedReturnLine[] {
  const orderLines = new Map(known.lines.map((line) => [line.id, line]));
  return state.lines.map((line, index) => {
    const orderLine = orderLines.get(line.orderItemId);
    const count = Math.min(items[index]?.accepted ?? 0, acceptable(line));
    if (!orderLine) throw new Error(`return line ${line.id} is of an order line that is not known`);
    return {
      returnItemId: line.id,
      orderItemId: orderLine.id,
      line: orderLine,
      from: orderLine.cancelled + orderLine.returned,
      count,
      reason: line.reason,
      condition: line.condition ?? 'new',
    };
  });
}
