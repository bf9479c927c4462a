import { NEW, saga } from '@oms/chassis/machine';
import { DAY_MS } from './policy.js';
import type { RefundMethod } from './return.js';
import type { ReturnPolicy } from './policy.js';

/** What the saga remembers of a return; its deadlines come from the policy the return was judged by. */
export interface RefundCase {
  returnId: string;
  /** Every refund asked for, the last one last. */
  refundIds: string[];
  attempt: number;
  maxAttempts: number;
  shipBackMs: number;
  refundDeadlineMs: number;
  retryMs: number;
  /** Absent in cases that were opened before there was this deadline. */
  inspectionMs?: number;
}

/** A new case under a policy. */
export function openCase(returnId: string, policy: ReturnPolicy): RefundCase {
  return {
    returnId,
    refundIds: [],
    attempt: 0,
    maxAttempts: policy.refundAttempts,
    shipBackMs: policy.shipBackDays * DAY_MS,
    refundDeadlineMs: policy.refundDeadlineMs,
    retryMs: policy.refundRetryMs,
    inspectionMs: policy.inspectionDays * DAY_MS,
  };
}

/** How the return stands at the moment of an input. */
export interface Stand {
  refundUnderWay: boolean;
  method: RefundMethod;
}

interface RefundAnswer {
  refundId: string;
  code?: string;
}

/** Codes after which the same request may succeed; a decline is final, it is never asked again by itself. */
const passing = new Set(['provider_unavailable', 'provider_error', 'provider_timeout', 'refund_in_progress']);

const asked = (data: RefundCase, input: RefundAnswer) =>
  data.refundIds.includes(input.refundId) || 'unknown_refund';
const current = (data: RefundCase, input: RefundAnswer) =>
  data.refundIds.at(-1) === input.refundId || 'not_the_current_refund';
const canHelp = (data: RefundCase, input: RefundAnswer) =>
  (data.attempt < data.maxAttempts && passing.has(input.code ?? '')) || 'no_retry';
const owed = (_: RefundCase, input: { refundAmount: number }) => input.refundAmount > 0 || 'nothing_owed';

const byHand = (_: RefundCase, input: Stand) => input.method === 'manual' || 'not_by_hand';
const notByHand = (_: RefundCase, input: Stand) => input.method !== 'manual' || 'by_hand';
const nobodyToAsk = (_: RefundCase, input: Stand & { unpaid: boolean }) =>
  (input.unpaid && input.method === 'original') || 'somebody_pays';

const underWay = (_: RefundCase, input: Stand) => input.refundUnderWay || 'no_refund_under_way';
const notUnderWay = (_: RefundCase, input: Stand) => !input.refundUnderWay || 'refund_in_progress';
const neverAsked = (data: RefundCase) => data.attempt === 0 || 'refund_was_asked';
const refundAsked = (data: RefundCase) => data.attempt > 0 || 'no_refund_was_asked';

const remember = (data: RefundCase, input: { refundId: string; attempt: number }): void => {
  data.refundIds.push(input.refundId);
  data.attempt = input.attempt;
};

const succeeded = {
  on: 'refund_succeeded',
  with: (_: RefundCase, input: RefundAnswer) => ({ refundId: input.refundId }),
} as const;
const failed = {
  on: 'refund_failed',
  with: (_: RefundCase, input: RefundAnswer) => ({
    refundId: input.refundId,
    code: input.code ?? 'refund_failed',
  }),
} as const;
const requestNext = {
  on: 'request_refund',
  with: (data: RefundCase) => ({ attempt: data.attempt + 1 }),
} as const;

const requestAnew = {
  on: 'refund',
  with: (_: RefundCase, input: { refundId: string; reason?: string }) => ({
    refundId: input.refundId,
    method: 'original',
    note: input.reason ?? null,
  }),
} as const;

const withdraw = { on: 'withdraw_refund', with: () => ({}) } as const;

const inspection = {
  name: 'inspection',
  afterMs: (data: RefundCase) => data.inspectionMs ?? 7 * DAY_MS,
};
const deadline = { name: 'refund_deadline', afterMs: (data: RefundCase) => data.refundDeadlineMs };

