import { errors, type ErrorCode } from '../errors.js';
import type { RestRow } from './row.js';

const orderMove = ['transition_not_allowed', 'order_on_hold'] as const;
const returnStep = [
  'transition_not_allowed',
  'unknown_return_item',
  'quantity_not_received',
  'fee_exceeds_refund',
  'adjustment_out_of_range',
  'shipping_already_refunded',
  'refund_in_progress',
  'order_not_paid',
] as const;
const paymentMove = ['transition_not_allowed', 'operation_in_progress'] as const;
const returnable = [
  'order_not_found',
  'unknown_item',
  'quantity_not_returnable',
  'return_window_closed',
  'final_sale',
  'external_ref_taken',
] as const;

/**
 * The rules of the business that a call can break, each by its code. A call that is not here is described with all of them. The
 * test with hostile requests fails on an answer whose code its call does not tell of.
 */
const refusals: Readonly<Record<string, readonly ErrorCode[]>> = {
  createOrder: ['external_ref_taken', 'discount_exceeds_price', 'amount_too_large'],
  createOrders: [],
  updateOrder: ['order_not_editable', 'discount_exceeds_price', 'amount_too_large'],
  transitionOrder: [
    ...orderMove,
    'invalid_delivery_time',
    'quantity_not_shippable',
    'quantity_not_cancellable',
    'quantity_not_returnable',
  ],
  cancelOrder: ['transition_not_allowed', 'unknown_item', 'quantity_not_cancellable'],
  holdOrder: orderMove,
  releaseOrder: orderMove,
  createShipment: [...orderMove, 'unknown_item', 'quantity_not_shippable'],
  deliverShipment: ['transition_not_allowed', 'invalid_delivery_time'],
  createReturn: returnable,
  quoteReturn: ['order_not_found', 'fee_exceeds_refund', 'adjustment_out_of_range'],
  createReturnPolicy: ['policy_version_taken'],
  updateReturn: ['transition_not_allowed'],
  transitionReturn: returnStep,
  approveReturn: ['transition_not_allowed', 'quantity_not_returnable', 'return_window_closed'],
  rejectReturn: ['transition_not_allowed'],
  cancelReturn: ['transition_not_allowed'],
  createPayment: ['order_not_found', 'nothing_to_pay', 'amount_exceeds_balance', 'recorded_by_staff'],

  updatePayment: paymentMove,
  processPayment: [...paymentMove, 'recorded_by_staff'],
  capturePayment: [...paymentMove, 'amount_exceeds_authorized', 'nothing_to_pay', 'recorded_by_staff'],
  voidPayment: [...paymentMove, 'recorded_by_staff'],
  refundPayment: [
    ...paymentMove,
    'refund_exceeds_captured',
    'refund_exceeds_owed',
    'unknown_return',
    'payment_charged_back',
    'refund_paid_outside',
  ],
  redriveDeadLetters: [],
  redriveDeadLetter: ['dead_letter_not_parked', 'dead_letter_unreadable'],
  discardDeadLetter: ['dead_letter_not_parked'],
  resumeSaga: ['transition_not_allowed'],
  retrySaga: ['transition_not_allowed', 'refund_in_progress'],
  closeSaga: ['transition_not_allowed'],
  createApiKey: [],
  revokeApiKey: [],
};

/** What any call can end in, whoever makes it. */
const always: readonly ErrorCode[] = [
  'malformed_request',
  'validation_failed',
  'unauthenticated',
  'forbidden',
  'insufficient_scope',
  'not_acceptable',
  'request_timeout',
  'rate_limited',
  'headers_too_large',
  'internal_error',
  'service_unavailable',
  'overloaded',
  'service_timeout',
];
const anyWrite: readonly ErrorCode[] = [
  'not_found',
  'malformed_body',
  'body_too_large',
  'unsupported_media_type',
  'version_mismatch',
  'write_conflict',
  'under_pressure',
  'event_too_large',
];
const keyed: readonly ErrorCode[] = ['idempotency_in_progress', 'idempotency_key_reused'];
const ofTheBusiness = (Object.keys(errors) as ErrorCode[]).filter(
  (code) =>
    ['conflict', 'unprocessable', 'not_found'].includes(errors[code].kind) &&
    ![...anyWrite, ...keyed].includes(code),
);

/** Every code that the call of `row` can answer, in the order of the contract's list of codes. */
export function codesOf(row: RestRow): ErrorCode[] {
  const write = row.method !== 'GET';
  const own = new Set<ErrorCode>([
    ...always,
    ...(row.query ? (['malformed_cursor'] as const) : []),
    ...(row.params ? (['not_found'] as const) : []),
    ...(write ? [...anyWrite, ...keyed, ...(refusals[row.name] ?? ofTheBusiness)] : []),
    ...(row.idempotencyKey ? (['idempotency_key_required'] as const) : []),
  ]);
  return (Object.keys(errors) as ErrorCode[]).filter((code) => own.has(code));
}
