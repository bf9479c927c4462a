import { expect, it } from '@jest/globals';
import { Seal } from '../src/seal.js';

const seal = new Seal('a secret of the service', 'kept answers');

it('what was closed opens to the same text, and two closings of it have nothing in common', () => {
  const [one, two] = [seal.close('whsec_é', 'here'), seal.close('whsec_é', 'here')];
  expect([seal.open(one, 'here'), seal.open(two, 'here')]).toEqual(['whsec_é', 'whsec_é']);
  expect(one).not.toBe(two);
});

it.each([
  ['in another place', seal.close('secret', 'there')],
  ['closed for another purpose', new Seal('a secret of the service', 'other').close('secret', 'here')],
  ['closed under another secret', new Seal('another', 'kept answers').close('secret', 'here')],
  ['changed by a letter', seal.close('secret', 'here').replace(/^./, (one) => (one === 'A' ? 'B' : 'A'))],
  ['cut short', 'AAAA'],
])('what is %s does not open', (_, sealed) => {
  expect(() => seal.open(sealed, 'here')).toThrow();
});
