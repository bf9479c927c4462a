import { lineForCustomer, type Move, type Titles, type ToldSaga, type Who } from '@oms/chassis/machine';
import type { OrderInputs } from './order.js';
import { placingSaga, type PlacingCase } from './placing.saga.js';

/** What a person reads of each move of an order; null is told by the service whose it is. */
export const orderTitles: Titles<keyof OrderInputs> = {
  place: 'The order was placed',
  confirm: 'The order was confirmed',
  process: 'The warehouse began to work on the order',
  ship: (move) =>
    move.to === 'shipped'
      ? 'A parcel left, and nothing is left to ship'
      : 'A parcel left with a part of the order',
  deliver: (move) =>
    move.to === 'delivered' ? 'The last parcel arrived: all is delivered' : 'A parcel arrived',
  cancel: 'The order was cancelled',
  cancel_items: (move) =>
    move.to === 'cancelled' ? 'The rest of the order was cancelled' : 'A part of the order was cancelled',
  hold: 'The order was put on hold',
  release: 'The hold was lifted',
  request_refund: 'The payments were asked again for the money of the cancelled order',
  return: 'The order is returned: all that was delivered has come back',
  return_refunded: (move) =>
    move.to === 'returned'
      ? 'The last units that were delivered are marked as returned'
      : 'Units of a refunded return are marked as returned',
  payment_changed: null,
  return_opened: null,
  return_closed: null,
};

/** Why staff stopped an order or took its saga on by hand is not for its customer, nor is what they write on it for themselves. */
const isForStaff = (transition: string): boolean =>
  transition === 'hold' || transition === 'release' || transition.startsWith(`${placingSaga.name}.`);
const fieldsForStaff: ReadonlySet<string> = new Set(['notes', 'tags']);

/** A line of the audit trail as `caller` may see it: none where nothing but what is for staff is in it. */
export function lineFor<Line extends Pick<Move, 'transition' | 'reason' | 'changed'>>(
  caller: Who,
  line: Line,
): Line[] {
  if (caller.type !== 'customer') return [line];
  return lineForCustomer(line, {
    fields: fieldsForStaff,
    mayRead: ({ transition }) => !isForStaff(transition),
  });
}

/** The saga that places an order, as it is told. */
export const toldPlacing: ToldSaga<PlacingCase> = {
  table: placingSaga,
  waitsFor: {
    awaiting_payment: 'the payment',
    paid_on_hold: 'staff to lift the hold; it is paid',
    giving_back: 'the money to go back',
    needs_attention: 'a person: the money could not be given back by itself',
  },
  detail: () => ({}),
};
