/** One request body for each call that has one; a test holds each against its schema, and the reference shows it. */
const item = 'itm_01jd3z6q8kf5v9c2x7m4t0b1ha';
const address = {
  name: 'Jane Roe',
  line1: '1 High Street',
  line2: null,
  city: 'Leeds',
  region: null,
  postalCode: 'LS1 1AA',
  country: 'GB',
};
const order = {
  customerId: 'cus_42',
  email: 'jane@example.com',
  locale: 'en-GB',
  currency: 'GBP',
  items: [
    {
      sku: '85123A',
      name: 'White hanging heart',
      quantity: 6,
      unitPrice: 255,
      discountAmount: 0,
      taxAmount: 306,
    },
  ],
  shippingAmount: 495,
  shippingTaxAmount: 99,
  discountAmount: 0,
  shippingAddress: address,
  billingAddress: null,
  externalRef: '536365',
  metadata: { channel: 'web' },
  payment: { method: 'card', token: 'tok_visa', capture: 'automatic' },
};
const asked = {
  orderId: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha',
  items: [{ orderItemId: item, quantity: 2, reason: 'size_or_fit', comment: 'too small' }],
};

export const requestExamples: Readonly<Record<string, object>> = {
  createOrder: order,
  updateOrder: { email: 'jane.roe@example.com', shippingAddress: address, metadata: { gift: 'yes' } },
  transitionOrder: { transition: 'confirm', reason: 'paid by bank transfer' },
  cancelOrder: { reason: 'changed_mind', items: [{ itemId: item, quantity: 1 }] },
  holdOrder: { reason: 'fraud', note: 'the card and the address are of two countries' },
  releaseOrder: { note: 'called the customer' },
  createShipment: {
    items: [{ itemId: item, quantity: 4 }],
    carrier: 'Royal Mail',
    trackingNumber: 'RM123456789GB',
    trackingUrl: 'https://track.example/RM123456789GB',
  },
  deliverShipment: { deliveredAt: '2026-11-02T10:15:00Z' },
  createReturn: { ...asked, refundMethod: 'original', note: 'the box is open' },
  updateReturn: { trackingNumber: 'RM987654321GB', carrier: 'Royal Mail' },
  transitionReturn: {
    transition: 'process',
    items: [{ returnItemId: 'rit_01jd3z6q8kf5v9c2x7m4t0b1ha', disposition: 'restock', acceptedQuantity: 2 }],
    restockingFee: 100,
    adjustment: { amount: -50, reason: 'the label is torn' },
  },
  approveReturn: { note: 'send it to the usual address' },
  rejectReturn: { reason: 'worn' },
  cancelReturn: { reason: 'kept it after all' },
  createPayment: {
    orderId: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha',
    amount: 1999,
    method: 'card',
    token: 'tok_visa',
    capture: 'manual',
  },
  updatePayment: { note: 'second card' },
  processPayment: {},
  capturePayment: { amount: 1500 },
  voidPayment: { reason: 'out of stock' },
  refundPayment: { amount: 500, reason: 'goodwill' },
  updateNotificationPreferences: { optionalMessages: false },
  createWebhook: {
    url: 'https://warehouse.example/oms',
    events: ['order.confirmed', 'return.*'],
    description: 'the warehouse',
  },
  updateWebhook: { events: ['order.*'], status: 'enabled' },
  rotateWebhookSecret: { overlapHours: 24 },
  resendWebhookRange: { after: '2026-11-01T00:00:00Z', before: '2026-11-02T00:00:00Z', only: 'failed' },
  createApiKey: { name: 'warehouse', role: 'service', scopes: ['orders:read', 'orders:write'] },
};
