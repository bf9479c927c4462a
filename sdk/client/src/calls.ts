// Generated from the OpenAPI document by `npm run generate`; never edited.
import type { EventMessage } from './event-stream.js';
import type { Listing } from './listing.js';
import { segment, Transport, type CallOptions, type WriteOptions } from './transport.js';

/** Every code that a problem can have. */
export type ErrorCode =
  | 'malformed_request'
  | 'validation_failed'
  | 'malformed_body'
  | 'malformed_cursor'
  | 'idempotency_key_required'
  | 'unauthenticated'
  | 'forbidden'
  | 'recorded_by_staff'
  | 'insufficient_scope'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'request_timeout'
  | 'transition_not_allowed'
  | 'order_on_hold'
  | 'external_ref_taken'
  | 'idempotency_in_progress'
  | 'write_conflict'
  | 'operation_in_progress'
  | 'dead_letter_not_parked'
  | 'version_mismatch'
  | 'body_too_large'
  | 'event_too_large'
  | 'unsupported_media_type'
  | 'idempotency_key_reused'
  | 'discount_exceeds_price'
  | 'amount_too_large'
  | 'order_not_editable'
  | 'quantity_not_cancellable'
  | 'quantity_not_shippable'
  | 'unknown_item'
  | 'invalid_delivery_time'
  | 'quantity_not_returnable'
  | 'return_window_closed'
  | 'policy_version_taken'
  | 'final_sale'
  | 'order_not_found'
  | 'refund_exceeds_captured'
  | 'payment_charged_back'
  | 'refund_exceeds_owed'
  | 'refund_paid_outside'
  | 'amount_exceeds_balance'
  | 'amount_exceeds_authorized'
  | 'nothing_to_pay'
  | 'fee_exceeds_refund'
  | 'adjustment_out_of_range'
  | 'shipping_already_refunded'
  | 'unknown_return'
  | 'unknown_return_item'
  | 'quantity_not_received'
  | 'refund_in_progress'
  | 'order_not_paid'
  | 'webhook_target_refused'
  | 'webhook_disabled'
  | 'payment_declined'
  | 'dead_letter_unreadable'
  | 'rate_limited'
  | 'headers_too_large'
  | 'internal_error'
  | 'service_unavailable'
  | 'overloaded'
  | 'under_pressure'
  | 'service_timeout';

export interface Address {
  name: string;
  line1: string;
  line2?: string | null;
  city: string;
  region?: string | null;
  postalCode?: string | null;
  country: string;
}

export interface ApiKey {
  id: string;
  name: string;
  role: 'service' | 'staff' | 'admin';
  scopes: (
    | 'orders:read'
    | 'orders:write'
    | 'returns:read'
    | 'returns:write'
    | 'payments:read'
    | 'payments:write'
    | 'notifications:read'
    | 'notifications:write'
    | 'webhooks:read'
    | 'webhooks:write'
    | 'api-keys:read'
    | 'api-keys:write'
    | 'sagas:read'
    | 'sagas:write'
    | 'dead-letters:read'
    | 'dead-letters:write'
  )[];
  createdBy: string;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
}

export interface ApiKeyCreated {
  id: string;
  name: string;
  role: 'service' | 'staff' | 'admin';
  scopes: (
    | 'orders:read'
    | 'orders:write'
    | 'returns:read'
    | 'returns:write'
    | 'payments:read'
    | 'payments:write'
    | 'notifications:read'
    | 'notifications:write'
    | 'webhooks:read'
    | 'webhooks:write'
    | 'api-keys:read'
    | 'api-keys:write'
    | 'sagas:read'
    | 'sagas:write'
    | 'dead-letters:read'
    | 'dead-letters:write'
  )[];
  createdBy: string;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  key: string;
}

export interface CreateOrder {
  customerId?: string | null;
  email?: string | null;
  locale?: string | null;
  currency: string;
  items: {
    sku: string;
    name: string;
    quantity: number;
    unitPrice: number;
    discountAmount?: number;
    taxAmount?: number;
    finalSale?: boolean;
  }[];
  shippingAmount?: number;
  shippingTaxAmount?: number;
  discountAmount?: number;
  shippingAddress: Address;
  billingAddress?: Address | null;
  channel?: string;
  externalRef?: string | null;
  metadata?: Record<string, string>;
  notes?: string | null;
  tags?: string[];
  placedAt?: string;
  payment?: {
    method: 'card' | 'wallet' | 'bank_transfer' | 'manual' | 'cash_on_delivery';
    token?: string | null;
    capture?: 'automatic' | 'manual';
  } | null;
}

export interface CreatePayment {
  orderId: string;
  amount?: number;
  method: 'card' | 'wallet' | 'bank_transfer' | 'manual' | 'cash_on_delivery';
  token?: string | null;
  capture?: 'automatic' | 'manual';
  metadata?: Record<string, string>;
  note?: string | null;
}

export interface CreateReturn {
  orderId: string;
  items: {
    orderItemId: string;
    quantity: number;
    reason:
      | 'defective'
      | 'damaged_in_transit'
      | 'wrong_item'
      | 'not_as_described'
      | 'size_or_fit'
      | 'changed_mind'
      | 'arrived_late'
      | 'other';
    comment?: string | null;
  }[];
  refundMethod?: 'original' | 'store_credit' | 'manual';
  note?: string | null;
  externalRef?: string | null;
  metadata?: Record<string, string>;
  override?: { reason: string } | null;
}

export interface History {
  data: {
    from: string | null;
    to: string;
    transition: string;
    actor: { type: 'customer' | 'staff' | 'admin' | 'service' | 'system'; id: string };
    reason: string | null;
    at: string;
    eventId: string | null;
    changed: string[] | null;
  }[];
}

export interface Order {
  id: string;
  number: string;
  status: 'pending' | 'confirmed' | 'processing' | 'shipped' | 'delivered' | 'cancelled' | 'returned';
  previousStatus:
    ('pending' | 'confirmed' | 'processing' | 'shipped' | 'delivered' | 'cancelled' | 'returned') | null;
  customerId: string | null;
  email: string | null;
  locale: string | null;
  channel: string;
  externalRef: string | null;
  currency: string;
  subtotal: number;
  discountAmount: number;
  taxAmount: number;
  shippingAmount: number;
  shippingTaxAmount: number;
  total: number;
  paymentStatus:
    | 'none'
    | 'pending'
    | 'authorized'
    | 'partially_captured'
    | 'captured'
    | 'partially_refunded'
    | 'refunded'
    | 'voided'
    | 'failed';
  hold: { reason: string; note: string | null; at: string } | null;
  itemCount: number;
  tags: string[];
  metadata: Record<string, string>;
  version: number;
  placedAt: string;
  createdAt: string;
  updatedAt: string;
  confirmedAt: string | null;
  processingAt: string | null;
  shippedAt: string | null;
  deliveredAt: string | null;
  cancelledAt: string | null;
  returnedAt: string | null;
  cancelReason: string | null;
  notes: string | null;
  shippingAddress: Record<string, unknown>;
  billingAddress: Record<string, unknown> | null;
  items: OrderItem[];
  shipments: Shipment[];
  availableTransitions: string[];
}

export interface OrderBatch {
  results: {
    index: number;
    status: number;
    order?: Order;
    problem?: {
      type: string;
      title: string;
      status: number;
      detail?: string;
      code: string;
      errors?: { path: string; message: string }[];
    };
  }[];
}

export interface OrderItem {
  id: string;
  sku: string;
  name: string;
  quantity: number;
  unitPrice: number;
  discountAmount: number;
  orderDiscountShare: number;
  taxAmount: number;
  total: number;
  finalSale: boolean;
  quantities: {
    ordered: number;
    shipped: number;
    delivered: number;
    cancelled: number;
    returnRequested: number;
    returned: number;
  };
}

export interface OrderPage {
  data: OrderSummary[];
  nextCursor: string | null;
}

export interface OrderSummary {
  id: string;
  number: string;
  status: 'pending' | 'confirmed' | 'processing' | 'shipped' | 'delivered' | 'cancelled' | 'returned';
  previousStatus:
    ('pending' | 'confirmed' | 'processing' | 'shipped' | 'delivered' | 'cancelled' | 'returned') | null;
  customerId: string | null;
  email: string | null;
  locale: string | null;
  channel: string;
  externalRef: string | null;
  currency: string;
  subtotal: number;
  discountAmount: number;
  taxAmount: number;
  shippingAmount: number;
  shippingTaxAmount: number;
  total: number;
  paymentStatus:
    | 'none'
    | 'pending'
    | 'authorized'
    | 'partially_captured'
    | 'captured'
    | 'partially_refunded'
    | 'refunded'
    | 'voided'
    | 'failed';
  hold: { reason: string; note: string | null; at: string } | null;
  itemCount: number;
  tags: string[];
  metadata: Record<string, string>;
  version: number;
  placedAt: string;
  createdAt: string;
  updatedAt: string;
  confirmedAt: string | null;
  processingAt: string | null;
  shippedAt: string | null;
  deliveredAt: string | null;
  cancelledAt: string | null;
  returnedAt: string | null;
}

