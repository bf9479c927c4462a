import type { Wording } from './wording.js';

export const en: Wording = {
  hello: (name) => (name ? `Hello ${name},` : 'Hello,'),
  goods: ['Item', 'Qty', 'Amount'],
  more: (count) => `and ${count} more`,
  sums: {
    subtotal: 'Subtotal',
    discount: 'Discount',
    shipping: 'Shipping',
    tax: 'Tax',
    total: 'Total',
  },
  labels: {
    order: 'Order',
    return: 'Return',
    shippingAddress: 'We deliver to',
    returnAddress: 'Send the parcel to',
    carrier: 'Carrier',
    trackingNumber: 'Tracking number',
    refund: 'Refund',
    paidBy: 'Paid',
    pickup: 'Pickup',
    track: 'Track your parcel',
  },
  paidBy: {
    original: 'to the card or account you paid with',
    store_credit: 'as store credit',
    manual: 'separately, as agreed with you',
  },
  footer: {
    order: (shop, number) => `${shop} sent you this because of your order ${number}.`,
    staff: 'For staff: sent because nothing goes on here by itself.',
  },
  unsubscribe: 'Send me fewer of these',

  confirmed: ({ number }) => ({
    subject: `Your order ${number} is confirmed`,
    preview: 'Thank you. We are getting it ready.',
    heading: 'Thank you for your order',
    text: [
      `Your order ${number} is confirmed, and we are getting it ready. We will write again when it ships.`,
    ],
  }),
  shipped: ({ number, complete, carrier }) => ({
    subject: complete ? `Your order ${number} is on its way` : `A part of your order ${number} is on its way`,
    preview: carrier ? `Your parcel has left with ${carrier}.` : 'Your parcel has left.',
    heading: 'Your parcel is on its way',
    text: [
      carrier ? `A parcel with these goods has left with ${carrier}.` : 'A parcel with these goods has left.',
      ...(complete ? [] : ['The rest of your order follows in another parcel.']),
    ],
  }),
  delivered: ({ number }) => ({
    subject: `Your order ${number} has arrived`,
    preview: 'All of it was delivered.',
    heading: 'Your order has arrived',
    text: [
      `All of your order ${number} was delivered. We hope you like it.`,
      'If something is wrong, you can send it back.',
    ],
  }),
  cancelled: ({ number, why, paid }) => ({
    subject: `Your order ${number} is cancelled`,
    preview: paid ? 'What you paid goes back to you.' : 'Nothing was taken from you.',
    heading: 'Your order is cancelled',
    text: [
      {
        declined: `The payment for your order ${number} was declined, so we had to cancel it.`,
        late: `The payment for your order ${number} did not arrive in time, so we had to cancel it.`,
        asked: `Your order ${number} is cancelled.`,
      }[why],
      paid
        ? 'What you paid goes back the way you paid it. Banks take a few days for that.'
        : 'Nothing was taken from you.',
    ],
  }),
  paymentFailed: ({ number, amount }) => ({
    subject: `Your payment for order ${number} was declined`,
    preview: `${amount} could not be taken.`,
    heading: 'Your payment was declined',
    text: [
      `Your bank or card provider declined the payment of ${amount} for your order ${number}. Nothing was taken.`,
      'You can order again with another card, or ask your bank why.',
    ],
  }),
  returnInitiated: ({ number, order }) => ({
    subject: `We have your return ${number}`,
    preview: 'We are looking at it and will write again soon.',
    heading: 'We have your return request',
    text: [
      `You want to send back goods of your order ${order}. We are looking at it and will write again soon.`,
      'Please keep the goods until then.',
    ],
  }),
  returnApproved: ({ number, pickup }) => ({
    subject: `Your return ${number} is approved`,
    preview: 'What to do next.',
    heading: 'Your return is approved',
    text: ['Here is what to do next:'],
    steps: [
      'Pack these goods well, in their own box if you still have it.',
      `Write ${number} on the outside of the parcel.`,
      pickup
        ? `Hand the parcel over on ${pickup}.`
        : 'Send the parcel to us and keep the receipt, so that you can prove it.',
      'When the goods are here we look at them and give your money back.',
    ],
  }),
  returnRejected: ({ number, reason }) => ({
    subject: `Your return ${number} was not accepted`,
    preview: 'Why, and what you can do.',
    heading: 'We cannot take these goods back',
    text: [
      reason
        ? `We looked at your return ${number} and cannot accept it: ${reason}`
        : `We looked at your return ${number} and cannot accept it.`,
      'If you think that this is wrong, answer this message. A person will look at it again.',
    ],
  }),
  returnReceived: ({ number }) => ({
    subject: `Your return ${number} has reached us`,
    preview: 'We are looking at the goods.',
    heading: 'Your parcel is here',
    text: [`We are looking at the goods of your return ${number} and will write again about your refund.`],
  }),
  refunded: ({ number, amount, method }) => ({
    subject: `${amount} is on its way to you`,
    preview: `The refund of your return ${number}.`,
    heading: 'Your refund is on its way',
    text: [
      `We have given back ${amount} for your return ${number}.`,
      ...(method === 'original' ? ['Banks take a few days until you see it on your statement.'] : []),
    ],
  }),
  closed: ({ number }) => ({
    subject: `Your return ${number} is closed`,
    preview: 'There is nothing to give back.',
    heading: 'Your return is closed',
    text: [`We have looked at the goods of your return ${number}. There is nothing to give back for them.`],
  }),
  refundFailed: ({ number, order, amount, code }) => ({
    subject: `The refund of return ${number} failed`,
    preview: `${amount} could not be paid.`,
    heading: 'A refund needs a person',
    text: [
      `${amount} for return ${number} of order ${order} could not be paid (${code}).`,
      'Try it again, pay it another way, or close it.',
    ],
  }),
};
