import type { EventName, EventPayload, OrderView, ReturnView } from '@oms/contracts';
import type { Announced } from './announcements.js';
import { count, countryName, day, money, type Language } from './format.js';
import type { Block, Letter, Sum } from './letter.js';
import { de } from './wording/de.js';
import { en } from './wording/en.js';
import { fr } from './wording/fr.js';
import type { Passage, Wording } from './wording/wording.js';

const wordings: Readonly<Record<Language, Wording>> = { en, de, fr };

/** A letter shows so many lines; an order may have 2,000, and mailboxes cut what is long. */
const MOST_LINES = 40;

/** The shop that writes. */
export interface Shop {
  name: string;
  /** Where goods are sent back to; empty when the shop has not said. */
  returnAddress: readonly string[];
}

/** Everything a letter is made of; asked for when it is sent, so that it is as things stand then. */
export interface Facts {
  order: OrderView;
  /** The return that the event is about. */
  ret: ReturnView | null;
  shop: Shop;
  locale: { language: Language; tag: string };
  unsubscribeUrl: string | null;
}

/** What a template works with: the words, and how this customer's amounts are written. */
interface Desk extends Facts {
  words: Wording;
  amount(minor: number): string;
}
type Part = Passage & { blocks: Block[] };
type Templates = { [N in Announced]: (event: EventPayload<N>, desk: Desk) => Part };

const paidStatuses = new Set(['captured', 'partially_captured', 'partially_refunded', 'refunded']);

function goods(
  desk: Desk,
  lines: readonly { itemId: string; quantity: number }[],
  sums: { priced: boolean; sums: Sum[] },
): Block {
  const items = new Map(desk.order.items.map((item) => [item.id, item]));
  const { tag } = desk.locale;
  return {
    kind: 'goods',
    head: desk.words.goods,
    lines: lines.slice(0, MOST_LINES).map(({ itemId, quantity }) => {
      const item = items.get(itemId);
      return {
        name: item?.name ?? itemId,
        quantity: count(quantity, tag),
        amount: sums.priced && item ? desk.amount(item.unitPrice * quantity) : '',
      };
    }),
    more: lines.length > MOST_LINES ? desk.words.more(count(lines.length - MOST_LINES, tag)) : null,
    sums: sums.sums,
  };
}
const unpriced = { priced: false, sums: [] };

/** The order's money as its customer reads a receipt: what is nothing is left out, and the lines add up to the total. */
function receipt({ order, words, amount }: Desk): Sum[] {
  const line = (label: string, minor: number): Sum[] =>
    minor === 0 ? [] : [{ label, amount: amount(minor) }];
  const own = order.items.reduce((sum, item) => sum + item.discountAmount, 0);
  return [
    { label: words.sums.subtotal, amount: amount(order.subtotal) },
    ...line(words.sums.discount, -(order.discountAmount + own)),
    ...line(words.sums.shipping, order.shippingAmount),
    ...line(words.sums.tax, order.taxAmount),
    { label: words.sums.total, amount: amount(order.total), total: true },
  ];
}

/** Where the postal code follows the town. */
const codeLast = new Set(['AU', 'CA', 'GB', 'IE', 'IN', 'NZ', 'US']);

function addressBlock({ locale }: Desk, label: string, address: Record<string, unknown>): Block {
  const field = (name: string) => (typeof address[name] === 'string' ? address[name] : '');
  const country = field('country');
  const town = codeLast.has(country)
    ? [field('city'), field('region'), field('postalCode')]
    : [field('postalCode'), field('city'), field('region')];
  const lines = [
    field('name'),
    field('line1'),
    field('line2'),
    town.filter(Boolean).join(' '),
    country ? countryName(country, locale.tag) : '',
  ];
  return { kind: 'address', label, lines: lines.filter(Boolean) };
}

