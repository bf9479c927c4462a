import { expect, it } from '@jest/globals';
import { flag, number, numbers, readCommandLine, text, word, words } from '../src/command-line.ts';

const options = {
  service: word(['order', 'return']),
  role: word(['staff', 'admin'], 'staff'),
  settle: number({ least: 0, most: 60, default: 30 }),
  hours: number({ least: 0.5, most: 24, fraction: true, default: 1 }),
  seed: numbers({ least: 0, most: 99, default: [] }),
  fault: words(['cut', 'kill']),
  reason: text,
  all: flag,
};
const read = (...args: string[]) => readCommandLine({ options, most: 2 }, args);

it('reads words, numbers within their range, one of the known words, and whether a flag is there', () => {
  expect(
    read(
      ...['list', '--service', 'return', '--role=admin', '--settle', '0', '--hours', '1.5', '--seed', '1,2'],
      ...['--seed=3', '--fault', 'cut', '--fault', 'kill', '--reason', 'a reason', '--all', 'x'],
    ),
  ).toEqual({
    words: ['list', 'x'],
    values: {
      service: 'return',
      role: 'admin',
      settle: 0,
      hours: 1.5,
      seed: [1, 2, 3],
      fault: ['cut', 'kill'],
      reason: 'a reason',
      all: true,
    },
  });
});

it('takes what a tool says of an option that is not given', () => {
  expect(read().values).toEqual({
    service: undefined,
    role: 'staff',
    settle: 30,
    hours: 1,
    seed: [],
    fault: [],
    reason: undefined,
    all: false,
  });
});

it.each([
  [['--nonsense'], "Unknown option '--nonsense'"],
  [['--settle', 'abc'], '--settle is a whole number from 0 to 60, not abc'],
  [['--settle='], '--settle is a whole number from 0 to 60, not '],
  [['--settle', '1.5'], '--settle is a whole number from 0 to 60, not 1.5'],
  [['--settle', '1e1'], '--settle is a whole number from 0 to 60, not 1e1'],
  [['--settle', '61'], '--settle is a whole number from 0 to 60, not 61'],
  [['--settle=-1'], '--settle is a whole number from 0 to 60, not -1'],
  [['--hours', '0.4'], '--hours is a number from 0.5 to 24, not 0.4'],
  [['--hours', 'Infinity'], '--hours is a number from 0.5 to 24, not Infinity'],
  [['--seed', '1,two'], '--seed is a whole number from 0 to 99, not two'],
  [['--service', 'orders'], '--service is one of order, return, not orders'],
  [['--fault', 'cut', '--fault', 'burn'], '--fault is one of cut, kill, not burn'],
  [['--reason'], "Option '--reason <value>' argument missing"],
  [['--all=yes'], "Option '--all' does not take an argument"],
  [['a', 'b', 'c'], 'nothing is known of c'],
])('refuses %j with a sentence that names it', (args, sentence) => {
  expect(() => read(...args)).toThrow(new Error(sentence));
});
