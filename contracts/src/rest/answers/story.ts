/**
 * One story that all answers tell: the order of the request examples was paid, shipped and delivered; two of its six hearts
 * come back. What is created shows the same thing as what is read: an example tells the shape, not the moment.
 */
export const ids = {
  order: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha',
  item: 'itm_01jd3z6q8kf5v9c2x7m4t0b1ha',
  payment: 'pay_01jd3z6q8kf5v9c2x7m4t0b1ha',
  return: 'ret_01jd3z6q8kf5v9c2x7m4t0b1ha',
  returnItem: 'rit_01jd3z6q8kf5v9c2x7m4t0b1ha',
  refund: 'ref_01jd3z6q8kf5v9c2x7m4t0b1ha',
};

/** The events of the story that more than one answer speaks of. */
export const events = {
  orderConfirmed: 'evt_01jd3z6q8kf5v9c2x7m4t0b1ha',
  paymentCaptured: 'evt_01jd3z6q8kf5v9c2x7m4t0b1hb',
  returnApproved: 'evt_01jdh5s2m0f7r4w9y1k6n3p8cb',
  returnReceived: 'evt_01jdh5s2m0f7r4w9y1k6n3p8cd',
  returnProcessed: 'evt_01jdh5s2m0f7r4w9y1k6n3p8ce',
  refundFailed: 'evt_01jdh5s2m0f7r4w9y1k6n3p8cf',
};
export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

export const times = {
  placed: '2026-11-01T09:30:00.000Z',
  confirmed: '2026-11-01T09:30:01.250Z',
  shipped: '2026-11-02T14:05:00.000Z',
  delivered: '2026-11-04T10:15:00.000Z',
  returnAsked: '2026-11-06T18:20:00.000Z',
  returnReceived: '2026-11-10T11:40:00.000Z',
  returnProcessed: '2026-11-10T15:05:00.000Z',
  refundFailed: '2026-11-10T15:05:02.500Z',
  /** When a person looked at what did not go on by itself. */
  mended: '2026-11-11T08:30:00.000Z',
};

export const staff = { type: 'staff', id: 'anna' };
export const admin = { type: 'admin', id: 'otto' };

/** A list that holds one thing, and no more. */
export const page = (one: object) => ({ data: [one], nextCursor: null });
