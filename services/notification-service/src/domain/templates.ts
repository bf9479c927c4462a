import { minorDigits, type EventEnvelope, type EventName, type EventPayload } from '@oms/contracts';

/** A message as the customer reads it. */
export interface Rendered {
  subject: string;
  body: string;
}

const LOCALE = 'en';

/** £12.50 from 1250 and GBP: the digits are ISO 4217's, the shape is the locale's. */
export function money(amount: number, currency: string, locale = LOCALE): string {
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

type Template<N extends EventName> = (data: EventPayload<N>) => Rendered;
const template = <N extends EventName>(_: N, render: Template<N>) => render as (data: never) => Rendered;

/** Which events a customer hears of, and in what words. The key is the template's name too. */
export const templates: Readonly<Partial<Record<EventName, (data: never) => Rendered>>> = {
  'order.confirmed': template('order.confirmed', (order) => ({
    subject: `Order ${order.number} is confirmed`,
    body: `Thank you. We are getting your order ${order.number} ready.`,
  })),
  'order.shipment_created': template('order.shipment_created', (order) => ({
    subject: `${order.complete ? 'Your order' : 'A part of your order'} ${order.number} is on its way`,
    body: `A parcel has left${order.carrier ? ` with ${order.carrier}` : ''}${order.trackingNumber ? `, tracking number ${order.trackingNumber}` : ''}.${order.trackingUrl ? ` Follow it at ${order.trackingUrl}` : ''}`,
  })),
  'order.delivered': template('order.delivered', (order) => ({
    subject: `Order ${order.number} has arrived`,
    body: `All of your order ${order.number} was delivered. If something is wrong, you can send it back.`,
  })),
  'order.cancelled': template('order.cancelled', (order) => ({
    subject: `Order ${order.number} is cancelled`,
    body:
      order.reason === 'payment_failed'
        ? `The payment for order ${order.number} was declined, so it is cancelled. Nothing was taken.`
        : `Order ${order.number} is cancelled. What was paid goes back to you.`,
  })),
  'payment.failed': template('payment.failed', (payment) => ({
    subject: 'Your payment was declined',
    body: `The payment of ${money(payment.amount, payment.currency)} was declined. Nothing was taken.`,
  })),
  'return.approved': template('return.approved', (ret) => ({
    subject: `Return ${ret.number} is approved`,
    body: `Please pack the goods, write ${ret.number} on the parcel and send it to us.`,
  })),
  'return.rejected': template('return.rejected', (ret) => ({
    subject: `Return ${ret.number} was not accepted`,
    body: `We can not take these goods back${ret.reason ? `: ${ret.reason}` : ''}.`,
  })),
  'return.received': template('return.received', (ret) => ({
    subject: `Return ${ret.number} has reached us`,
    body: 'Your parcel is here. We are looking at the goods and will tell you about the refund.',
  })),
  'return.refunded': template('return.refunded', (ret) =>
    ret.amount === 0
      ? {
          subject: `Return ${ret.number} is closed`,
          body: `We have looked at the goods of return ${ret.number}. There is nothing to give back for them.`,
        }
      : {
          subject: `${money(ret.amount, ret.currency)} is on its way to you`,
          body: `Return ${ret.number}: we have given back ${money(ret.amount, ret.currency)}.`,
        },
  ),
  'return.refund_failed': template('return.refund_failed', (ret) => ({
    subject: `The refund of return ${ret.number} failed`,
    body: `For staff: ${money(ret.amount, ret.currency)} could not be paid (${ret.code}).`,
  })),
};

/** Who a message is for: staff hear of what only they can mend. */
export const recipientOf = (event: EventEnvelope): string | null =>
  event.type === 'return.refund_failed'
    ? 'staff'
    : ((event.data as { customerId?: string | null }).customerId ?? null);

/** The message that `event` makes, or null when customers do not hear of it. */
export const render = (event: EventEnvelope): Rendered | null =>
  templates[event.type]?.(event.data as never) ?? null;
