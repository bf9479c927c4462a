import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@oms/contracts';
import { money, recipientOf, render, templates } from '../src/domain/templates.js';
import { eventNames, sample } from './samples.js';

const envelope = (name: (typeof eventNames)[number], bare: boolean) => {
  const { data } = sample(name, bare);
  return { type: name, data } as unknown as EventEnvelope;
};

describe.each([
  ['everything it may say', false],
  ['only what it must say', true],
])('an event that says %s', (_, bare) => {
  it.each(eventNames)('%s makes a message without a hole in it, or none', (name) => {
    const event = envelope(name, bare);
    const message = render(event);
    expect(message !== null).toBe(Object.hasOwn(templates, name));
    if (!message) return;
    for (const text of [message.subject, message.body]) {
      expect(text.trim()).not.toBe('');
      expect(text).not.toMatch(/undefined|null|NaN|\[object|Infinity|  /);
    }
    expect(recipientOf(event)).toBe(name === 'return.refund_failed' ? 'staff' : bare ? null : 'cus_42');
  });
});

it.each([
  [1_250, 'GBP', '£12.50'],
  [1_250, 'JPY', '¥1,250'],
  [1_250, 'KWD', 'KWD 1.250'],
  [5, 'EUR', '€0.05'],
])('%d minor units of %s are worded %s', (amount, currency, worded) => {
  expect(money(amount, currency).replace(/\s/g, ' ')).toBe(worded);
});

it('a return that gives nothing back does not promise money', () => {
  const { data } = sample('return.refunded');
  const message = render({
    type: 'return.refunded',
    data: { ...data, amount: 0 },
  } as unknown as EventEnvelope);
  expect(message?.subject).toBe('Return N-100001 is closed');
  expect(`${message?.subject} ${message?.body}`).not.toMatch(/\d\.\d|on its way/);
});
