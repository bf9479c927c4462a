import { describe, expect, it } from '@jest/globals';
import {
  CreateOrder,
  createShipmentBody,
  errors,
  events,
  eventSubject,
  Id,
  minorDigits,
  orderTransitionBody,
  ownerOf,
  restRoutes,
  type EventName,
} from '../src/index.js';

const order = {
  email: 'jane@example.com',
  currency: 'GBP',
  items: [{ sku: 'A', name: 'Thing', quantity: 1, unitPrice: 100 }],
  shippingAddress: { name: 'Jane', line1: '1 High Street', city: 'Leeds', postalCode: 'LS1', country: 'GB' },
};

describe('an order’s body', () => {
  it('takes the example and fills in the defaults', () => {
    expect(CreateOrder.parse(order)).toMatchObject({
      discountAmount: 0,
      channel: 'default',
      items: [{ taxAmount: 0 }],
    });
  });

  it.each([
    ['an unknown field', { ...order, colour: 'red' }],
    ['a fraction of a penny', { ...order, shippingAmount: 1.5 }],
    ['a currency that is none', { ...order, currency: 'ZZZ' }],
    ['a language that is no tag', { ...order, locale: 'English, please' }],
    ['a NUL in a name', { ...order, items: [{ ...order.items[0], name: 'a\u0000b' }] }],
    ['no items', { ...order, items: [] }],
    ['2,001 items', { ...order, items: Array.from({ length: 2001 }, () => order.items[0]) }],
    ['a quantity of nothing', { ...order, items: [{ ...order.items[0], quantity: 0 }] }],
  ])('refuses %s', (_, body) => {
    expect(CreateOrder.safeParse(body).success).toBe(false);
  });
});

it('an id of another kind, or with a subject’s wildcard, is refused', () => {
  const id = 'ord_01m873dnb9fqftnewa1kmf9s8d';
  expect(Id.order.safeParse(id).success).toBe(true);
  expect(Id.return.safeParse(id).success).toBe(false);
  expect(() => eventSubject('order', 'ord_*', 'order.placed')).toThrow('not a subject token');
});

it('currencies have the digits of ISO 4217', () => {
  expect([minorDigits('GBP'), minorDigits('JPY'), minorDigits('KWD')]).toEqual([2, 0, 3]);
});

it('every event’s name begins with its owner and its payload names the aggregate', () => {
  for (const name of Object.keys(events) as EventName[]) {
    const shape = (events[name].schema as unknown as { shape: object }).shape;
    expect(Object.keys(shape)).toContain(`${ownerOf(name)}Id`);
    expect(Object.keys(shape)).toContain('status');
  }
});

it('no two calls share a name or a method and path', () => {
  const calls = restRoutes.map((row) => `${row.method} ${row.path}`);
  expect(new Set(calls).size).toBe(calls.length);
  expect(new Set(restRoutes.map((row) => row.name)).size).toBe(restRoutes.length);
});

it('every code has a kind and a sentence', () => {
  for (const [code, error] of Object.entries(errors))
    expect(`${code} ${error.kind} ${error.title}`).toMatch(/^[a-z_]+ [a-z_]+ [A-Z]/);
});

describe('where a parcel can be followed', () => {
  const item = { itemId: 'itm_01jd3z6q8kf5v9c2x7m4t0b1ha', quantity: 1 };
  const shipment = { items: [item], carrier: 'Royal Mail', trackingNumber: 'RM1' };
  const faults = (trackingUrl: string) => [
    createShipmentBody.safeParse({ ...shipment, trackingUrl }).error?.issues.map(({ path }) => path),
    orderTransitionBody.safeParse({ transition: 'ship', trackingUrl }).error?.issues.map(({ path }) => path),
  ];

  it.each(['https://track.example/RM1?a=b', 'http://track.example'])('is a page: %s', (url) => {
    expect(faults(url)).toEqual([undefined, undefined]);
  });

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'x',
    '//a',
  ])('is no page that a customer may be led to: %s', (url) => {
    expect(faults(url)).toEqual([[['trackingUrl']], [['trackingUrl']]]);
  });
});
