import type { EventName, EventPayload } from './events.js';

/** One payload of each event, as it is really published; the reference shows it, and a test holds it against its schema. */
const [orderId, itemId, shipmentId] = [
  'ord_01jd3z6q8kf5v9c2x7m4t0b1ha',
  'itm_01jd3z6q8kf5v9c2x7m4t0b1hb',
  'shp_01jd3z9f2pe8rvx0a5k7w3n6qc',
];
const [returnId, paymentId, refundId] = [
  'ret_01jd5k2m7qf1sz8b4h9x6c3vne',
  'pay_01jd3z6r4xf7g8k2m9p0q5w1td',
  'ref_01jd5m8p3tf9v2c6k0x4z7h1bg',
];
const returnRefundId = 'ref_01jd5m8k9we4r1t7y0a2s5d8fh';

const order = { orderId, number: 'ORD-100042', customerId: 'cus_42', currency: 'GBP' } as const;
const priced = {
  total: 2730,
  shippingTotal: 594,
  lines: [
    {
      itemId,
      sku: '85123A',
      quantity: 6,
      unitPrice: 255,
      discount: 0,
      discountShare: 0,
      tax: 606,
      total: 2136,
    },
  ],
};
const items = [{ itemId, quantity: 2 }];

const payment = {
  paymentId,
  orderId,
  customerId: 'cus_42',
  currency: 'GBP',
  amount: 2730,
  capture: 'automatic',
  authorizedAmount: 2730,
  capturedAmount: 2730,
  refundedAmount: 0,
} as const;
const untaken = { ...payment, authorizedAmount: 0, capturedAmount: 0 };
const refund = { refundId, refundAmount: 712, returnId, returnRefundId, reason: null };
const chargeback = { chargebackId: 'dp_1Qx7', chargebackAmount: 2730, reason: 'fraudulent' };

const ret = {
  returnId,
  number: 'RET-100007',
  orderId,
  customerId: 'cus_42',
  currency: 'GBP',
} as const;

export const eventExamples: { readonly [N in EventName]: EventPayload<N> } = {
  'order.placed': {
    ...order,
    ...priced,
    status: 'pending',
    channel: 'web',
    externalRef: '536365',
    placedAt: '2026-11-01T09:30:00.000Z',
    payment: { method: 'card', capture: 'automatic' },
  },
  'order.updated': { ...order, ...priced, status: 'pending' },
  'order.confirmed': { ...order, status: 'confirmed' },
  'order.processing': { ...order, status: 'processing' },
  'order.held': { ...order, status: 'confirmed', reason: 'fraud' },
  'order.released': { ...order, status: 'confirmed' },
  'order.shipment_created': {
    ...order,
    status: 'processing',
    shipmentId,
    items,
    carrier: 'Royal Mail',
    trackingNumber: 'RM123456789GB',
    trackingUrl: 'https://track.example/RM123456789GB',
    amount: 712,
    complete: false,
  },
  'order.shipped': { ...order, status: 'shipped' },
  'order.shipment_delivered': {
    ...order,
    status: 'shipped',
    shipmentIds: [shipmentId],
    items,
    deliveredAt: '2026-11-03T14:05:00.000Z',
  },
  'order.delivered': { ...order, status: 'delivered' },
  'order.items_cancelled': {
    ...order,
    status: 'processing',
    items,
    amount: 712,
    total: 2018,
    reason: 'out_of_stock',
  },
  'order.cancelled': { ...order, status: 'cancelled', reason: 'payment_failed' },
  'order.refund_requested': { ...order, status: 'cancelled', reason: 'changed_mind' },
  'order.items_returned': { ...order, status: 'delivered', returnId, items },
  'order.returned': { ...order, status: 'returned' },
  'payment.created': { ...untaken, status: 'pending' },
  'payment.authorized': { ...payment, status: 'authorized', capturedAmount: 0 },
  'payment.captured': { ...payment, status: 'captured', captureAmount: 2730 },
  'payment.failed': { ...untaken, status: 'failed', code: 'card_declined' },
  'payment.voided': { ...payment, status: 'voided', capturedAmount: 0, voidedAmount: 2730 },
  'payment.refund_requested': { ...payment, ...refund, status: 'captured' },
  'payment.refunded': {
    ...payment,
    ...refund,
    status: 'partially_refunded',
    refundedAmount: 712,
    settled: true,
  },
  'payment.refund_failed': { ...payment, ...refund, status: 'captured', code: 'refund_refused' },
  'payment.charged_back': {
    ...payment,
    ...chargeback,
    status: 'captured',
    chargedBackAmount: 2730,
  },
  'payment.chargeback_closed': {
    ...payment,
    ...chargeback,
    status: 'captured',
    chargedBackAmount: 0,
    outcome: 'won',
  },
  'return.initiated': { ...ret, status: 'initiated', items: [{ itemId, quantity: 2, reason: 'defective' }] },
  'return.approved': { ...ret, status: 'approved' },
  'return.rejected': { ...ret, status: 'rejected', reason: 'worn', items },
  'return.pickup_scheduled': {
    ...ret,
    status: 'pickup_scheduled',
    pickupAt: '2026-11-12T08:00:00.000Z',
    carrier: 'Royal Mail',
  },
  'return.in_transit': {
    ...ret,
    status: 'in_transit',
    carrier: 'Royal Mail',
    trackingNumber: 'RM987654321GB',
  },
  'return.received': { ...ret, status: 'received', items },
  'return.processed': {
    ...ret,
    status: 'processed',
    refundAmount: 712,
    items: [{ itemId, quantity: 2, disposition: 'restock' }],
  },
  'return.refund_requested': {
    ...ret,
    status: 'processed',
    refundId: returnRefundId,
    attempt: 1,
    amount: 712,
    method: 'original',
  },
  'return.refund_withdrawn': { ...ret, status: 'processed', refundId: returnRefundId, amount: 712 },
  'return.refunded': {
    ...ret,
    status: 'refunded',
    refundId: returnRefundId,
    amount: 712,
    method: 'original',
    items,
  },
  'return.refund_failed': {
    ...ret,
    status: 'processed',
    refundId: returnRefundId,
    amount: 712,
    code: 'refund_refused',
  },
  'return.cancelled': { ...ret, status: 'cancelled', reason: 'kept it after all', items },
  'return.updated': { ...ret, status: 'approved' },
};