export interface Payment {
  id: string;
  orderId: string;
  customerId: string | null;
  status: 'pending' | 'authorized' | 'captured' | 'partially_refunded' | 'refunded' | 'failed' | 'voided';
  previousStatus:
    ('pending' | 'authorized' | 'captured' | 'partially_refunded' | 'refunded' | 'failed' | 'voided') | null;
  method: 'card' | 'wallet' | 'bank_transfer' | 'manual' | 'cash_on_delivery';
  provider: string;
  capture: 'automatic' | 'manual';
  currency: string;
  amount: number;
  authorizedAmount: number;
  capturedAmount: number;
  refundedAmount: number;
  chargedBackAmount: number;
  failureCode: string | null;
  metadata: Record<string, string>;
  note: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
  refunds: {
    id: string;
    amount: number;
    status: 'pending' | 'succeeded' | 'failed';
    reason: string | null;
    returnId: string | null;
    code: string | null;
    createdAt: string;
  }[];
  chargebacks: {
    id: string;
    amount: number;
    status: 'open' | 'won' | 'lost';
    reason: string | null;
    openedAt: string;
    closedAt: string | null;
  }[];
  attempts: {
    operation: 'authorize' | 'capture' | 'void' | 'refund';
    outcome: 'succeeded' | 'declined' | 'pending' | 'unknown';
    code: string | null;
    at: string;
  }[];
  availableTransitions: string[];
  authorizedAt: string | null;
  capturedAt: string | null;
  refundedAt: string | null;
  failedAt: string | null;
  voidedAt: string | null;
}

export interface PaymentPage {
  data: PaymentSummary[];
  nextCursor: string | null;
}

export interface PaymentSummary {
  id: string;
  orderId: string;
  customerId: string | null;
  status: 'pending' | 'authorized' | 'captured' | 'partially_refunded' | 'refunded' | 'failed' | 'voided';
  previousStatus:
    ('pending' | 'authorized' | 'captured' | 'partially_refunded' | 'refunded' | 'failed' | 'voided') | null;
  method: 'card' | 'wallet' | 'bank_transfer' | 'manual' | 'cash_on_delivery';
  provider: string;
  capture: 'automatic' | 'manual';
  currency: string;
  amount: number;
  authorizedAmount: number;
  capturedAmount: number;
  refundedAmount: number;
  chargedBackAmount: number;
  failureCode: string | null;
  metadata: Record<string, string>;
  note: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
  refunds: {
    id: string;
    amount: number;
    status: 'pending' | 'succeeded' | 'failed';
    reason: string | null;
    returnId: string | null;
    code: string | null;
    createdAt: string;
  }[];
  chargebacks: {
    id: string;
    amount: number;
    status: 'open' | 'won' | 'lost';
    reason: string | null;
    openedAt: string;
    closedAt: string | null;
  }[];
  attempts: {
    operation: 'authorize' | 'capture' | 'void' | 'refund';
    outcome: 'succeeded' | 'declined' | 'pending' | 'unknown';
    code: string | null;
    at: string;
  }[];
}

export interface Return {
  id: string;
  number: string;
  orderId: string;
  customerId: string | null;
  status:
    | 'initiated'
    | 'approved'
    | 'pickup_scheduled'
    | 'in_transit'
    | 'received'
    | 'processed'
    | 'refunded'
    | 'rejected'
    | 'cancelled';
  previousStatus:
    | (
        | 'initiated'
        | 'approved'
        | 'pickup_scheduled'
        | 'in_transit'
        | 'received'
        | 'processed'
        | 'refunded'
        | 'rejected'
        | 'cancelled'
      )
    | null;
  currency: string;
  externalRef: string | null;
  refundMethod: 'original' | 'store_credit' | 'manual';
  refundAmount: number | null;
  refundStatus: 'none' | 'requested' | 'succeeded' | 'failed';
  itemCount: number;
  metadata: Record<string, string>;
  version: number;
  createdAt: string;
  updatedAt: string;
  approvedAt: string | null;
  pickupScheduledAt: string | null;
  inTransitAt: string | null;
  receivedAt: string | null;
  processedAt: string | null;
  refundedAt: string | null;
  rejectedAt: string | null;
  cancelledAt: string | null;
  note: string | null;
  override: { reason: string } | null;
  policyVersion: string;
  pickup: { at: string; carrier: string; address: Record<string, unknown> | null } | null;
  carrier: string | null;
  trackingNumber: string | null;
  returnAddress: Record<string, unknown> | null;
  endReason: string | null;
  items: {
    id: string;
    orderItemId: string;
    sku: string;
    quantity: number;
    reason:
      | 'defective'
      | 'damaged_in_transit'
      | 'wrong_item'
      | 'not_as_described'
      | 'size_or_fit'
      | 'changed_mind'
      | 'arrived_late'
      | 'other';
    comment: string | null;
    receivedQuantity: number | null;
    acceptedQuantity: number | null;
    condition: ('new' | 'opened' | 'used' | 'damaged' | 'missing') | null;
    disposition: ('restock' | 'refurbish' | 'dispose' | 'return_to_vendor') | null;
  }[];
  refundBreakdown: {
    items: {
      returnItemId: string;
      quantity: number;
      price: number;
      discount: number;
      tax: number;
      amount: number;
    }[];
    shipping: number;
    restockingFee: number;
    adjustment: number;
    total: number;
  } | null;
  paymentRefunds: Record<string, unknown>[];
  availableTransitions: string[];
}

export interface ReturnPage {
  data: ReturnSummary[];
  nextCursor: string | null;
}

export interface ReturnSummary {
  id: string;
  number: string;
  orderId: string;
  customerId: string | null;
  status:
    | 'initiated'
    | 'approved'
    | 'pickup_scheduled'
    | 'in_transit'
    | 'received'
    | 'processed'
    | 'refunded'
    | 'rejected'
    | 'cancelled';
  previousStatus:
    | (
        | 'initiated'
        | 'approved'
        | 'pickup_scheduled'
        | 'in_transit'
        | 'received'
        | 'processed'
        | 'refunded'
        | 'rejected'
        | 'cancelled'
      )
    | null;
  currency: string;
  externalRef: string | null;
  refundMethod: 'original' | 'store_credit' | 'manual';
  refundAmount: number | null;
  refundStatus: 'none' | 'requested' | 'succeeded' | 'failed';
  itemCount: number;
  metadata: Record<string, string>;
  version: number;
  createdAt: string;
  updatedAt: string;
  approvedAt: string | null;
  pickupScheduledAt: string | null;
  inTransitAt: string | null;
  receivedAt: string | null;
  processedAt: string | null;
  refundedAt: string | null;
  rejectedAt: string | null;
  cancelledAt: string | null;
}

export interface Shipment {
  id: string;
  status: 'shipped' | 'delivered';
  carrier: string | null;
  trackingNumber: string | null;
  trackingUrl: string | null;
  items: { itemId: string; quantity: number }[];
  shippedAt: string;
  deliveredAt: string | null;
}

export interface Timeline {
  data: {
    at: string;
    source: 'order' | 'payment' | 'return' | 'message';
    kind: 'transition' | 'saga' | 'waiting' | 'attempt' | 'message';
    title: string;
    actor: { type: 'customer' | 'staff' | 'admin' | 'service' | 'system'; id: string } | null;
    eventId: string | null;
    traceId: string | null;
    detail: Record<string, unknown>;
  }[];
}

export interface Transitions {
  data: { transition: string; to: string; allowed: boolean; reasons: string[] }[];
}

