/** What kind of failure a code is; the gateway maps a kind to an HTTP status, nobody else knows status numbers. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'too_slow'
  | 'conflict'
  | 'precondition_failed'
  | 'too_large'
  | 'unsupported'
  | 'unprocessable'
  | 'rate_limited'
  | 'headers_too_large'
  | 'internal'
  | 'unavailable'
  | 'timeout';

const of = (kind: ErrorKind, title: string) => ({ kind, title });

/** Every error a client can meet. A code is stable for ever; its title may be reworded. */
export const errors = {
  malformed_request: of('malformed', 'The request is not HTTP that can be understood'),
  validation_failed: of('malformed', 'The request does not fit the schema'),
  malformed_body: of('malformed', 'The body is not valid JSON'),
  malformed_cursor: of('malformed', 'The cursor is not one of ours, or belongs to other filters'),
  idempotency_key_required: of('malformed', 'This call needs an Idempotency-Key'),
  unauthenticated: of('unauthenticated', 'Authentication is needed'),
  forbidden: of('forbidden', 'This is not allowed to you'),
  recorded_by_staff: of('forbidden', 'Only staff record money that came outside a provider'),
  insufficient_scope: of('forbidden', 'The token or key does not have the scope that this needs'),
  not_found: of('not_found', 'There is no such thing'),
  method_not_allowed: of('method_not_allowed', 'This path has no such method'),
  not_acceptable: of('not_acceptable', 'This representation is not offered'),
  request_timeout: of('too_slow', 'The request did not arrive in time'),
  transition_not_allowed: of('conflict', 'The current state does not allow this transition'),
  order_on_hold: of('conflict', 'The order is on hold'),
  external_ref_taken: of('conflict', 'The external reference is taken in this channel'),
  idempotency_in_progress: of('conflict', 'A request with this key is still being worked on'),
  write_conflict: of('conflict', 'Somebody else changed it at the same moment; try again'),
  operation_in_progress: of('conflict', 'An operation on this payment is still under way'),
  dead_letter_not_parked: of('conflict', 'It is not parked: it was redriven or discarded already'),
  version_mismatch: of('precondition_failed', 'The resource has moved on'),
  body_too_large: of('too_large', 'The body is too large'),
  event_too_large: of('too_large', 'What this change would publish is too large'),
  unsupported_media_type: of('unsupported', 'This media type is not understood'),
  idempotency_key_reused: of('unprocessable', 'The key was used with another body'),
  discount_exceeds_price: of('unprocessable', 'A discount is larger than what it is taken from'),
  amount_too_large: of('unprocessable', 'The amount is beyond what can be counted exactly'),
  order_not_editable: of('unprocessable', 'Items can be changed only while the order is pending'),
  quantity_not_cancellable: of('unprocessable', 'More than is open can not be cancelled'),
  quantity_not_shippable: of('unprocessable', 'More than is open can not be shipped'),
  unknown_item: of('unprocessable', 'The order has no such item'),
  invalid_delivery_time: of('unprocessable', 'A delivery is neither in the future nor before the order'),
  quantity_not_returnable: of(
    'unprocessable',
    'More than was delivered and not yet taken back can not be returned',
  ),
  return_window_closed: of('unprocessable', 'The time to return this is over'),
  policy_version_taken: of('conflict', 'There is a policy of this version already'),
  final_sale: of('unprocessable', 'This was sold as final'),
  order_not_found: of('not_found', 'There is no such order'),
  refund_exceeds_captured: of('unprocessable', 'More than was captured can not be refunded'),
  payment_charged_back: of('unprocessable', 'What was charged back can not be refunded'),
  refund_exceeds_owed: of(
    'unprocessable',
    'More than its return is still owed can not be refunded in its name',
  ),
  refund_paid_outside: of('unprocessable', 'This money came outside a provider and goes back outside'),
  amount_exceeds_balance: of('unprocessable', "More than the order's open balance can not be paid"),
  amount_exceeds_authorized: of('unprocessable', 'More than was authorized can not be captured'),
  nothing_to_pay: of('unprocessable', 'The order has no open balance'),
  fee_exceeds_refund: of('unprocessable', 'The fee is larger than the goods'),
  adjustment_out_of_range: of(
    'unprocessable',
    'The adjustment leaves less than nothing or more than was paid',
  ),
  shipping_already_refunded: of('unprocessable', 'More than the shipping paid can not be refunded'),
  unknown_return: of('unprocessable', 'The order of this payment has no such return'),
  unknown_return_item: of('unprocessable', 'The return has no such item'),
  quantity_not_received: of('unprocessable', 'More than came can not be accepted'),
  refund_in_progress: of('conflict', 'A refund is under way'),
  order_not_paid: of('unprocessable', 'The order has no payment that could give money back'),
  webhook_target_refused: of('unprocessable', 'Events can not be sent to this address'),
  webhook_disabled: of('unprocessable', 'The endpoint is disabled'),
  payment_declined: of('unprocessable', 'The payment was declined'),
  dead_letter_unreadable: of('unprocessable', 'This release can not read it either'),
  rate_limited: of('rate_limited', 'Too many requests'),
  headers_too_large: of('headers_too_large', 'The header fields are too many or too large'),
  internal_error: of('internal', 'Something went wrong on our side'),
  service_unavailable: of('unavailable', 'The service does not answer'),
  overloaded: of('unavailable', 'The service has more work than it can take'),
  under_pressure: of('unavailable', 'The service is behind with its work and takes no new one'),
  service_timeout: of('timeout', 'The service answered too late'),
} as const satisfies Record<string, { kind: ErrorKind; title: string }>;

export type ErrorCode = keyof typeof errors;
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errors, code);
