import { expect, it, describe, beforeAll } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures');

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

/** Runs the real rules over `folders` of `cwd`; a violation makes the command end non-zero, with the JSON on stdout. */
function cruise(cwd: string, folders: string[]): Violation[] {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [
    bin,
    '--config',
    join(root, '.dependency-cruiser.cjs'),
    '--output-type',
    'json',
    '--ts-config',
    join(root, 'tsconfig.depcruise.json'),
    ...folders,
  ];
  let out: string;
  try {
    out = execFileSync(process.execPath, args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    out = (error as { stdout: string }).stdout;
  }
  return (JSON.parse(out) as { summary: { violations: Violation[] } }).summary.violations;
}

const rules = (
  createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] }
).forbidden.map((rule) => rule.name);

describe('the import rules', () => {
  let seeded: Violation[];
  beforeAll(() => {
    seeded = cruise(fixtures, ['contracts', 'chassis', 'services']);
  });

  it.each(rules)('%s fails on its seeded violation', (name) => {
    expect(seeded.map((violation) => violation.rule.name)).toContain(name);
  });

  it('hold on the tree', () => {
    const found = cruise(root, ['contracts/src', 'chassis/src', 'services']);
    expect(found.map((violation) => `${violation.rule.name}: ${violation.from} → ${violation.to}`)).toEqual(
      [],
    );
  });
});