export interface ListOrdersQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
  /** `-` is the largest or newest first */
  sort?: 'createdAt' | '-createdAt' | 'total' | '-total';
  /** in one of these states; may be repeated */
  status?:
    | ('pending' | 'confirmed' | 'processing' | 'shipped' | 'delivered' | 'cancelled' | 'returned')[]
    | ('pending' | 'confirmed' | 'processing' | 'shipped' | 'delivered' | 'cancelled' | 'returned');
  /** of this customer; a customer has only its own */
  customerId?: string;
  /** with exactly this address, in capitals or not */
  email?: string;
  /** the one with this number, as in `ORD-1042` */
  number?: string;
  /** with exactly this reference, in any channel */
  externalRef?: string;
  /** with an item of exactly this SKU */
  sku?: string;
  /** created at this time or later */
  createdAfter?: string;
  /** created before this time, and not at it */
  createdBefore?: string;
  /** free text: every word of it begins a word of the number, email, external reference, SKUs or names */
  q?: string;
}

export type CreateOrdersBody = { orders: CreateOrder[] };

export interface ExportOrdersQuery {
  /** `-` is the largest or newest first */
  sort?: 'createdAt' | '-createdAt' | 'total' | '-total';
  /** in one of these states; may be repeated */
  status?:
    | ('pending' | 'confirmed' | 'processing' | 'shipped' | 'delivered' | 'cancelled' | 'returned')[]
    | ('pending' | 'confirmed' | 'processing' | 'shipped' | 'delivered' | 'cancelled' | 'returned');
  /** of this customer; a customer has only its own */
  customerId?: string;
  /** with exactly this address, in capitals or not */
  email?: string;
  /** the one with this number, as in `ORD-1042` */
  number?: string;
  /** with exactly this reference, in any channel */
  externalRef?: string;
  /** with an item of exactly this SKU */
  sku?: string;
  /** created at this time or later */
  createdAfter?: string;
  /** created before this time, and not at it */
  createdBefore?: string;
  /** free text: every word of it begins a word of the number, email, external reference, SKUs or names */
  q?: string;
}

export type UpdateOrderBody = {
  email?: string | null;
  locale?: string | null;
  shippingAddress?: Address;
  billingAddress?: Address | null;
  metadata?: Record<string, string>;
  notes?: string | null;
  tags?: string[];
  items?: {
    sku: string;
    name: string;
    quantity: number;
    unitPrice: number;
    discountAmount?: number;
    taxAmount?: number;
    finalSale?: boolean;
  }[];
};

export type TransitionOrderBody =
  | { transition: 'confirm'; reason?: string }
  | { transition: 'process'; reason?: string }
  | { transition: 'ship'; reason?: string; carrier?: string; trackingNumber?: string; trackingUrl?: string }
  | { transition: 'deliver'; reason?: string; deliveredAt?: string }
  | { transition: 'cancel'; reason?: string }
  | { transition: 'return'; reason?: string };

export type CancelOrderBody = { reason: string; items?: { itemId: string; quantity: number }[] };

export type HoldOrderBody = { reason: 'fraud' | 'address' | 'manual'; note?: string };

export type ReleaseOrderBody = { note?: string };

export type CreateShipmentBody = {
  items: { itemId: string; quantity: number }[];
  carrier: string;
  trackingNumber: string;
  trackingUrl?: string;
};

export type DeliverShipmentBody = { deliveredAt?: string };

export interface ListReturnsQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
  /** `-` is the largest or newest first */
  sort?: 'createdAt' | '-createdAt' | 'total' | '-total';
  /** in one of these states; may be repeated */
  status?:
    | (
        | 'initiated'
        | 'approved'
        | 'pickup_scheduled'
        | 'in_transit'
        | 'received'
        | 'processed'
        | 'refunded'
        | 'rejected'
        | 'cancelled'
      )[]
    | (
        | 'initiated'
        | 'approved'
        | 'pickup_scheduled'
        | 'in_transit'
        | 'received'
        | 'processed'
        | 'refunded'
        | 'rejected'
        | 'cancelled'
      );
  /** of this order */
  orderId?: string;
  /** of this customer; a customer has only its own */
  customerId?: string;
  /** with an item that comes back for this reason */
  reason?:
    | 'defective'
    | 'damaged_in_transit'
    | 'wrong_item'
    | 'not_as_described'
    | 'size_or_fit'
    | 'changed_mind'
    | 'arrived_late'
    | 'other';
  /** with exactly this reference */
  externalRef?: string;
  /** created at this time or later */
  createdAfter?: string;
  /** created before this time, and not at it */
  createdBefore?: string;
}

export type QuoteReturnAnswer = {
  eligible: boolean;
  items: {
    orderItemId: string;
    quantity: number;
    eligible: boolean;
    reasons: string[];
    refundAmount: number;
  }[];
  restockingFee: number;
  shippingRefundAmount: number;
  refundAmount: number;
  policyVersion: string;
};

export interface ExportReturnsQuery {
  /** `-` is the largest or newest first */
  sort?: 'createdAt' | '-createdAt' | 'total' | '-total';
  /** in one of these states; may be repeated */
  status?:
    | (
        | 'initiated'
        | 'approved'
        | 'pickup_scheduled'
        | 'in_transit'
        | 'received'
        | 'processed'
        | 'refunded'
        | 'rejected'
        | 'cancelled'
      )[]
    | (
        | 'initiated'
        | 'approved'
        | 'pickup_scheduled'
        | 'in_transit'
        | 'received'
        | 'processed'
        | 'refunded'
        | 'rejected'
        | 'cancelled'
      );
  /** of this order */
  orderId?: string;
  /** of this customer; a customer has only its own */
  customerId?: string;
  /** with an item that comes back for this reason */
  reason?:
    | 'defective'
    | 'damaged_in_transit'
    | 'wrong_item'
    | 'not_as_described'
    | 'size_or_fit'
    | 'changed_mind'
    | 'arrived_late'
    | 'other';
  /** with exactly this reference */
  externalRef?: string;
  /** created at this time or later */
  createdAfter?: string;
  /** created before this time, and not at it */
  createdBefore?: string;
}

export type UpdateReturnBody = {
  returnAddress?: Address | null;
  carrier?: string | null;
  trackingNumber?: string | null;
  note?: string | null;
  metadata?: Record<string, string>;
};

export type TransitionReturnBody =
  | { transition: 'approve'; note?: string | null }
  | { transition: 'reject'; reason: string }
  | { transition: 'schedule_pickup'; pickupAt: string; carrier: string; address?: Address | null }
  | { transition: 'mark_in_transit'; carrier?: string | null; trackingNumber?: string | null }
  | {
      transition: 'receive';
      items?: {
        returnItemId: string;
        quantity: number;
        condition: 'new' | 'opened' | 'used' | 'damaged' | 'missing';
      }[];
    }
  | {
      transition: 'process';
      items?: {
        returnItemId: string;
        disposition: 'restock' | 'refurbish' | 'dispose' | 'return_to_vendor';
        acceptedQuantity?: number;
      }[];
      restockingFee?: number;
      shippingRefundAmount?: number;
      adjustment?: { amount: number; reason: string };
    }
  | { transition: 'refund'; refundMethod?: 'original' | 'store_credit' | 'manual'; note?: string | null }
  | { transition: 'cancel'; reason?: string | null };

export type ApproveReturnBody = { note?: string | null };

export type RejectReturnBody = { reason: string };

export type CancelReturnBody = { reason?: string | null };

export type ReturnCalculationAnswer = {
  policyVersion: string;
  inputs: Record<string, unknown> | null;
  stored: {
    items: {
      returnItemId: string;
      quantity: number;
      price: number;
      discount: number;
      tax: number;
      amount: number;
    }[];
    shipping: number;
    restockingFee: number;
    adjustment: number;
    total: number;
  };
  replayed: {
    items: {
      returnItemId: string;
      quantity: number;
      price: number;
      discount: number;
      tax: number;
      amount: number;
    }[];
    shipping: number;
    restockingFee: number;
    adjustment: number;
    total: number;
  } | null;
  same: boolean;
};

export type CreateReturnPolicyBody = {
  version: unknown;
  note?: string | null;
  rules: {
    windowDays?: number;
    windowDaysByReason?: Record<string, number>;
    finalSaleReasons?: (
      | 'defective'
      | 'damaged_in_transit'
      | 'wrong_item'
      | 'not_as_described'
      | 'size_or_fit'
      | 'changed_mind'
      | 'arrived_late'
      | 'other'
    )[];
    restockingFees?: {
      reasons?: (
        | 'defective'
        | 'damaged_in_transit'
        | 'wrong_item'
        | 'not_as_described'
        | 'size_or_fit'
        | 'changed_mind'
        | 'arrived_late'
        | 'other'
      )[];
      conditions?: ('new' | 'opened' | 'used' | 'damaged' | 'missing')[];
      basisPoints?: number;
      perUnit?: number;
    }[];
    shippingRefund?: {
      reasons: (
        | 'defective'
        | 'damaged_in_transit'
        | 'wrong_item'
        | 'not_as_described'
        | 'size_or_fit'
        | 'changed_mind'
        | 'arrived_late'
        | 'other'
      )[];
      wholeOrderOnly?: boolean;
    } | null;
    autoApprove?: {
      reasons: (
        | 'defective'
        | 'damaged_in_transit'
        | 'wrong_item'
        | 'not_as_described'
        | 'size_or_fit'
        | 'changed_mind'
        | 'arrived_late'
        | 'other'
      )[];
      upTo?: number | null;
    } | null;
    shipBackDays?: number;
    inspectionDays?: number;
  };
};

