import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariants } from '../../tools/src/verify/invariants.ts';
import { faults } from './faults.ts';
import { nextRelease } from './next-release.ts';
import { patched } from './patch.ts';
import { protections } from './protections.ts';

const root = join(import.meta.dirname, '../..');

describe('the protections that the fault bench takes out', () => {
  it.each(protections.map((one) => [one.name, one] as const))(
    '%s is where it is looked for',
    (_, { patches, fault }) => {
      for (const patch of patches)
        expect(patched(readFileSync(join(root, patch.file), 'utf8'), patch)).toContain(patch.replace);
      expect(faults.map(({ name }) => name)).toContain(fault);
    },
  );

  it('and the release that comes after this one, too', () => {
    for (const patch of nextRelease) patched(readFileSync(join(root, patch.file), 'utf8'), patch);
  });

  it('leave no invariant without one that makes it fail', () => {
    const watched = new Set(protections.flatMap(({ breaks }) => breaks));
    expect(invariants.map(({ name }) => name).filter((name) => !watched.has(name))).toEqual([]);
  });
});
