import type { CaptureMode, OrderPaymentStatus, OrderStatus, PaymentStatus } from '@oms/contracts';
import type { AggregateState, At } from '@oms/chassis/machine';

/** One line: what was ordered at what price, and how far each of its units has come. Money in minor units. */
export interface OrderLine {
  id: string;
  position: number;
  sku: string;
  name: string;
  quantity: number;
  unitPrice: number;
  discountAmount: number;
  orderDiscountShare: number;
  taxAmount: number;
  total: number;
  finalSale: boolean;
  shipped: number;
  delivered: number;
  cancelled: number;
  returnRequested: number;
  returned: number;
}

export interface LineQuantity {
  itemId: string;
  quantity: number;
}

/** A parcel. */
export interface Shipment {
  id: string;
  items: LineQuantity[];
  carrier: string | null;
  trackingNumber: string | null;
  trackingUrl: string | null;
  /** What its goods cost. */
  amount: number;
  shippedAt: string;
  deliveredAt: string | null;
}

/** What a payment's last event said of it. */
export interface KnownPayment {
  status: PaymentStatus;
  authorizedAmount: number;
  capturedAmount: number;
  refundedAmount: number;
  /** What the customer's bank took back; absent in what was stored before it was told. */
  chargedBackAmount?: number;
}

export interface OrderState extends AggregateState {
  status: OrderStatus;
  number: string;
  customerId: string | null;
  email: string | null;
  /** BCP 47; null leaves it to whoever writes to the customer. */
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
  paymentStatus: OrderPaymentStatus;
  payments: Record<string, KnownPayment>;
  paymentWanted: { method: string; capture: CaptureMode } | null;
  /** The provider's token until it was used; never leaves the service but to payment-service's own question (ADR 3). */
  paymentToken: string | null;
  hold: { reason: string; note: string | null; at: string } | null;
  cancelReason: string | null;
  notes: string | null;
  tags: string[];
  metadata: Record<string, string>;
  shippingAddress: Record<string, unknown>;
  billingAddress: Record<string, unknown> | null;
  placedAt: Date;
  items: OrderLine[];
  shipments: Shipment[];
  /** What each return that is still open asked for. */
  openReturns: Record<string, LineQuantity[]>;
}

interface Parcel {
  shipmentId: string;
  items: LineQuantity[];
  carrier: string | null;
  trackingNumber: string | null;
  trackingUrl: string | null;
}

/** What each input of the table carries; facts are gathered by the features. */
export interface OrderInputs {
  place: At;
  confirm: At;
  process: At;
  ship: At & Parcel;
  deliver: At & { shipmentIds: string[]; deliveredAt: Date };
  cancel: At & { reason: string };
  cancel_items: At & { reason: string; items: LineQuantity[] };
  hold: At & { reason: string; note: string | null };
  release: At;
  return: At;
  request_refund: At;
  payment_changed: At & { paymentId: string; payment: KnownPayment };
  return_opened: At & { returnId: string; items: LineQuantity[] };
  return_closed: At & { returnId: string };
  return_refunded: At & { returnId: string; items: LineQuantity[] };
}
