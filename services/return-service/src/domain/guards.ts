import type { Refusal } from '@oms/chassis/machine';
import { acceptable } from './return-line.machine.js';
import { refundStatus } from './return.js';
import type { Ineligible } from './policy.js';
import type { ReturnInputs, ReturnState } from './return.js';

/** `true`, or the refusal. Guards read the state and the gathered facts, never a clock or a table. */
type Verdict = true | string | Refusal;

/** The first line of those asked that `code` is said of. */
function lineWith(input: ReturnInputs['initiate'], code: Ineligible, field = ''): Verdict {
  const place = input.ineligible.findIndex((codes) => codes.includes(code));
  return place === -1 || { code, path: `items.${place}${field}` };
}

/** API: never more than was delivered less what other open or finished returns hold. Holds for staff too. */
export function quantitiesFree(_: ReturnState, input: ReturnInputs['initiate']): Verdict {
  const known = lineWith(input, 'unknown_item', '.orderItemId');
  return known === true ? lineWith(input, 'quantity_not_returnable', '.quantity') : known;
}

/** API: within the policy's window, per reason. Staff may go past it and must say why. */
export function withinWindow(_: ReturnState, input: ReturnInputs['initiate']): Verdict {
  return input.override !== null || lineWith(input, 'return_window_closed');
}

/** What was sold as final comes back only for the reasons that the policy names. Staff may go past it and must say why. */
export function notFinalSale(_: ReturnState, input: ReturnInputs['initiate']): Verdict {
  return input.override !== null || lineWith(input, 'final_sale');
}

function linesOfThis(state: ReturnState, ids: readonly string[]): Verdict {
  const known = new Set(state.lines.map((line) => line.id));
  const place = ids.findIndex((id) => !known.has(id));
  return place === -1 || { code: 'unknown_return_item', path: `items.${place}.returnItemId` };
}

/** Every line named is a line of this return. */
export function knownLines(state: ReturnState, input: ReturnInputs['receive']): Verdict {
  return linesOfThis(
    state,
    (input.items ?? []).map((item) => item.returnItemId),
  );
}

/** Only what came, and of it only what was asked, can be accepted. */
export function acceptedCame(state: ReturnState, input: ReturnInputs['process']): Verdict {
  const known = linesOfThis(state, input.named);
  if (known !== true) return known;
  const lines = new Map(state.lines.map((line) => [line.id, line]));
  for (const item of input.items) {
    const line = lines.get(item.returnItemId);
    const path = `items.${input.named.indexOf(item.returnItemId)}.acceptedQuantity`;
    if (line && item.accepted > acceptable(line)) return { code: 'quantity_not_received', path };
  }
  return true;
}

/** The sums keep the rules of the fee, the shipping and the adjustment. */
export function calculationHolds(_: ReturnState, input: ReturnInputs['process']): Verdict {
  return input.calculation.ok || input.calculation.code;
}

export function refundOwed(_: ReturnState, input: ReturnInputs['process']): Verdict {
  return (input.calculation.ok && input.calculation.breakdown.total > 0) || 'nothing_owed';
}

/** A request already made counts, also an earlier one: money that arrives late is still money. Any other refund id is refused. */
export function sameRefund(state: ReturnState, input: { refundId: string }): Verdict {
  return state.paymentRefunds.some((refund) => refund.refundId === input.refundId) || 'unknown_refund';
}

/** A refund that may still be paid is not asked again: the second would be paid too. */
export function noRefundUnderWay(state: ReturnState): Verdict {
  return refundStatus(state) !== 'requested' || 'refund_in_progress';
}

/** Only a request that is not answered yet can be withdrawn. */
export function refundUnderWay(state: ReturnState): Verdict {
  return refundStatus(state) === 'requested' || 'no_refund_under_way';
}

/** Paid by staff outside of the payments: nothing is asked of them. */
export function paidOutside(_: ReturnState, input: ReturnInputs['refund']): Verdict {
  return input.method !== 'original' || 'method_is_original';
}

/** A request that no payment can answer would wait for ever. */
export function somePayment(_: ReturnState, input: ReturnInputs['refund']): Verdict {
  return input.unpaid !== true || 'order_not_paid';
}

export function methodIsOriginal(state: ReturnState): Verdict {
  return state.refundMethod === 'original' || 'method_is_not_original';
}

export function methodIsStoreCredit(state: ReturnState): Verdict {
  return state.refundMethod === 'store_credit' || 'method_is_not_store_credit';
}

/** The saga has an id for this attempt. */
export function attemptLeft(state: ReturnState, input: ReturnInputs['request_refund']): Verdict {
  return state.refundIds[input.attempt - 1] !== undefined || 'refund_attempts_used';
}
