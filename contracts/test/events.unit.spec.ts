import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { join } from 'node:path';
import { goldens } from '../../tools/src/generate/goldens.js';
import {
  eventNames,
  eventRegistry,
  events,
  eventSubject,
  incompatibilities,
  type JsonSchema,
} from '../src/index.js';

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': /^\d{4}-\d\d-\d\dT/ } });

describe.each(eventRegistry().map((entry) => [entry.type, entry] as const))('%s', (type, entry) => {
  it('has an example that says what the contract says, and nothing beside it', () => {
    expect(events[entry.name].schema.parse(entry.example)).toEqual(entry.example);
    const fits = ajv.compile({ ...entry.schema, $id: undefined });
    expect([fits(entry.example), fits.errors]).toEqual([true, null]);
  });

  it('can be read by whoever learned any form of it that was published, and reads each of them', () => {
    const published = goldens(join(import.meta.dirname, '../golden'), type);
    expect(published.length).toBeGreaterThan(0);
    for (const golden of published) {
      expect(incompatibilities(golden.schema, entry.schema)).toEqual([]);
      expect(events[entry.name].schema.parse(golden.example)).toEqual(golden.example);
    }
  });

  it('is published under its subject', () => {
    const [, aggregate, version, , verb] = entry.subject.split('.');
    expect(eventSubject(entry.aggregate, 'x', entry.name)).toBe(`oms.${aggregate}.${version}.x.${verb}`);
  });
});

it('every event is in the registry once', () => {
  expect(eventRegistry().map(({ name }) => name)).toEqual(eventNames);
});

const before: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^a' },
    status: { type: 'string', enum: ['new', 'done'] },
    lines: {
      type: 'array',
      items: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    },
    note: { type: 'string' },
  },
  required: ['id', 'status', 'lines'],
};
const changed = (change: (schema: any) => void): JsonSchema => {
  const copy = structuredClone(before);
  change(copy);
  return copy;
};

describe('within a major version', () => {
  it.each([
    ['an optional field', (s: any) => (s.properties.extra = { type: 'string' })],
    [
      'an optional field of a line',
      (s: any) => (s.properties.lines.items.properties.m = { type: 'integer' }),
    ],
    ['a further status', (s: any) => s.properties.status.enum.push('held')],
  ])('%s may be added', (_, change) => {
    expect(incompatibilities(before, changed(change))).toEqual([]);
  });

  it.each([
    ['a field may not go', (s: any) => delete s.properties.note, 'payload.note is gone'],
    [
      'a field of a line may not go',
      (s: any) => delete s.properties.lines.items.properties.n,
      'payload.lines[].n is gone',
    ],
    ['a type may not change', (s: any) => (s.properties.id.type = 'integer'), 'payload.id: type was'],
    [
      'a field may not become null',
      (s: any) => (s.properties.note.type = ['string', 'null']),
      'payload.note: type was',
    ],
    ['a form may not change', (s: any) => (s.properties.id.pattern = '^b'), 'payload.id: pattern was'],
    [
      'a status may not go',
      (s: any) => s.properties.status.enum.shift(),
      'payload.status: "new" is no longer allowed',
    ],
    ['a text may not become a choice', (s: any) => (s.properties.note.enum = ['a']), 'only certain values'],
    ['a needed field may not become optional', (s: any) => s.required.shift(), 'payload.id became optional'],
    [
      'an optional field may not become needed',
      (s: any) => s.required.push('note'),
      'payload.note is needed now',
    ],
    [
      'a new field may not be needed',
      (s: any) => {
        s.properties.extra = { type: 'string' };
        s.required.push('extra');
      },
      'payload.extra is needed now',
    ],
  ])('%s', (_, change, fault) => {
    expect(incompatibilities(before, changed(change)).join()).toContain(fault);
  });
});