export type CreateReturnPolicyAnswer = {
  version: string;
  note: string | null;
  inForce: boolean;
  createdAt: string;
  createdBy: string;
  rules: Record<string, unknown>;
};

export type ListReturnPoliciesAnswer = {
  data: {
    version: string;
    note: string | null;
    inForce: boolean;
    createdAt: string;
    createdBy: string;
    rules: Record<string, unknown>;
  }[];
};

export interface ListPaymentsQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
  /** `-` is the largest or newest first */
  sort?: 'createdAt' | '-createdAt' | 'total' | '-total';
  /** in one of these states; may be repeated */
  status?:
    | ('pending' | 'authorized' | 'captured' | 'partially_refunded' | 'refunded' | 'failed' | 'voided')[]
    | ('pending' | 'authorized' | 'captured' | 'partially_refunded' | 'refunded' | 'failed' | 'voided');
  /** of this order */
  orderId?: string;
  /** of this customer; a customer has only its own */
  customerId?: string;
  /** made through this provider, as in `sandbox` */
  provider?: string;
  /** created at this time or later */
  createdAfter?: string;
  /** created before this time, and not at it */
  createdBefore?: string;
}

export interface ExportPaymentsQuery {
  /** `-` is the largest or newest first */
  sort?: 'createdAt' | '-createdAt' | 'total' | '-total';
  /** in one of these states; may be repeated */
  status?:
    | ('pending' | 'authorized' | 'captured' | 'partially_refunded' | 'refunded' | 'failed' | 'voided')[]
    | ('pending' | 'authorized' | 'captured' | 'partially_refunded' | 'refunded' | 'failed' | 'voided');
  /** of this order */
  orderId?: string;
  /** of this customer; a customer has only its own */
  customerId?: string;
  /** made through this provider, as in `sandbox` */
  provider?: string;
  /** created at this time or later */
  createdAfter?: string;
  /** created before this time, and not at it */
  createdBefore?: string;
}

export type UpdatePaymentBody = { metadata?: Record<string, string>; note?: string | null; token?: string };

export type ProcessPaymentBody = {};

export type CapturePaymentBody = { amount?: number };

export type VoidPaymentBody = { reason?: string };

export type RefundPaymentBody = { amount?: number; reason?: string; returnId?: string };

export type ReconciliationReportAnswer = {
  data: {
    id: number;
    startedAt: string;
    finishedAt: string | null;
    effects: number;
    differenceCount: number;
    differences: {
      kind:
        | 'unknown_effect'
        | 'missing_at_provider'
        | 'amount_differs'
        | 'other_operation'
        | 'outcome_differs'
        | 'not_taken_over'
        | 'chargeback_not_recorded'
        | 'given_back_twice'
        | 'sum_differs';
      key: string | null;
      paymentId: string | null;
      operation: string | null;
      ours: { amount: number; currency: string; outcome: string | null } | null;
      theirs: { amount: number; currency: string; outcome: string | null } | null;
      proposal: string;
    }[];
  }[];
};

export interface ListNotificationsQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
  /** `-` is the newest first */
  sort?: 'createdAt' | '-createdAt';
  /** about this order */
  orderId?: string;
  /** about this return */
  returnId?: string;
  /** to an address, to `staff`, or to a customer by its reference */
  recipient?: string;
  /** in one of these states; may be repeated */
  status?:
    | ('queued' | 'sending' | 'sent' | 'failed' | 'suppressed')[]
    | ('queued' | 'sending' | 'sent' | 'failed' | 'suppressed');
}

export type ListNotificationsItem = {
  id: string;
  eventId: string;
  template: string;
  channel: 'email' | 'chat';
  status: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed';
  reason: string | null;
  recipient: string | null;
  customerId: string | null;
  orderId: string | null;
  returnId: string | null;
  locale: string | null;
  subject: string | null;
  body: string | null;
  messageId: string | null;
  attempts: number;
  resends: number;
  nextAttemptAt: string | null;
  sentAt: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
};

export interface ListSuppressionsQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
}

export type ListSuppressionsItem = { address: string; reason: string; createdAt: string };

export type LiftSuppressionAnswer = { address: string; reason: string; createdAt: string };

export type GetNotificationPreferencesAnswer = { customerId: string; optionalMessages: boolean };

export type UpdateNotificationPreferencesBody = { optionalMessages: boolean };

export type UpdateNotificationPreferencesAnswer = { customerId: string; optionalMessages: boolean };

export type GetNotificationAnswer = {
  id: string;
  eventId: string;
  template: string;
  channel: 'email' | 'chat';
  status: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed';
  reason: string | null;
  recipient: string | null;
  customerId: string | null;
  orderId: string | null;
  returnId: string | null;
  locale: string | null;
  subject: string | null;
  body: string | null;
  messageId: string | null;
  attempts: number;
  resends: number;
  nextAttemptAt: string | null;
  sentAt: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
};

export type ResendNotificationAnswer = {
  id: string;
  eventId: string;
  template: string;
  channel: 'email' | 'chat';
  status: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed';
  reason: string | null;
  recipient: string | null;
  customerId: string | null;
  orderId: string | null;
  returnId: string | null;
  locale: string | null;
  subject: string | null;
  body: string | null;
  messageId: string | null;
  attempts: number;
  resends: number;
  nextAttemptAt: string | null;
  sentAt: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
};

export type CreateWebhookBody = {
  url: string;
  events: string[];
  description?: string | null;
  metadata?: Record<string, string>;
};

export type CreateWebhookAnswer = {
  id: string;
  url: string;
  events: string[];
  description: string | null;
  metadata: Record<string, string>;
  status: 'enabled' | 'disabled';
  disabledReason: string | null;
  failingSince: string | null;
  secrets: { createdAt: string; expiresAt: string | null }[];
  createdBy: string;
  version: number;
  createdAt: string;
  updatedAt: string;
  secret: string;
};

export interface ListWebhooksQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
}

export type ListWebhooksItem = {
  id: string;
  url: string;
  events: string[];
  description: string | null;
  metadata: Record<string, string>;
  status: 'enabled' | 'disabled';
  disabledReason: string | null;
  failingSince: string | null;
  secrets: { createdAt: string; expiresAt: string | null }[];
  createdBy: string;
  version: number;
  createdAt: string;
  updatedAt: string;
};

export type GetWebhookAnswer = {
  id: string;
  url: string;
  events: string[];
  description: string | null;
  metadata: Record<string, string>;
  status: 'enabled' | 'disabled';
  disabledReason: string | null;
  failingSince: string | null;
  secrets: { createdAt: string; expiresAt: string | null }[];
  createdBy: string;
  version: number;
  createdAt: string;
  updatedAt: string;
};

export type UpdateWebhookBody = {
  url?: string;
  events?: string[];
  description?: string | null;
  metadata?: Record<string, string>;
  status?: 'enabled' | 'disabled';
};

export type UpdateWebhookAnswer = {
  id: string;
  url: string;
  events: string[];
  description: string | null;
  metadata: Record<string, string>;
  status: 'enabled' | 'disabled';
  disabledReason: string | null;
  failingSince: string | null;
  secrets: { createdAt: string; expiresAt: string | null }[];
  createdBy: string;
  version: number;
  createdAt: string;
  updatedAt: string;
};

export type DeleteWebhookAnswer = {
  id: string;
  url: string;
  events: string[];
  description: string | null;
  metadata: Record<string, string>;
  status: 'enabled' | 'disabled';
  disabledReason: string | null;
  failingSince: string | null;
  secrets: { createdAt: string; expiresAt: string | null }[];
  createdBy: string;
  version: number;
  createdAt: string;
  updatedAt: string;
};

export type RotateWebhookSecretBody = { overlapHours?: number };

