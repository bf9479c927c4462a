import { describe, expect, it } from '@jest/globals';
import type { EventPayload, OrderView, ReturnView } from '@oms/contracts';
import { announcementOf, announcements, type Announced } from '../src/domain/announcements.js';
import { compose, type Facts } from '../src/domain/compose.js';
import { languages, localeOf, money } from '../src/domain/format.js';
import { toHtml } from '../src/domain/layout.html.js';
import { toText } from '../src/domain/layout.text.js';
import { announced, preview } from '../src/preview.js';
import { sample } from './samples.js';

const names = Object.keys(announcements) as Announced[];

/** An order and its return that know nothing beyond what they must. */
const bareFacts = (locale: string, order: Partial<OrderView> = {}): Facts => ({
  order: {
    number: 'N-1',
    currency: 'GBP',
    items: [],
    shippingAddress: {},
    subtotal: 0,
    discountAmount: 0,
    shippingAmount: 0,
    taxAmount: 0,
    total: 0,
    paymentStatus: 'none',
    ...order,
  } as unknown as OrderView,
  ret: { items: [], pickup: null, returnAddress: null } as unknown as ReturnView,
  shop: { name: 'Shop', returnAddress: [] },
  locale: localeOf(locale, 'en'),
  unsubscribeUrl: null,
});
const write = (name: Announced, facts: Facts, data = sample(name).data) =>
  compose(name, data as EventPayload<Announced>, facts);

