import { describe, expect, it } from '@jest/globals';
import { openapi } from '@oms/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { breaks } from '../src/generate/compatibility.ts';

type Json = Record<string, any>;
const now = openapi();
const frozen = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../contracts/openapi.v1.json'), 'utf8'),
) as Json;

describe('v1 only grows', () => {
  it('and what it promised is still there', () => {
    expect(breaks(frozen, now)).toEqual([]);
  });

  const order = (doc: Json) => doc['components'].schemas.Order as Json;
  const create = (doc: Json) => doc['components'].schemas.CreateOrder as Json;
  const list = (doc: Json) => doc['paths']['/api/v1/orders'].get as Json;
  const parameter = (doc: Json, name: string) =>
    (list(doc)['parameters'] as Json[]).find((one) => one['name'] === name) ?? {};

  it.each<[string, (doc: Json) => void, RegExp]>([
    ['a call', (doc) => delete doc['paths']['/api/v1/orders'].get, /GET \/api\/v1\/orders is gone/],
    ['a field of an answer', (doc) => delete order(doc)['properties'].total, /total is gone/],
    [
      'a field of an answer that may be missing',
      (doc) => (order(doc)['required'] = ['id']),
      /total may be missing now/,
    ],
    [
      'a field of an answer of another type',
      (doc) => (order(doc)['properties'].total = { type: 'string' }),
      /total: was integer, is string/,
    ],
    [
      'a field of an answer that may be null',
      (doc) => (order(doc)['properties'].total = { anyOf: [{ type: 'integer' }, { type: 'null' }] }),
      /total: was integer, is null/,
    ],
    ['a status', (doc) => delete doc['paths']['/api/v1/orders'].post.responses[201], /201 is gone/],
    ['a new need', (doc) => create(doc)['required'].push('notes'), /notes is needed now/],
    ['a field of a body', (doc) => delete create(doc)['properties'].notes, /notes is gone/],
    [
      'a tighter limit',
      (doc) => (create(doc)['properties'].items.maxItems = 100),
      /items: maxItems was 2000, is 100/,
    ],
    [
      'a limit where none was',
      (doc) => (create(doc)['properties'].currency.maxLength = 3),
      /currency: maxLength was none, is 3/,
    ],
    [
      'a value that is taken',
      (doc) => (parameter(doc, 'sort')['schema'].enum = ['createdAt', '-createdAt']),
      /query sort: total is no value any more/,
    ],
    ['a filter', (doc) => (list(doc)['parameters'] = []), /query sku is gone/],
    [
      'one of several forms of a body',
      (doc) =>
        doc['paths']['/api/v1/orders/{orderId}/state'].post.requestBody.content[
          'application/json'
        ].schema.oneOf.shift(),
      /confirm is no value any more|was confirm/,
    ],
  ])('%s that is taken away or asked for anew is found', (_, change, sentence) => {
    const changed = structuredClone(now);
    change(changed);
    expect(breaks(now, changed).join('\n')).toMatch(sentence);
  });

  it.each<[string, (doc: Json) => void]>([
    ['a call', (doc) => (doc['paths']['/api/v1/news'] = doc['paths']['/api/v1/orders'])],
    ['a field of an answer', (doc) => (order(doc)['properties'].colour = { type: 'string' })],
    ['a field that may be sent', (doc) => (create(doc)['properties'].colour = { type: 'string' })],
    ['a value', (doc) => parameter(doc, 'sort')['schema'].enum.push('number')],
    ['a value in an answer', (doc) => order(doc)['properties'].status.enum.push('archived')],
    ['a wider limit', (doc) => (create(doc)['properties'].items.maxItems = 3000)],
  ])('%s may be added', (_, change) => {
    const changed = structuredClone(now);
    change(changed);
    expect(breaks(now, changed)).toEqual([]);
  });
});