export type RotateWebhookSecretAnswer = {
  id: string;
  url: string;
  events: string[];
  description: string | null;
  metadata: Record<string, string>;
  status: 'enabled' | 'disabled';
  disabledReason: string | null;
  failingSince: string | null;
  secrets: { createdAt: string; expiresAt: string | null }[];
  createdBy: string;
  version: number;
  createdAt: string;
  updatedAt: string;
  secret: string;
};

export type TestWebhookAnswer = {
  webhookId: string;
  eventId: string;
  type: string;
  status: 'pending' | 'succeeded' | 'failed';
  attempts: number;
  nextAttemptAt: string | null;
  responseStatus: number | null;
  error: string | null;
  createdAt: string;
  finishedAt: string | null;
  log: {
    at: string;
    responseStatus: number | null;
    error: string | null;
    durationMs: number;
    response: string | null;
  }[];
};

export interface ListWebhookDeliveriesQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
  /** in one of these states; may be repeated */
  status?: ('pending' | 'succeeded' | 'failed')[] | ('pending' | 'succeeded' | 'failed');
  /** of this event, as in `order.confirmed` */
  type?: string;
}

export type ListWebhookDeliveriesItem = {
  webhookId: string;
  eventId: string;
  type: string;
  status: 'pending' | 'succeeded' | 'failed';
  attempts: number;
  nextAttemptAt: string | null;
  responseStatus: number | null;
  error: string | null;
  createdAt: string;
  finishedAt: string | null;
};

export type GetWebhookDeliveryAnswer = {
  webhookId: string;
  eventId: string;
  type: string;
  status: 'pending' | 'succeeded' | 'failed';
  attempts: number;
  nextAttemptAt: string | null;
  responseStatus: number | null;
  error: string | null;
  createdAt: string;
  finishedAt: string | null;
  log: {
    at: string;
    responseStatus: number | null;
    error: string | null;
    durationMs: number;
    response: string | null;
  }[];
};

export type ResendWebhookDeliveryAnswer = {
  webhookId: string;
  eventId: string;
  type: string;
  status: 'pending' | 'succeeded' | 'failed';
  attempts: number;
  nextAttemptAt: string | null;
  responseStatus: number | null;
  error: string | null;
  createdAt: string;
  finishedAt: string | null;
  log: {
    at: string;
    responseStatus: number | null;
    error: string | null;
    durationMs: number;
    response: string | null;
  }[];
};

export type ResendWebhookRangeBody = {
  after: string;
  before?: string;
  events?: string[];
  only?: 'failed' | 'all';
};

export type ResendWebhookRangeAnswer = { count: number; more: boolean; until: string | null };

export type CreateApiKeyBody = {
  name: string;
  role?: 'service' | 'staff' | 'admin';
  scopes?: (
    | 'orders:read'
    | 'orders:write'
    | 'returns:read'
    | 'returns:write'
    | 'payments:read'
    | 'payments:write'
    | 'notifications:read'
    | 'notifications:write'
    | 'webhooks:read'
    | 'webhooks:write'
    | 'api-keys:read'
    | 'api-keys:write'
    | 'sagas:read'
    | 'sagas:write'
    | 'dead-letters:read'
    | 'dead-letters:write'
  )[];
  expiresAt?: string | null;
};

export type ListApiKeysAnswer = { data: ApiKey[] };

export interface ListDeadLettersQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
  /** of this service */
  service?: 'order-service' | 'return-service' | 'payment-service' | 'notification-service';
  /** parked ones wait for somebody; discarded ones were given up */
  state?: 'parked' | 'discarded';
  /** of this event, as in `payment.captured` */
  type?: string;
  /** about an `order`, a `payment` or a `return` */
  aggregateType?: string;
  /** about this order, payment or return */
  aggregateId?: string;
}

export type ListDeadLettersItem = {
  service: 'order-service' | 'return-service' | 'payment-service' | 'notification-service';
  eventId: string;
  type: string;
  aggregateType: string;
  aggregateId: string;
  sequence: number | null;
  state: 'parked' | 'redriven' | 'discarded';
  error: string | null;
  attempts: number;
  receivedAt: string;
  parkedAt: string;
  correlationId: string | null;
  traceId: string | null;
};

export type RedriveDeadLettersBody = {
  eventIds?: string[];
  all?: true;
  type?: string;
  aggregateId?: string;
  perSecond?: number;
};

export type RedriveDeadLettersAnswer = {
  service: 'order-service' | 'return-service' | 'payment-service' | 'notification-service';
  redriven: number;
  unreadable: number;
  until: string;
};

export type GetDeadLetterAnswer = {
  service: 'order-service' | 'return-service' | 'payment-service' | 'notification-service';
  eventId: string;
  type: string;
  aggregateType: string;
  aggregateId: string;
  sequence: number | null;
  state: 'parked' | 'redriven' | 'discarded';
  error: string | null;
  attempts: number;
  receivedAt: string;
  parkedAt: string;
  correlationId: string | null;
  traceId: string | null;
  source: string;
  headers: Record<string, string>;
  payload: Record<string, unknown> | null;
  raw: string | null;
  waiting: number;
  history: {
    transition: string;
    actor: { type: 'customer' | 'staff' | 'admin' | 'service' | 'system'; id: string };
    reason: string | null;
    at: string;
  }[];
};

export type RedriveDeadLetterAnswer = {
  service: 'order-service' | 'return-service' | 'payment-service' | 'notification-service';
  eventId: string;
  type: string;
  aggregateType: string;
  aggregateId: string;
  sequence: number | null;
  state: 'parked' | 'redriven' | 'discarded';
  error: string | null;
  attempts: number;
  receivedAt: string;
  parkedAt: string;
  correlationId: string | null;
  traceId: string | null;
  source: string;
  headers: Record<string, string>;
  payload: Record<string, unknown> | null;
  raw: string | null;
  waiting: number;
  history: {
    transition: string;
    actor: { type: 'customer' | 'staff' | 'admin' | 'service' | 'system'; id: string };
    reason: string | null;
    at: string;
  }[];
};

export type DiscardDeadLetterBody = { reason: string };

export type DiscardDeadLetterAnswer = {
  service: 'order-service' | 'return-service' | 'payment-service' | 'notification-service';
  eventId: string;
  type: string;
  aggregateType: string;
  aggregateId: string;
  sequence: number | null;
  state: 'parked' | 'redriven' | 'discarded';
  error: string | null;
  attempts: number;
  receivedAt: string;
  parkedAt: string;
  correlationId: string | null;
  traceId: string | null;
  source: string;
  headers: Record<string, string>;
  payload: Record<string, unknown> | null;
  raw: string | null;
  waiting: number;
  history: {
    transition: string;
    actor: { type: 'customer' | 'staff' | 'admin' | 'service' | 'system'; id: string };
    reason: string | null;
    at: string;
  }[];
};

export interface ListSagasQuery {
  /** how many at most */
  limit?: number;
  /** where to go on: the `nextCursor` of the page before, with the same filters and sort */
  cursor?: string;
  /** in this state */
  state?: 'running' | 'needs_attention' | 'finished';
  /** of this kind: of an order, a payment, or a refund */
  kind?: 'placing' | 'paying' | 'refund';
  /** about this order, payment or return */
  aggregateId?: string;
}

export type ListSagasItem = {
  id: string;
  kind: string;
  aggregateType: string;
  aggregateId: string;
  state: 'running' | 'needs_attention' | 'finished';
  step: string;
  reason: string | null;
  code: string | null;
  attempts: number;
  deadline: { name: string; at: string } | null;
  waitsFor: string[];
  createdAt: string;
  updatedAt: string;
};

export type GetSagaAnswer = {
  id: string;
  kind: string;
  aggregateType: string;
  aggregateId: string;
  state: 'running' | 'needs_attention' | 'finished';
  step: string;
  reason: string | null;
  code: string | null;
  attempts: number;
  deadline: { name: string; at: string } | null;
  waitsFor: string[];
  createdAt: string;
  updatedAt: string;
  version: number;
  steps: {
    at: string;
    from: string | null;
    to: string;
    on: string;
    because: string;
    code: string | null;
    causationId: string | null;
    late: boolean;
  }[];
  moves: { move: 'resume' | 'retry' | 'close'; because: string }[];
  links: { name: string; method: string; path: string; body: Record<string, unknown> }[];
};

export type ResumeSagaBody = { reason?: string };

