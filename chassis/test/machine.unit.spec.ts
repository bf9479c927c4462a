import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  allowedFrom,
  cells,
  decide,
  decideSaga,
  justMade,
  machine,
  mermaid,
  NEW,
  saga,
  transitionsFrom,
  verify,
  verifySaga,
} from '../src/machine/index.js';

interface Door {
  status: string;
  locked: boolean;
  lastTransition: { on: string; fingerprint: string } | null;
}
interface Inputs {
  build: object;
  open: { fingerprint: string };
  close: object;
  burn: object;
}
const unlocked = (door: Door) => !door.locked || 'door_locked';
const door = machine<Door, Inputs>()<'closed' | 'open' | 'ashes'>({
  name: 'door',
  statuses: ['closed', 'open', 'ashes'],
  terminal: ['ashes'],
  transitions: ['open', 'close'],
  customers: ['open'],
  rows: [
    { from: NEW, on: 'build', to: 'closed', emits: ['door.built'], because: 'a house needs one' },
    {
      from: 'closed',
      on: 'open',
      guard: [unlocked],
      to: 'open',
      again: justMade as never,
      emits: ['door.opened'],
      because: 'somebody comes in',
    },
    { from: 'open', on: 'close', to: 'closed', because: 'it is cold' },
    { from: ['open', 'closed'], on: 'burn', to: 'ashes', because: 'fire asks nobody' },
  ],
  ignore: [{ in: ['ashes'], on: 'close', because: 'there is nothing to close' }],
});
const state = (status: string, locked = false, fingerprint = 'x'): Door => ({
  status,
  locked,
  lastTransition: { on: 'open', fingerprint },
});

describe('a decision', () => {
  it('moves by the first row whose guards hold', () => {
    expect(decide(door, 'closed', state('closed'), 'open', {})).toMatchObject({
      outcome: 'moved',
      from: 'closed',
      to: 'open',
    });
  });

  it('is refused with the guard’s own code and what is allowed instead', () => {
    expect(decide(door, 'closed', state('closed', true), 'open', {})).toEqual({
      outcome: 'refused',
      code: 'door_locked',
      from: 'closed',
      on: 'open',
      allowed: ['open'],
    });
  });

  it('is `already` only for the same content', () => {
    expect(decide(door, 'open', state('open', false, 'x'), 'open', { fingerprint: 'x' }).outcome).toBe(
      'already',
    );
    expect(decide(door, 'open', state('open', false, 'x'), 'open', { fingerprint: 'y' })).toMatchObject({
      outcome: 'refused',
      code: 'transition_not_allowed',
    });
  });

  it('lets pass what is ignored on purpose', () => {
    expect(decide(door, 'ashes', state('ashes'), 'close', {}).outcome).toBe('already');
  });

  it('never throws and never leaves a terminal status, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('open', 'close', 'burn', 'build', 'fly'), { maxLength: 30 }),
        fc.boolean(),
        (asked, locked) => {
          let status = 'closed';
          for (const on of asked) {
            const decision = decide(door, status, state(status, locked), on, { fingerprint: on });
            if (status === 'ashes') expect(decision.outcome).not.toBe('moved');
            if (decision.outcome === 'moved') status = decision.to;
          }
        },
      ),
    );
  });
});

it('what is offered to a customer is what a customer may ask for; the rest is forbidden, whatever the state', () => {
  const offered = (type: 'customer' | 'staff', status: string) =>
    transitionsFrom(door, status, state(status), { type }, () => ({})).map(({ allowed, reasons }) =>
      allowed ? 'allowed' : reasons.join(),
    );
  expect(offered('customer', 'open')).toEqual(['transition_not_allowed', 'forbidden']);
  expect(offered('customer', 'closed')).toEqual(['allowed', 'forbidden']);
  expect(offered('staff', 'open')).toEqual(['transition_not_allowed', 'allowed']);
  expect(allowedFrom(door, 'open', { type: 'customer' })).toEqual([]);
  expect(allowedFrom(door, 'open')).toEqual(['close']);
});

describe('verify', () => {
  const events = new Set(['door.built', 'door.opened']);

  it('finds nothing in a sound table', () => {
    expect(verify([door as never], events)).toEqual([]);
  });

  it('names a status that can not be reached, a dead end, a shadowed row and an unknown event', () => {
    const bad = machine<Door, Inputs>()<'closed' | 'open' | 'ashes'>({
      name: 'bad',
      statuses: ['closed', 'open', 'ashes'],
      terminal: [],
      transitions: ['open'],
      rows: [
        { from: NEW, on: 'build', to: 'closed', emits: ['door.invented'], because: '' },
        { from: 'closed', on: 'open', to: 'open', because: '' },
        { from: 'closed', on: 'open', guard: [unlocked], to: 'closed', because: '' },
      ],
    });
    expect(verify([bad as never], events)).toEqual([
      'bad: open has no way out and is not terminal',
      'bad: ashes can not be reached',
      'bad: ashes has no way out and is not terminal',
      'bad: closed on open is never tried, an unguarded row stands before it',
      'bad: emits door.invented, which is not declared in the contracts',
    ]);
  });

  it('lets an event have one owner', () => {
    expect(verify([door as never, { ...door, name: 'gate' }], events)).toContain(
      'gate: emits door.built, which door owns',
    );
  });
});

it('a drawing has an edge for each row and an end for each terminal status', () => {
  const picture = mermaid({ rows: door.rows, ends: door.terminal });
  expect(picture).toContain('closed --> open: open [unlocked]');
  expect(picture).toContain('ashes --> [*]');
});

it('cells list every status against every input', () => {
  expect(cells(door as never)).toHaveLength(4 * 4);
  expect(
    cells(door as never).find((cell) => cell.status === 'ashes' && cell.on === 'open')?.outcomes,
  ).toEqual(['refused']);
});

describe('a saga', () => {
  const table = saga<{ done: boolean }>()({
    name: 'visit',
    steps: ['waiting', 'over'],
    finished: ['over'],
    attention: [],
    rows: [
      {
        from: NEW,
        on: 'door.built',
        to: 'waiting',
        timer: { name: 'tired', afterMs: () => 1000 },
        because: '',
      },
      { from: 'waiting', on: 'tired', to: 'over', because: '' },
    ],
  });

  it('ignores what its step does not listen to, and everything after its end', () => {
    expect(decideSaga(table, 'waiting', {}, 'door.opened', {}).outcome).toBe('ignored');
    expect(decideSaga(table, 'over', {}, 'tired', {}).outcome).toBe('ignored');
  });

  it('is verified: a timer that nobody hears is a fault', () => {
    expect(verifySaga(table)).toEqual([]);
    const deaf = {
      ...table,
      rows: [{ ...table.rows[0]!, timer: { name: 'never', afterMs: () => 1 } }, table.rows[1]!],
    };
    expect(verifySaga(deaf)).toEqual(['visit: nobody hears the timer never in waiting']);
  });
});
