import type { EventName } from './events.js';

/** Why money goes back by itself. Another reason of a refund is what staff wrote for themselves. */
export const ownRefundReasons: ReadonlySet<unknown> = new Set([
  'order_cancelled',
  'items_cancelled',
  'return',
]);

type Fields = Readonly<Record<string, unknown>>;
const ownReason = ({ reason }: Fields): Fields => ({ reason: ownRefundReasons.has(reason) ? reason : null });

/** The events with words that staff wrote for themselves, and what their customer reads in the place of them. */
const insteadOf: Readonly<Partial<Record<EventName, (data: Fields) => Fields>>> = {
  'order.held': () => ({ reason: 'on_hold' }),
  'payment.refund_requested': ownReason,
  'payment.refunded': ownReason,
  'payment.refund_failed': ownReason,
};

/** An event's data as its customer may read it; the same object where no word of staff is in it. */
export const dataForCustomer = <Data extends Fields>(name: string, data: Data): Data => {
  const instead = insteadOf[name as EventName];
  return instead ? { ...data, ...instead(data) } : data;
};