export type ResumeSagaAnswer = {
  id: string;
  kind: string;
  aggregateType: string;
  aggregateId: string;
  state: 'running' | 'needs_attention' | 'finished';
  step: string;
  reason: string | null;
  code: string | null;
  attempts: number;
  deadline: { name: string; at: string } | null;
  waitsFor: string[];
  createdAt: string;
  updatedAt: string;
  version: number;
  steps: {
    at: string;
    from: string | null;
    to: string;
    on: string;
    because: string;
    code: string | null;
    causationId: string | null;
    late: boolean;
  }[];
  moves: { move: 'resume' | 'retry' | 'close'; because: string }[];
  links: { name: string; method: string; path: string; body: Record<string, unknown> }[];
};

export type RetrySagaBody = { reason?: string };

export type RetrySagaAnswer = {
  id: string;
  kind: string;
  aggregateType: string;
  aggregateId: string;
  state: 'running' | 'needs_attention' | 'finished';
  step: string;
  reason: string | null;
  code: string | null;
  attempts: number;
  deadline: { name: string; at: string } | null;
  waitsFor: string[];
  createdAt: string;
  updatedAt: string;
  version: number;
  steps: {
    at: string;
    from: string | null;
    to: string;
    on: string;
    because: string;
    code: string | null;
    causationId: string | null;
    late: boolean;
  }[];
  moves: { move: 'resume' | 'retry' | 'close'; because: string }[];
  links: { name: string; method: string; path: string; body: Record<string, unknown> }[];
};

export type CloseSagaBody = { reason: string };

export type CloseSagaAnswer = {
  id: string;
  kind: string;
  aggregateType: string;
  aggregateId: string;
  state: 'running' | 'needs_attention' | 'finished';
  step: string;
  reason: string | null;
  code: string | null;
  attempts: number;
  deadline: { name: string; at: string } | null;
  waitsFor: string[];
  createdAt: string;
  updatedAt: string;
  version: number;
  steps: {
    at: string;
    from: string | null;
    to: string;
    on: string;
    because: string;
    code: string | null;
    causationId: string | null;
    late: boolean;
  }[];
  moves: { move: 'resume' | 'retry' | 'close'; because: string }[];
  links: { name: string; method: string; path: string; body: Record<string, unknown> }[];
};

export interface StreamEventsQuery {
  /** `order.placed`, `order.*`, or `*`; may be repeated */
  type?: string[] | string;
  /** the id of an order, a payment or a return; may be repeated */
  aggregateId?: string[] | string;
  /** for clients that cannot send `Last-Event-ID` */
  lastEventId?: string;
}

/** The public API, a method a call. Money is an integer in the minor unit of its currency; times are RFC 3339 in UTC. */
export class OmsClient extends Transport {
  /** Places an order; with a payment, the saga takes it from there, and confirms at once what costs nothing. For: customer (its own), staff, admin; a service with its scope. */
  createOrder(body: CreateOrder, options?: WriteOptions): Promise<Order> {
    return this.json('POST', '/orders', { body }, options);
  }

  /** Orders, newest first. For: customer (its own), staff, admin; a service with its scope. */
  listOrders(query: ListOrdersQuery = {}, options?: CallOptions): Listing<OrderSummary> {
    return this.list('/orders', query, options);
  }

  /** Places up to 100 orders, with a result for each: a bad one spoils no other. For: staff, admin; a service with its scope. */
  createOrders(body: CreateOrdersBody, options?: WriteOptions): Promise<OrderBatch> {
    return this.json('POST', '/orders/batch', { body }, options);
  }

  /** All orders under the filters of the list, a line of JSON each, as a stream. For: staff, admin; a service with its scope. */
  exportOrders(query: ExportOrdersQuery = {}, options?: CallOptions): AsyncIterable<OrderSummary> {
    return this.lines('/orders/export', query, options);
  }

  /** An order with its items, quantities and shipments. For: customer (its own), staff, admin; a service with its scope. */
  getOrder(orderId: string, options?: CallOptions): Promise<Order> {
    return this.json('GET', `/orders/${segment(orderId)}`, {}, options);
  }

  /** Changes addresses, email, metadata, notes and tags; items while it is pending. For: customer (its own), staff, admin; a service with its scope. */
  updateOrder(orderId: string, body: UpdateOrderBody = {}, options?: WriteOptions): Promise<Order> {
    return this.json('PATCH', `/orders/${segment(orderId)}`, { body }, options);
  }

  /** Moves an order by a named transition. For: staff, admin; a service with its scope. */
  transitionOrder(orderId: string, body: TransitionOrderBody, options?: WriteOptions): Promise<Order> {
    return this.json('POST', `/orders/${segment(orderId)}/state`, { body }, options);
  }

  /** Cancels all of it, or a part that has not shipped; just cancelled, and asked again with the same content under whatever key, it cancels no more. For: customer (its own), staff, admin; a service with its scope. */
  cancelOrder(orderId: string, body: CancelOrderBody, options?: WriteOptions): Promise<Order> {
    return this.json('POST', `/orders/${segment(orderId)}/cancel`, { body }, options);
  }

  /** Stops an order from going forward. For: staff, admin; a service with its scope. */
  holdOrder(orderId: string, body: HoldOrderBody, options?: WriteOptions): Promise<Order> {
    return this.json('POST', `/orders/${segment(orderId)}/hold`, { body }, options);
  }

  /** Lets a held order go forward. For: staff, admin; a service with its scope. */
  releaseOrder(orderId: string, body: ReleaseOrderBody = {}, options?: WriteOptions): Promise<Order> {
    return this.json('POST', `/orders/${segment(orderId)}/release`, { body }, options);
  }

  /** What may happen next, and why not what may not. For: customer (its own), staff, admin; a service with its scope. */
  orderTransitions(orderId: string, options?: CallOptions): Promise<Transitions> {
    return this.json('GET', `/orders/${segment(orderId)}/transitions`, {}, options);
  }

  /** The audit trail of an order. For: customer (its own), staff, admin; a service with its scope. */
  orderHistory(orderId: string, options?: CallOptions): Promise<History> {
    return this.json('GET', `/orders/${segment(orderId)}/history`, {}, options);
  }

  /** Order, payments, returns and messages in one list, oldest first. For: customer (its own), staff, admin; a service with its scope. */
  orderTimeline(orderId: string, options?: CallOptions): Promise<Timeline> {
    return this.json('GET', `/orders/${segment(orderId)}/timeline`, {}, options);
  }

  /** Ships a part or all of what is left; just made, and asked again with the same content under whatever key, it is no second parcel. For: staff, admin; a service with its scope. */
  createShipment(orderId: string, body: CreateShipmentBody, options?: WriteOptions): Promise<Order> {
    return this.json('POST', `/orders/${segment(orderId)}/shipments`, { body }, options);
  }

  /** Tells that a shipment has arrived. For: staff, admin; a service with its scope. */
  deliverShipment(
    orderId: string,
    shipmentId: string,
    body: DeliverShipmentBody = {},
    options?: WriteOptions,
  ): Promise<Order> {
    return this.json(
      'POST',
      `/orders/${segment(orderId)}/shipments/${segment(shipmentId)}/deliver`,
      { body },
      options,
    );
  }

  /** Asks to send units of a delivered order back. For: customer (its own), staff, admin; a service with its scope. */
  createReturn(body: CreateReturn, options?: WriteOptions): Promise<Return> {
    return this.json('POST', '/returns', { body }, options);
  }

  /** Returns, newest first. For: customer (its own), staff, admin; a service with its scope. */
  listReturns(query: ListReturnsQuery = {}, options?: CallOptions): Listing<ReturnSummary> {
    return this.list('/returns', query, options);
  }

  /** Tells what of a return would be accepted and why not the rest, and what it would give back; nothing is kept. For: customer (its own), staff, admin; a service with its scope. */
  quoteReturn(body: CreateReturn, options?: WriteOptions): Promise<QuoteReturnAnswer> {
    return this.json('POST', '/returns/quote', { body }, options);
  }

  /** All returns under the filters of the list, a line of JSON each, as a stream. For: staff, admin; a service with its scope. */
  exportReturns(query: ExportReturnsQuery = {}, options?: CallOptions): AsyncIterable<ReturnSummary> {
    return this.lines('/returns/export', query, options);
  }

  /** A return with its items and its refund. For: customer (its own), staff, admin; a service with its scope. */
  getReturn(returnId: string, options?: CallOptions): Promise<Return> {
    return this.json('GET', `/returns/${segment(returnId)}`, {}, options);
  }

  /** Changes return address, tracking, note and metadata. For: customer (its own), staff, admin; a service with its scope. */
  updateReturn(returnId: string, body: UpdateReturnBody = {}, options?: WriteOptions): Promise<Return> {
    return this.json('PATCH', `/returns/${segment(returnId)}`, { body }, options);
  }