const HOLE = /undefined|null|NaN|\[object|Infinity| {3}/;

describe.each(languages)('in %s', (language) => {
  it.each(names)(
    '%s says everything in its subject, its text and its HTML, and nothing is a hole',
    (name) => {
      const shown = preview(name, language, 'EUR');
      for (const text of [shown.subject, shown.text]) {
        expect(text.trim()).not.toBe('');
        expect(text).not.toMatch(HOLE);
      }
      expect(shown.html).not.toMatch(/undefined|NaN|\[object|>null</);
      expect(shown.html).toContain(`<html lang="${language}"`);
    },
  );

  it.each(names)('%s has no hole where order, return and event say only what they must', (name) => {
    const letter = write(name, bareFacts(language), sample(name, true).data);
    expect(`${letter.subject}\n${toText(letter)}`).not.toMatch(HOLE);
    expect(toHtml(letter, 'Shop')).not.toMatch(/undefined|NaN|\[object|>null</);
  });
});

it('each language has its own words for each message', () => {
  for (const name of names) {
    const subjects = languages.map((language) => preview(name, language, 'EUR').subject);
    expect(new Set(subjects).size).toBe(languages.length);
  }
});

it('the preview shows every message that there is', () => {
  expect(announced).toEqual(names);
});

it.each([
  ['de-AT', 'de', 'de-AT'],
  ['fr', 'fr', 'fr'],
  ['EN-gb', 'en', 'en-GB'],
  ['pt-BR', 'de', 'de-CH'],
  ['de-x', 'de', 'de'],
  [null, 'de', 'de-CH'],
])('a customer who asks for %s is written to in %s, amounts as %s writes them', (asked, language, tag) => {
  expect(localeOf(asked, 'de-CH')).toEqual({ language, tag });
});

it.each([
  [1_250, 'GBP', 'en', '£12.50'],
  [1_250, 'JPY', 'en', '¥1,250'],
  [1_250, 'KWD', 'en', 'KWD 1.250'],
  [5, 'EUR', 'en', '€0.05'],
  [123_456, 'EUR', 'de', '1.234,56 €'],
  [123_456, 'EUR', 'fr', '1 234,56 €'],
  [123_456, 'CHF', 'de-CH', "CHF 1'234.56"],
  [-500, 'GBP', 'en', '-£5.00'],
])('%d minor units of %s are written %s as %s', (amount, currency, locale, worded) => {
  expect(
    money(amount, currency, locale)
      .replace(/[\s\u202f]/g, ' ')
      .replace('’', "'"),
  ).toBe(worded);
});

it('what is paid adds up in the receipt, in every currency', () => {
  for (const currency of ['GBP', 'JPY', 'KWD']) {
    const { text } = preview('order.confirmed', 'en', currency);
    const amountOf = (label: string) =>
      Number(new RegExp(`^${label}: (.*)$`, 'm').exec(text)?.[1]?.replace(/[^\d.-]/g, ''));
    const sum = ['Subtotal', 'Discount', 'Shipping', 'Tax'].reduce((all, label) => all + amountOf(label), 0);
    expect(sum).toBeCloseTo(amountOf('Total'), 6);
  }
});

it('a return that gives nothing back does not promise money', () => {
  const letter = write('return.refunded', bareFacts('en'), { ...sample('return.refunded').data, amount: 0 });
  expect(letter.subject).toBe('Your return N-100001 is closed');
  expect(toText(letter)).not.toMatch(/\d\.\d|on its way/);
});

it('an order that was never paid does not promise money back when it is cancelled', () => {
  expect(toText(write('order.cancelled', bareFacts('en')))).toContain('Nothing was taken');
  const paid = bareFacts('en', { paymentStatus: 'captured' });
  expect(toText(write('order.cancelled', paid))).toContain('goes back the way you paid it');
});

it('whatever a customer or a carrier wrote is shown as text, and only a page becomes a link', () => {
  const evil = '<script>alert(1)</script>"\'&';
  const facts = bareFacts('en', {
    shippingAddress: { name: evil, line1: evil },
    items: [{ id: 'itm_1', name: evil, quantity: 1, unitPrice: 1 }] as unknown as OrderView['items'],
  });
  const html = toHtml(write('order.confirmed', facts), evil);
  expect(html).not.toContain('<script');
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
  const parcel = { ...sample('order.shipment_created').data, trackingUrl: 'javascript:alert(1)' };
  expect(toHtml(write('order.shipment_created', facts, parcel), 'Shop')).not.toContain('javascript:');
});

it('a word that is longer than a phone is wide can be broken wherever it stands, and the number of an order is not', () => {
  const word = 'W'.repeat(200);
  const facts = bareFacts('en', {
    number: 'ORD-100042',
    shippingAddress: { name: word, line1: word },
    items: [{ id: 'itm_1', name: word, quantity: 1, unitPrice: 1 }] as unknown as OrderView['items'],
  });
  const parcel = { ...sample('order.shipment_created').data, carrier: word, trackingNumber: word };
  const rejected = { ...sample('return.rejected').data, reason: word };
  const htmls = [
    toHtml(write('order.confirmed', facts), 'Shop'),
    toHtml(write('order.shipment_created', facts, parcel), 'Shop'),
    toHtml(write('return.rejected', facts, rejected), 'Shop'),
  ];
  for (const html of htmls) {
    // Each element that has the word in it, but the line for the inbox, which is not shown.
    const around = html.match(/<(?!br|div)[^>]*>[^<]*W{200}/g) ?? [];
    expect(around.length).toBeGreaterThan(0);
    for (const one of around) expect(one).toContain('word-break:break-word');
  }
  expect(htmls[0]).toContain('<span style="white-space:nowrap">ORD-100042</span>');
});

it('an order of 2,000 lines makes a mail that mailboxes show whole, and says that there is more', () => {
  const items = Array.from({ length: 2_000 }, (_, index) => ({
    id: `itm_${index}`,
    name: `Thing ${index}`,
    quantity: 1,
    unitPrice: 100,
    discountAmount: 0,
  })) as unknown as OrderView['items'];
  const letter = write('order.confirmed', bareFacts('en', { items }));
  // Gmail cuts what is longer than 102 kB.
  expect(Buffer.byteLength(toHtml(letter, 'Shop'))).toBeLessThan(100_000);
  expect(toText(letter)).toContain('and 1,960 more');
});

it('only what a customer may do without has a way out of it', () => {
  for (const name of names) {
    const linked = preview(name, 'en', 'GBP').html.includes('/unsubscribe/');
    expect(linked).toBe(announcementOf(name).optional === true);
  }
});
