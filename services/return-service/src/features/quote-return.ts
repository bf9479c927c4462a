import { query, Refused, type Runtime } from '@oms/chassis';
import { CreateReturn, type Caller, type ReturnQuoteView } from '@oms/contracts';
import { eligibility, type Ineligible } from '../domain/policy.js';
import { refundOf, worthsOf } from '../domain/refund-sums.js';
import { refundInputsUnder, type PricedReturnLine } from '../domain/refund-terms.js';
import { knownOrder, type KnownOrder } from '../persistence/order-snapshot.repository.js';
import { policyOf } from '../persistence/policy.repository.js';
import { awaitDelivery } from './awaited-delivery.js';
import { lineFacts } from './create-return.js';
import { moneyOf } from './process-return.js';

/** What staff can not override: units that are not there to be returned. */
const HARD: ReadonlySet<Ineligible> = new Set(['unknown_item', 'quantity_not_returnable']);

/**
 * What a return would give back. The same functions judge and price it as the return itself, so a return that is asked for,
 * received and accepted like this pays exactly this, unless another return of the order is processed in between. The sums are
 * of the lines that may come back. Three statements, two once the policy is known; nothing is kept.
 */
export const quoteReturn = (runtime: Runtime) =>
  query({
    name: 'return.quote',
    access: 'customer',
    schema: CreateReturn,
    run: async (em, asked: CreateReturn, caller) => {
      await awaitDelivery(runtime, asked);
      const known = await knownOrder(em, asked.orderId);
      if (!known || (caller.type === 'customer' && known.order.customerId !== caller.id))
        throw new Refused('order_not_found');
      const policy = await policyOf(em, known.order.policyVersion ?? null);
      const judged = eligibility(policy, lineFacts(known), asked.items, new Date());
      const reasons = judged.map((codes) =>
        mayOverride(asked, caller) ? codes.filter((code) => HARD.has(code)) : codes,
      );
      const lines = linesOf(asked, known, reasons);
      const inputs = refundInputsUnder(policy, lines, moneyOf(known));
      const calculation = refundOf(inputs.units, inputs.terms);
      if (!calculation.ok) throw new Refused(calculation.code);
      const worths = worthsOf(lines);
      const body: ReturnQuoteView = {
        eligible: reasons.every((codes) => codes.length === 0),
        items: asked.items.map((item, index) => ({
          orderItemId: item.orderItemId,
          quantity: item.quantity,
          eligible: reasons[index]?.length === 0,
          reasons: reasons[index] ?? [],
          refundAmount: worths.find((worth) => worth.returnItemId === String(index))?.amount ?? 0,
        })),
        restockingFee: calculation.breakdown.restockingFee,
        shippingRefundAmount: calculation.breakdown.shipping,
        refundAmount: calculation.breakdown.total,
        policyVersion: policy.version,
      };
      return { body };
    },
  });

function mayOverride(asked: CreateReturn, caller: Caller | { type: string }): boolean {
  if (!asked.override) return false;
  if (caller.type === 'customer') throw new Refused('forbidden', 'only staff may go past the policy');
  return true;
}

/** The lines that may come back, as if all of them came new and were accepted; named by their place in the question. */
function linesOf(
  asked: CreateReturn,
  known: KnownOrder,
  reasons: readonly Ineligible[][],
): PricedReturnLine[] {
  const orderLines = new Map(known.lines.map((line) => [line.id, line]));
  return asked.items.flatMap((item, index): PricedReturnLine[] => {
    const line = orderLines.get(item.orderItemId);
    if (!line || reasons[index]?.length !== 0) return [];
    return [
      {
        returnItemId: String(index),
        orderItemId: line.id,
        line,
        from: line.cancelled + line.returned,
        count: item.quantity,
        reason: item.reason,
        condition: 'new',
      },
    ];
  });
}