  /** Moves a return by a named step, with the fields of that step. For: staff, admin; a service with its scope. */
  transitionReturn(returnId: string, body: TransitionReturnBody, options?: WriteOptions): Promise<Return> {
    return this.json('POST', `/returns/${segment(returnId)}/state`, { body }, options);
  }

  /** Lets the customer send the goods. For: staff, admin; a service with its scope. */
  approveReturn(returnId: string, body: ApproveReturnBody = {}, options?: WriteOptions): Promise<Return> {
    return this.json('POST', `/returns/${segment(returnId)}/approve`, { body }, options);
  }

  /** Does not take the goods back. For: staff, admin; a service with its scope. */
  rejectReturn(returnId: string, body: RejectReturnBody, options?: WriteOptions): Promise<Return> {
    return this.json('POST', `/returns/${segment(returnId)}/reject`, { body }, options);
  }

  /** Ends a return before the goods arrive. For: customer (its own), staff, admin; a service with its scope. */
  cancelReturn(returnId: string, body: CancelReturnBody = {}, options?: WriteOptions): Promise<Return> {
    return this.json('POST', `/returns/${segment(returnId)}/cancel`, { body }, options);
  }

  /** What may happen next, and why not what may not. For: customer (its own), staff, admin; a service with its scope. */
  returnTransitions(returnId: string, options?: CallOptions): Promise<Transitions> {
    return this.json('GET', `/returns/${segment(returnId)}/transitions`, {}, options);
  }

  /** The audit trail of a return. For: customer (its own), staff, admin; a service with its scope. */
  returnHistory(returnId: string, options?: CallOptions): Promise<History> {
    return this.json('GET', `/returns/${segment(returnId)}/history`, {}, options);
  }

  /** The return with every step of its refund saga, its refunds and its messages in one list, oldest first. For: customer (its own), staff, admin; a service with its scope. */
  returnTimeline(returnId: string, options?: CallOptions): Promise<Timeline> {
    return this.json('GET', `/returns/${segment(returnId)}/timeline`, {}, options);
  }

  /** How the refund came about: what it was calculated from, and the same calculation made again. For: staff, admin; a service with its scope. */
  returnCalculation(returnId: string, options?: CallOptions): Promise<ReturnCalculationAnswer> {
    return this.json('GET', `/returns/${segment(returnId)}/calculation`, {}, options);
  }

  /** Adds a version of the return policy; it holds for orders delivered from now on. For: admin; a service with its scope. */
  createReturnPolicy(
    body: CreateReturnPolicyBody,
    options?: WriteOptions,
  ): Promise<CreateReturnPolicyAnswer> {
    return this.json('POST', '/return-policies', { body }, options);
  }

  /** Every version of the return policy, newest first, and which is in force. For: admin; a service with its scope. */
  listReturnPolicies(options?: CallOptions): Promise<ListReturnPoliciesAnswer> {
    return this.json('GET', '/return-policies', {}, options);
  }

  /** Opens a payment of an order's open balance, or a part of it. For: customer (its own), staff, admin; a service with its scope. */
  createPayment(body: CreatePayment, options?: WriteOptions): Promise<Payment> {
    return this.json('POST', '/payments', { body }, options);
  }

  /** Payments, newest first. For: customer (its own), staff, admin; a service with its scope. */
  listPayments(query: ListPaymentsQuery = {}, options?: CallOptions): Listing<PaymentSummary> {
    return this.list('/payments', query, options);
  }

  /** All payments under the filters of the list, a line of JSON each, as a stream. For: staff, admin; a service with its scope. */
  exportPayments(query: ExportPaymentsQuery = {}, options?: CallOptions): AsyncIterable<PaymentSummary> {
    return this.lines('/payments/export', query, options);
  }

  /** A payment with its refunds and every attempt at the provider. For: customer (its own), staff, admin; a service with its scope. */
  getPayment(paymentId: string, options?: CallOptions): Promise<Payment> {
    return this.json('GET', `/payments/${segment(paymentId)}`, {}, options);
  }

  /** Changes metadata and note; the token while it is pending. For: staff, admin; a service with its scope. */
  updatePayment(paymentId: string, body: UpdatePaymentBody = {}, options?: WriteOptions): Promise<Payment> {
    return this.json('PATCH', `/payments/${segment(paymentId)}`, { body }, options);
  }

  /** Authorizes, and captures unless manual. For: customer (its own), staff, admin; a service with its scope. */
  processPayment(paymentId: string, body: ProcessPaymentBody = {}, options?: WriteOptions): Promise<Payment> {
    return this.json('POST', `/payments/${segment(paymentId)}/process`, { body }, options);
  }

  /** Takes an amount up to what is held; without one, what the order still costs, never more than is held. For: staff, admin; a service with its scope. */
  capturePayment(paymentId: string, body: CapturePaymentBody = {}, options?: WriteOptions): Promise<Payment> {
    return this.json('POST', `/payments/${segment(paymentId)}/capture`, { body }, options);
  }

  /** Lets go what is authorized and not captured. For: staff, admin; a service with its scope. */
  voidPayment(paymentId: string, body: VoidPaymentBody = {}, options?: WriteOptions): Promise<Payment> {
    return this.json('POST', `/payments/${segment(paymentId)}/void`, { body }, options);
  }

  /** Gives captured money back, never more than is left; with `returnId`, never more than its return is still owed. For: staff, admin; a service with its scope. */
  refundPayment(paymentId: string, body: RefundPaymentBody = {}, options?: WriteOptions): Promise<Payment> {
    return this.json('POST', `/payments/${segment(paymentId)}/refund`, { body }, options);
  }

  /** What may happen next, and why not what may not. For: customer (its own), staff, admin; a service with its scope. */
  paymentTransitions(paymentId: string, options?: CallOptions): Promise<Transitions> {
    return this.json('GET', `/payments/${segment(paymentId)}/transitions`, {}, options);
  }

  /** The audit trail of a payment. For: customer (its own), staff, admin; a service with its scope. */
  paymentHistory(paymentId: string, options?: CallOptions): Promise<History> {
    return this.json('GET', `/payments/${segment(paymentId)}/history`, {}, options);
  }

  /** The last runs in which our ledger was held against the provider's, newest first, every difference with a proposal. For: staff, admin; a service with its scope. */
  reconciliationReport(options?: CallOptions): Promise<ReconciliationReportAnswer> {
    return this.json('GET', '/reports/reconciliation', {}, options);
  }

  /** Messages to customers and staff, newest first. For: staff, admin; a service with its scope. */
  listNotifications(
    query: ListNotificationsQuery = {},
    options?: CallOptions,
  ): Listing<ListNotificationsItem> {
    return this.list('/notifications', query, options);
  }

  /** Addresses that a mail server refused for good, newest first. For: staff, admin; a service with its scope. */
  listSuppressions(query: ListSuppressionsQuery = {}, options?: CallOptions): Listing<ListSuppressionsItem> {
    return this.list('/notifications/suppressions', query, options);
  }

  /** Lets messages go to an address again. For: staff, admin; a service with its scope. */
  liftSuppression(address: string, options?: WriteOptions): Promise<LiftSuppressionAnswer> {
    return this.json('DELETE', `/notifications/suppressions/${segment(address)}`, {}, options);
  }

  /** What a customer wants to hear of. For: customer (its own), staff, admin; a service with its scope. */
  getNotificationPreferences(
    customerId: string,
    options?: CallOptions,
  ): Promise<GetNotificationPreferencesAnswer> {
    return this.json('GET', `/notifications/preferences/${segment(customerId)}`, {}, options);
  }

  /** Says whether a customer gets the messages that they may do without. For: customer (its own), staff, admin; a service with its scope. */
  updateNotificationPreferences(
    customerId: string,
    body: UpdateNotificationPreferencesBody,
    options?: WriteOptions,
  ): Promise<UpdateNotificationPreferencesAnswer> {
    return this.json('PATCH', `/notifications/preferences/${segment(customerId)}`, { body }, options);
  }

  /** One message, what it said and how its delivery stands. For: staff, admin; a service with its scope. */
  getNotification(messageId: string, options?: CallOptions): Promise<GetNotificationAnswer> {
    return this.json('GET', `/notifications/${segment(messageId)}`, {}, options);
  }

  /** Sends a message again, worded anew, to the address that its order has now. For: staff, admin; a service with its scope. */
  resendNotification(messageId: string, options?: WriteOptions): Promise<ResendNotificationAnswer> {
    return this.json('POST', `/notifications/${segment(messageId)}/resend`, {}, options);
  }