/** Follows a return from its approval until the customer has the money; the one place that knows the order of the steps. */
export const refundSaga = saga<RefundCase>()({
  name: 'refund',
  steps: [
    'awaiting_goods',
    'inspecting',
    'inspection_overdue',
    'refunding',
    'waiting_to_retry',
    'needs_attention',
    'refunded',
    'closed',
  ],
  finished: ['refunded', 'closed'],
  attention: ['needs_attention', 'inspection_overdue'],
  attempts: (data) => data.attempt,
  rows: [
    {
      from: NEW,
      on: 'return.approved',
      to: 'awaiting_goods',
      timer: { name: 'ship_back', afterMs: (data) => data.shipBackMs },
      because: 'an approval does not last for ever',
    },
    {
      from: 'awaiting_goods',
      on: 'ship_back',
      to: 'closed',
      tell: { on: 'expire', with: () => ({}) },
      timer: null,
      because: 'the goods did not come in time, their units are free again',
    },
    {
      from: 'awaiting_goods',
      on: 'return.pickup_scheduled',
      to: 'awaiting_goods',
      timer: null,
      because: 'the goods are on their way as far as the customer is concerned',
    },
    {
      from: 'awaiting_goods',
      on: 'return.in_transit',
      to: 'awaiting_goods',
      timer: null,
      because: 'the goods are on their way',
    },
    {
      from: 'awaiting_goods',
      on: 'return.received',
      to: 'inspecting',
      timer: inspection,
      because: 'the goods are here',
    },
    {
      from: 'inspecting',
      on: 'inspection',
      to: 'inspection_overdue',
      timer: null,
      because: 'the goods lie here and nobody said what they are worth',
    },
    {
      from: 'inspection_overdue',
      on: 'resume',
      to: 'inspecting',
      timer: inspection,
      because: 'staff look at them, and get the same time once more',
    },
    {
      from: ['awaiting_goods', 'inspecting', 'inspection_overdue'],
      on: 'return.cancelled',
      to: 'closed',
      timer: null,
      because: 'the goods stay with the customer',
    },
    {
      from: ['awaiting_goods', 'inspecting', 'inspection_overdue'],
      on: 'return.rejected',
      to: 'closed',
      timer: null,
      because: 'the goods go back',
    },
    {
      from: ['inspecting', 'inspection_overdue'],
      on: 'return.processed',
      guard: [owed, byHand],
      to: 'needs_attention',
      timer: null,
      because: 'it is to be paid outside: staff do so and record it, no payment is asked',
    },
    {
      from: ['inspecting', 'inspection_overdue'],
      on: 'return.processed',
      guard: [owed, nobodyToAsk],
      to: 'needs_attention',
      timer: null,
      because: 'no payment of the order is known that could give the money back: staff pay it another way',
    },
    {
      from: 'needs_attention',
      on: 'payment.created',
      guard: [neverAsked, notUnderWay, notByHand],
      to: 'refunding',
      tell: requestNext,
      timer: deadline,
      because: 'its payment was only heard of late, and is asked now',
    },
    {
      from: ['inspecting', 'inspection_overdue'],
      on: 'return.processed',
      guard: [owed],
      to: 'refunding',
      tell: requestNext,
      timer: deadline,
      because: 'the amount is fixed',
    },
    {
      from: ['inspecting', 'inspection_overdue'],
      on: 'return.processed',
      to: 'refunded',
      timer: null,
      because: 'nothing is owed',
    },
    {
      from: ['refunding', 'needs_attention', 'waiting_to_retry', 'closed'],
      on: 'return.refund_requested',
      to: 'refunding',
      does: remember,
      timer: deadline,
      because: 'the payments were asked, by the saga or by staff',
    },
    {
      from: ['refunding', 'needs_attention', 'waiting_to_retry', 'closed'],
      on: 'payment.refunded',
      guard: [asked],
      to: 'refunded',
      tell: succeeded,
      timer: null,
      because: 'the money is back; a late success still counts',
    },
    {
      from: 'refunding',
      on: 'payment.refund_failed',
      guard: [current, canHelp],
      to: 'waiting_to_retry',
      tell: failed,
      timer: { name: 'refund_retry', afterMs: (data) => data.retryMs * 4 ** (data.attempt - 1) },
      because: 'asked again a little later it may succeed',
    },
    {
      from: ['refunding', 'needs_attention'],
      on: 'payment.refund_failed',
      guard: [current],
      to: 'needs_attention',
      tell: failed,
      timer: null,
      because: 'asking again cannot help: a person decides',
    },
    {
      from: 'waiting_to_retry',
      on: 'refund_retry',
      to: 'refunding',
      tell: requestNext,
      timer: deadline,
      because: 'the next attempt, under its own refund id',
    },
    {
      from: 'refunding',
      on: 'refund_deadline',
      to: 'needs_attention',
      timer: null,
      because: 'the payments are silent; a second refund could pay twice, so a person looks',
    },
    {
      from: ['refunding', 'needs_attention', 'waiting_to_retry', 'closed'],
      on: 'return.refunded',
      to: 'refunded',
      timer: null,
      because: 'it was paid outside or as store credit',
    },

    {
      from: 'needs_attention',
      on: 'resume',
      guard: [underWay],
      to: 'refunding',
      timer: deadline,
      because: 'a refund is still under way: its answer is waited for once more, and no second one asked',
    },
    {
      from: 'needs_attention',
      on: 'retry',
      guard: [refundAsked, notUnderWay],
      to: 'refunding',
      tell: requestAnew,
      timer: deadline,
      because: 'the last refund failed for good, so that another can not pay twice',
    },
    {
      from: 'waiting_to_retry',
      on: 'retry',
      to: 'refunding',
      tell: requestNext,
      timer: deadline,
      because: 'staff do not want to wait for the next attempt',
    },
    {
      from: 'needs_attention',
      on: 'close',
      guard: [underWay],
      to: 'closed',
      tell: withdraw,
      timer: null,
      because: 'staff settle it another way: what no provider has yet is withdrawn, and the payments say so',
    },
    {
      from: 'closed',
      on: 'payment.refund_failed',
      guard: [current, underWay],
      to: 'closed',
      tell: failed,
      timer: null,
      because: 'nothing is on its way any more: it is safe to pay it another way, and to record that',
    },
    {
      from: 'needs_attention',
      on: 'close',
      to: 'closed',
      timer: null,
      because: 'staff settled it another way, and said how',
    },
  ],
  late: [
    {
      in: ['refunded', 'closed', 'waiting_to_retry'],
      on: ['payment.refunded', 'payment.refund_failed'],
      because: 'the answer to a request that is settled already',
    },
  ],
});
