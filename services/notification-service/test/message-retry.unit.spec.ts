import { expect, it } from '@jest/globals';
import { decide } from '@oms/chassis/machine';
import fc from 'fast-check';
import { config } from '../src/config.js';
import { messageMachine } from '../src/domain/message.machine.js';
import { longestPauseMs, pauseAfter } from '../src/domain/message-retry.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What an operator gets who sets nothing. */
const settings = {
  firstMs: config.rows.firstRetryMs.parse.parse(config.rows.firstRetryMs.default),
  patienceMs: config.rows.patienceMs.parse.parse(config.rows.patienceMs.default),
};

/** Plays a message's life against a mail server that is away for `outageMs` from the moment it is recorded on. */
function play(outageMs: number, chances: () => number): { status: string; atMs: number; tries: number } {
  const giveUpAt = new Date(settings.patienceMs);
  for (let atMs = 0, tries = 1; ; tries += 1) {
    if (atMs >= outageMs) return { status: 'sent', atMs, tries };
    const nextAt = new Date(atMs + pauseAfter(tries, settings.firstMs, chances()));
    const decision = decide(messageMachine, 'sending', { giveUpAt }, 'defer', { nextAt });
    if (decision.outcome !== 'moved') throw new Error(`a message that was put off is ${decision.outcome}`);
    if (decision.to !== 'queued') return { status: decision.to, atMs, tries };
    atMs = nextAt.getTime();
  }
}

const luck = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));

it('a mail server may be away for an hour or a day: every message waits, and is sent within thirteen minutes of its return', () => {
  fc.assert(
    fc.property(fc.constantFrom(HOUR, 61 * MINUTE, 24 * HOUR, 47 * HOUR), luck, (outageMs, chances) => {
      const { status, atMs, tries } = play(outageMs, () => chances.next().value as number);
      expect(status).toBe('sent');
      expect(atMs - outageMs).toBeLessThanOrEqual(longestPauseMs);
      expect(longestPauseMs).toBeLessThan(13 * MINUTE);
      // Patiently: an hour costs a dozen tries, a day some two hundred.
      expect(tries).toBeLessThan(10 + (outageMs / HOUR) * 8);
    }),
  );
});

it('one that is away for longer than anybody would want the message is not waited for', () => {
  const { status, atMs } = play(7 * 24 * HOUR, () => 0.5);
  expect(status).toBe('failed');
  expect(atMs).toBeGreaterThan(settings.patienceMs - longestPauseMs);
});

it('the first pauses are short and each is twice the last, up to ten minutes', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 60].map(
    (attempt) => pauseAfter(attempt, settings.firstMs, 0.5) / 1_000,
  );
  expect(pauses).toEqual([30, 60, 120, 240, 480, 600, 600, 600]);
});
