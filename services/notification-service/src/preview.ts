import { minorDigits, type EventPayload, type OrderView, type ReturnView } from '@oms/contracts';
import { announcementOf, announcements, type Announced } from './domain/announcements.js';
import { compose } from './domain/compose.js';
import { localeOf } from './domain/format.js';
import { toHtml } from './domain/layout.html.js';
import { toText } from './domain/layout.text.js';

export { languages } from './domain/format.js';

/** Every message that there is, in the order in which an order and its return go on. */
export const announced = Object.keys(announcements) as Announced[];

const shop = {
  name: 'Hearts & Lanterns',
  returnAddress: ['Hearts & Lanterns, Returns', '12 Mill Lane', 'Leeds LS1 4DY', 'United Kingdom'],
};
const ids = {
  order: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha',
  ret: 'ret_01jd3z6q8kf5v9c2x7m4t0b1hb',
  heart: 'itm_01jd3z6q8kf5v9c2x7m4t0b1hc',
  lantern: 'itm_01jd3z6q8kf5v9c2x7m4t0b1hd',
  refund: 'ref_01jd3z6q8kf5v9c2x7m4t0b1he',
  shipment: 'shp_01jd3z6q8kf5v9c2x7m4t0b1hf',
  payment: 'pay_01jd3z6q8kf5v9c2x7m4t0b1hg',
};
const AT = '2026-11-20T10:15:00.000Z';

/** An order of 2 lines; `unit` is what one whole unit of the currency is in minor ones. */
function order(currency: string, unit: number): OrderView {
  const line = (id: string, name: string, quantity: number, price: number, tax: number) => ({
    id,
    sku: '85123A',
    name,
    quantity,
    unitPrice: price,
    discountAmount: 0,
    orderDiscountShare: 0,
    taxAmount: tax,
    total: price * quantity + tax,
    quantities: {
      ordered: quantity,
      shipped: quantity,
      delivered: 0,
      cancelled: 0,
      returnRequested: 0,
      returned: 0,
    },
  });
  const items = [
    line(
      ids.heart,
      'White hanging heart T-light holder',
      6,
      Math.round(2.55 * unit),
      Math.round(3.06 * unit),
    ),
    line(ids.lantern, 'White metal lantern', 2, Math.round(33.9 * unit), Math.round(13.56 * unit)),
  ];
  const subtotal = items.reduce((sum, item) => sum + item.unitPrice * item.quantity, 0);
  const goodsTax = items.reduce((sum, item) => sum + item.taxAmount, 0);
  const [discountAmount, shippingAmount, shippingTaxAmount] = [
    5 * unit,
    Math.round(4.95 * unit),
    Math.round(0.99 * unit),
  ];
  return {
    id: ids.order,
    number: 'ORD-100042',
    status: 'shipped',
    previousStatus: 'processing',
    customerId: 'cus_42',
    email: 'jane@example.com',
    locale: null,
    channel: 'web',
    externalRef: null,
    currency,
    subtotal,
    discountAmount,
    taxAmount: goodsTax + shippingTaxAmount,
    shippingAmount,
    shippingTaxAmount,
    total: subtotal - discountAmount + goodsTax + shippingAmount + shippingTaxAmount,
    paymentStatus: 'captured',
    shippingAddress: {
      name: 'Jane Roe',
      line1: '1 High Street',
      line2: null,
      city: 'Leeds',
      region: null,
      postalCode: 'LS1 1AA',
      country: 'GB',
    },
    items,
    placedAt: AT,
    createdAt: AT,
  } as unknown as OrderView;
}

const ret = {
  id: ids.ret,
  number: 'RET-100007',
  returnAddress: null,
  pickup: null,
  items: [{ orderItemId: ids.lantern, quantity: 1 }],
} as unknown as ReturnView;

function events(currency: string, unit: number): { [N in Announced]: EventPayload<N> } {
  const ofOrder = { orderId: ids.order, number: 'ORD-100042', customerId: 'cus_42', currency };
  const ofReturn = {
    returnId: ids.ret,
    number: 'RET-100007',
    orderId: ids.order,
    customerId: 'cus_42',
    currency,
  };
  const items = [{ itemId: ids.lantern, quantity: 1 }];
  const amount = Math.round(40.68 * unit);
  return {
    'order.confirmed': { ...ofOrder, status: 'confirmed' },
    'order.shipment_created': {
      ...ofOrder,
      status: 'processing',
      shipmentId: ids.shipment,
      items: [{ itemId: ids.heart, quantity: 6 }],
      carrier: 'Royal Mail',
      trackingNumber: 'RM123456789GB',
      trackingUrl: 'https://track.example/RM123456789GB',
      amount,
      complete: false,
    },
    'order.delivered': { ...ofOrder, status: 'delivered' },
    'order.cancelled': { ...ofOrder, status: 'cancelled', reason: 'changed_mind' },
    'payment.failed': {
      paymentId: ids.payment,
      orderId: ids.order,
      customerId: 'cus_42',
      currency,
      status: 'failed',
      amount,
      capture: 'automatic',
      authorizedAmount: 0,
      capturedAmount: 0,
      refundedAmount: 0,
      code: 'card_declined',
    },
    'return.initiated': {
      ...ofReturn,
      status: 'initiated',
      items: [{ ...items[0]!, reason: 'damaged_in_transit' }],
    },
    'return.approved': { ...ofReturn, status: 'approved' },
    'return.rejected': { ...ofReturn, status: 'rejected', reason: 'The lantern was used outdoors.', items },
    'return.received': { ...ofReturn, status: 'received', items },
    'return.refunded': {
      ...ofReturn,
      status: 'refunded',
      refundId: ids.refund,
      amount,
      method: 'original',
      items,
    },
    'return.refund_failed': {
      ...ofReturn,
      status: 'processed',
      refundId: ids.refund,
      amount,
      code: 'refund_refused',
    },
  };
}

/** A message as somebody would get it, made of example data: for the preview, and for whoever changes its words. */
export function preview(
  name: Announced,
  locale: string,
  currency: string,
): { subject: string; html: string; text: string } {
  const unit = 10 ** minorDigits(currency);
  const letter = compose(name, events(currency, unit)[name], {
    order: order(currency, unit),
    ret: name.startsWith('return.') ? ret : null,
    shop,
    locale: localeOf(locale, 'en'),
    unsubscribeUrl: announcementOf(name).optional ? 'https://shop.example/unsubscribe/example' : null,
  });
  return { subject: letter.subject, html: toHtml(letter, shop.name), text: toText(letter) };
}