/** A tracking link is given by staff or carriers: only one that a browser opens as a page becomes a button. */
const pageUrl = (url: string | null): string | null => (url && /^https?:\/\//i.test(url) ? url : null);

const returned = ({ ret }: Desk) =>
  (ret?.items ?? []).map((item) => ({ itemId: item.orderItemId, quantity: item.quantity }));

/** Where a customer sends the goods: what was agreed for this return, else where the shop takes everything. */
function returnAddress(desk: Desk): Block[] {
  const { ret, shop, words } = desk;
  const label = words.labels.returnAddress;
  if (ret?.returnAddress) return [addressBlock(desk, label, ret.returnAddress)];
  return shop.returnAddress.length > 0 ? [{ kind: 'address', label, lines: [...shop.returnAddress] }] : [];
}

const templates: Templates = {
  'order.confirmed': (event, desk) => ({
    ...desk.words.confirmed(event),
    blocks: [
      goods(
        desk,
        desk.order.items.map((item) => ({ itemId: item.id, quantity: item.quantity })),
        { priced: true, sums: receipt(desk) },
      ),
      addressBlock(desk, desk.words.labels.shippingAddress, desk.order.shippingAddress),
    ],
  }),
  'order.shipment_created': (event, desk) => {
    const { labels } = desk.words;
    const url = pageUrl(event.trackingUrl);
    const facts = [
      ...(event.carrier ? [{ label: labels.carrier, value: event.carrier }] : []),
      ...(event.trackingNumber ? [{ label: labels.trackingNumber, value: event.trackingNumber }] : []),
    ];
    return {
      ...desk.words.shipped(event),
      blocks: [
        ...(facts.length > 0 ? [{ kind: 'facts', facts } as const] : []),
        ...(url ? [{ kind: 'button', label: labels.track, url } as const] : []),
        goods(desk, event.items, unpriced),
        addressBlock(desk, labels.shippingAddress, desk.order.shippingAddress),
      ],
    };
  },
  'order.delivered': (event, desk) => ({ ...desk.words.delivered(event), blocks: [] }),
  'order.cancelled': (event, desk) => ({
    ...desk.words.cancelled({
      number: event.number,
      why:
        event.reason === 'payment_failed'
          ? 'declined'
          : event.reason === 'payment_timeout'
            ? 'late'
            : 'asked',
      paid: paidStatuses.has(desk.order.paymentStatus),
    }),
    blocks: [],
  }),
  'payment.failed': (event, desk) => ({
    ...desk.words.paymentFailed({ number: desk.order.number, amount: desk.amount(event.amount) }),
    blocks: [],
  }),
  'return.initiated': (event, desk) => ({
    ...desk.words.returnInitiated({ number: event.number, order: desk.order.number }),
    blocks: [goods(desk, event.items, unpriced)],
  }),
  'return.approved': (event, desk) => {
    const { pickup } = desk.ret ?? {};
    const { steps, ...passage } = desk.words.returnApproved({
      number: event.number,
      pickup: pickup ? day(pickup.at, desk.locale.tag) : null,
    });
    return {
      ...passage,
      blocks: [
        { kind: 'steps', steps },
        ...(pickup ? [] : returnAddress(desk)),
        goods(desk, returned(desk), unpriced),
      ],
    };
  },
  'return.rejected': (event, desk) => ({
    ...desk.words.returnRejected(event),
    blocks: [goods(desk, event.items, unpriced)],
  }),
  'return.received': (event, desk) => ({
    ...desk.words.returnReceived(event),
    blocks: [goods(desk, event.items, unpriced)],
  }),
  'return.refunded': (event, desk) => {
    if (event.amount === 0)
      return { ...desk.words.closed(event), blocks: [goods(desk, event.items, unpriced)] };
    const amount = desk.amount(event.amount);
    const { labels, paidBy } = desk.words;
    return {
      ...desk.words.refunded({ number: event.number, amount, method: event.method }),
      blocks: [
        {
          kind: 'facts',
          facts: [
            { label: labels.return, value: event.number },
            { label: labels.refund, value: amount },
            { label: labels.paidBy, value: paidBy[event.method] },
          ],
        },
        goods(desk, event.items, unpriced),
      ],
    };
  },
  'return.refund_failed': (event, desk) => {
    const amount = desk.amount(event.amount);
    const { labels } = desk.words;
    return {
      ...desk.words.refundFailed({
        number: event.number,
        order: desk.order.number,
        amount,
        code: event.code,
      }),
      blocks: [
        {
          kind: 'facts',
          facts: [
            { label: labels.return, value: `${event.number} (${event.returnId})` },
            { label: labels.order, value: `${desk.order.number} (${event.orderId})` },
            { label: labels.refund, value: amount },
          ],
        },
      ],
    };
  },
};

/** The letter about an event, in the words of `facts.locale`. The event is what happened; the facts are as they stand now. */
export function compose<N extends Announced>(name: N, event: EventPayload<N>, facts: Facts): Letter {
  const words = wordings[facts.locale.language];
  const { tag } = facts.locale;
  const desk: Desk = { ...facts, words, amount: (minor) => money(minor, facts.order.currency, tag) };
  const template = templates[name] as (event: EventPayload<EventName>, desk: Desk) => Part;
  const { blocks, text, ...passage } = template(event, desk);
  const forStaff = name === 'return.refund_failed';
  const hello = words.hello(nameOf(facts.order));
  return {
    ...passage,
    locale: tag,
    blocks: [
      ...(forStaff ? [] : [hello]).concat(text).map((line): Block => ({ kind: 'text', text: line })),
      ...blocks,
    ],
    footer: [forStaff ? words.footer.staff : words.footer.order(facts.shop.name, facts.order.number)],
    unsubscribe: facts.unsubscribeUrl ? { label: words.unsubscribe, url: facts.unsubscribeUrl } : null,
  };
}

const nameOf = (order: OrderView): string | null => {
  const { name } = order.shippingAddress;
  return typeof name === 'string' && name.trim() !== '' ? name : null;
};