  /** Registers an endpoint for events; its secret is shown this once. For: admin; a service with its scope. */
  createWebhook(body: CreateWebhookBody, options?: WriteOptions): Promise<CreateWebhookAnswer> {
    return this.json('POST', '/webhooks', { body }, options);
  }

  /** All endpoints, newest first, without their secrets. For: admin; a service with its scope. */
  listWebhooks(query: ListWebhooksQuery = {}, options?: CallOptions): Listing<ListWebhooksItem> {
    return this.list('/webhooks', query, options);
  }

  /** An endpoint, and whether it works. For: admin; a service with its scope. */
  getWebhook(webhookId: string, options?: CallOptions): Promise<GetWebhookAnswer> {
    return this.json('GET', `/webhooks/${segment(webhookId)}`, {}, options);
  }

  /** Changes where events go and which; enables an endpoint again or disables it. For: admin; a service with its scope. */
  updateWebhook(
    webhookId: string,
    body: UpdateWebhookBody = {},
    options?: WriteOptions,
  ): Promise<UpdateWebhookAnswer> {
    return this.json('PATCH', `/webhooks/${segment(webhookId)}`, { body }, options);
  }

  /** Removes an endpoint with its deliveries; what is under way may still arrive. For: admin; a service with its scope. */
  deleteWebhook(webhookId: string, options?: WriteOptions): Promise<DeleteWebhookAnswer> {
    return this.json('DELETE', `/webhooks/${segment(webhookId)}`, {}, options);
  }

  /** Makes a new secret, shown this once; the one of before signs beside it for a while. For: admin; a service with its scope. */
  rotateWebhookSecret(
    webhookId: string,
    body: RotateWebhookSecretBody = {},
    options?: WriteOptions,
  ): Promise<RotateWebhookSecretAnswer> {
    return this.json('POST', `/webhooks/${segment(webhookId)}/rotate-secret`, { body }, options);
  }

  /** Sends a test event to an endpoint and tells what became of it. For: admin; a service with its scope. */
  testWebhook(webhookId: string, options?: WriteOptions): Promise<TestWebhookAnswer> {
    return this.json('POST', `/webhooks/${segment(webhookId)}/test`, {}, options);
  }

  /** The events that went or go to an endpoint, newest first. For: admin; a service with its scope. */
  listWebhookDeliveries(
    webhookId: string,
    query: ListWebhookDeliveriesQuery = {},
    options?: CallOptions,
  ): Listing<ListWebhookDeliveriesItem> {
    return this.list(`/webhooks/${segment(webhookId)}/deliveries`, query, options);
  }

  /** One delivery with every try and what the endpoint answered. For: admin; a service with its scope. */
  getWebhookDelivery(
    webhookId: string,
    eventId: string,
    options?: CallOptions,
  ): Promise<GetWebhookDeliveryAnswer> {
    return this.json('GET', `/webhooks/${segment(webhookId)}/deliveries/${segment(eventId)}`, {}, options);
  }

  /** Sends one event to an endpoint again, under the same webhook-id. For: admin; a service with its scope. */
  resendWebhookDelivery(
    webhookId: string,
    eventId: string,
    options?: WriteOptions,
  ): Promise<ResendWebhookDeliveryAnswer> {
    return this.json(
      'POST',
      `/webhooks/${segment(webhookId)}/deliveries/${segment(eventId)}/resend`,
      {},
      options,
    );
  }

  /** Sends the events of a time to an endpoint, those that failed or all that it asks for. For: admin; a service with its scope. */
  resendWebhookRange(
    webhookId: string,
    body: ResendWebhookRangeBody,
    options?: WriteOptions,
  ): Promise<ResendWebhookRangeAnswer> {
    return this.json('POST', `/webhooks/${segment(webhookId)}/resend`, { body }, options);
  }

  /** Makes an API key; it is shown this once. For: admin; a service with its scope. */
  createApiKey(body: CreateApiKeyBody, options?: WriteOptions): Promise<ApiKeyCreated> {
    return this.json('POST', '/api-keys', { body }, options);
  }

  /** All API keys, newest first, without their secrets. For: admin; a service with its scope. */
  listApiKeys(options?: CallOptions): Promise<ListApiKeysAnswer> {
    return this.json('GET', '/api-keys', {}, options);
  }

  /** Ends an API key for ever; within ten seconds nobody accepts it. For: admin; a service with its scope. */
  revokeApiKey(apiKeyId: string, options?: WriteOptions): Promise<ApiKey> {
    return this.json('DELETE', `/api-keys/${segment(apiKeyId)}`, {}, options);
  }

  /** Events that a service could not handle or read, of all services, newest first. For: admin; a service with its scope. */
  listDeadLetters(query: ListDeadLettersQuery = {}, options?: CallOptions): Listing<ListDeadLettersItem> {
    return this.list('/dead-letters', query, options);
  }

  /** Puts several or all of a service's dead letters back to work, so many in a second. For: admin; a service with its scope. */
  redriveDeadLetters(
    service: string,
    body: RedriveDeadLettersBody,
    options?: WriteOptions,
  ): Promise<RedriveDeadLettersAnswer> {
    return this.json('POST', `/dead-letters/${segment(service)}/redrive`, { body }, options);
  }

  /** A dead letter with its payload, its error, what waits behind it, and what was done about it. For: admin; a service with its scope. */
  getDeadLetter(service: string, eventId: string, options?: CallOptions): Promise<GetDeadLetterAnswer> {
    return this.json('GET', `/dead-letters/${segment(service)}/${segment(eventId)}`, {}, options);
  }

  /** Puts a dead letter back to work; what waits behind it follows. For: admin; a service with its scope. */
  redriveDeadLetter(
    service: string,
    eventId: string,
    options?: WriteOptions,
  ): Promise<RedriveDeadLetterAnswer> {
    return this.json('POST', `/dead-letters/${segment(service)}/${segment(eventId)}/redrive`, {}, options);
  }

  /** Gives a dead letter up, with a reason that stays; what waits behind it goes on without it. For: admin; a service with its scope. */
  discardDeadLetter(
    service: string,
    eventId: string,
    body: DiscardDeadLetterBody,
    options?: WriteOptions,
  ): Promise<DiscardDeadLetterAnswer> {
    return this.json(
      'POST',
      `/dead-letters/${segment(service)}/${segment(eventId)}/discard`,
      { body },
      options,
    );
  }

  /** Cases that go through several services, newest first. For: staff, admin; a service with its scope. */
  listSagas(query: ListSagasQuery = {}, options?: CallOptions): Listing<ListSagasItem> {
    return this.list('/sagas', query, options);
  }

  /** A case with its steps, what it waits for, and what may be done about it. For: staff, admin; a service with its scope. */
  getSaga(sagaId: string, options?: CallOptions): Promise<GetSagaAnswer> {
    return this.json('GET', `/sagas/${segment(sagaId)}`, {}, options);
  }

  /** Lets a case that needs attention wait once more. For: staff, admin; a service with its scope. */
  resumeSaga(sagaId: string, body: ResumeSagaBody = {}, options?: WriteOptions): Promise<ResumeSagaAnswer> {
    return this.json('POST', `/sagas/${segment(sagaId)}/resume`, { body }, options);
  }

  /** Lets a case ask once more for what failed. For: staff, admin; a service with its scope. */
  retrySaga(sagaId: string, body: RetrySagaBody = {}, options?: WriteOptions): Promise<RetrySagaAnswer> {
    return this.json('POST', `/sagas/${segment(sagaId)}/retry`, { body }, options);
  }

  /** Ends a case that was settled another way, and says how; a refund that it waits for is withdrawn, unless a provider has it. For: staff, admin; a service with its scope. */
  closeSaga(sagaId: string, body: CloseSagaBody, options?: WriteOptions): Promise<CloseSagaAnswer> {
    return this.json('POST', `/sagas/${segment(sagaId)}/close`, { body }, options);
  }

  /** What happens, as it happens: server-sent events. For: customer (its own, without what staff wrote for themselves), staff, admin; a service with the scopes of what it reads. Each event is a CloudEvent as JSON, its name is in `event`, its place in `id`. With `Last-Event-ID` the stream goes on after that event: nothing is missed and nothing comes twice. An event `missed` says that older events are no longer kept. A comment every 15 s keeps the connection open. A stream ends after an hour, as it does when a gateway is restarted: come back with `Last-Event-ID`, as browsers do by themselves. */
  streamEvents(query: StreamEventsQuery = {}, options?: CallOptions): AsyncIterable<EventMessage> {
    return this.events('/events', query, options);
  }
}
