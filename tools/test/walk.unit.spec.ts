import { describe, expect, it } from '@jest/globals';
import { restRoutes } from '@oms/contracts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contract } from '../src/walk/contract.ts';

const folder = join(import.meta.dirname, '../src/walk');
const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .join('\n');

describe('the walk through the contract', () => {
  it('makes every call of the contract, by its name or by its path', () => {
    const left = restRoutes.filter(
      (row) => !source.includes(`.${row.name}(`) && !(row.streams && source.includes(`${row.path}?`)),
    );
    expect(left.map((row) => row.name)).toEqual([]);
  });

  it('says no sentence twice, and keeps the sentences of a section together', () => {
    const told = contract.map(({ section, says }) => `${section}: ${says}`);
    expect(new Set(told).size).toBe(told.length);
    const sections = contract.map(({ section }) => section);
    const begins = sections.filter((section, index) => section !== sections[index - 1]);
    expect(new Set(begins).size).toBe(begins.length);
  });
});
