import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openapi, requestExamples, restRoutes } from '../src/index.js';

type Json = Record<string, any>;
const document = openapi();
const operations = (doc: Json): [string, Json][] =>
  Object.entries(doc['paths'] as Json).flatMap(([path, methods]) =>
    Object.entries(methods as Json).map(([method, operation]): [string, Json] => [
      `${method.toUpperCase()} ${path}`,
      operation as Json,
    ]),
  );

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
  });

  it('names every call once, with a summary, its failures and who may make it', () => {
    const ids = operations(document).map(([, operation]) => operation['operationId'] as string);
    expect(ids.sort()).toEqual(restRoutes.map((row) => row.name).sort());
    for (const [, operation] of operations(document)) {
      expect(operation['summary']).toMatch(/^[A-Z].{5,}/);
      expect(Object.keys(operation['responses'] as Json)).toEqual(
        expect.arrayContaining(['401', '403', '503']),
      );
    }
  });

  it('has every reference that it points to', () => {
    const pointers = [...JSON.stringify(document).matchAll(/"#\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(pointers.length).toBeGreaterThan(50);
    for (const pointer of pointers)
      expect(pointer.split('/').reduce<any>((at, key) => at?.[key], document)).toBeDefined();
  });

  it.each(restRoutes.filter((row) => row.body).map((row) => [row.name, row] as const))(
    'shows a body of %s that its schema takes',
    (name, row) => {
      expect(requestExamples[name]).toBeDefined();
      expect(row.body?.safeParse(requestExamples[name]).error?.issues ?? []).toEqual([]);
    },
  );
});

/** What would break a client that was written against `frozen`: sentences, none when every change is an addition. */
function breaks(frozen: Json, now: Json): string[] {
  const faults: string[] = [];
  const resolve = (doc: Json, schema: Json | undefined): Json => {
    const pointer = schema?.['$ref'] as string | undefined;
    return pointer
      ? (pointer
          .slice(2)
          .split('/')
          .reduce<any>((at, key) => at?.[key], doc) as Json)
      : (schema ?? {});
  };
  const compare = (
    where: string,
    before: Json,
    after: Json,
    direction: 'request' | 'response',
    depth = 0,
  ): void => {
    if (depth > 6) return;
    const old = resolve(frozen, before);
    const fresh = resolve(now, after);
    for (const [name, schema] of Object.entries((old['properties'] as Json | undefined) ?? {})) {
      const next = (fresh['properties'] as Json | undefined)?.[name] as Json | undefined;
      if (!next) faults.push(`${where}: ${name} is gone`);
      else compare(`${where}.${name}`, schema as Json, next, direction, depth + 1);
    }
    if (old['items'])
      compare(`${where}[]`, old['items'] as Json, (fresh['items'] as Json) ?? {}, direction, depth + 1);
    if (direction === 'request')
      for (const name of (fresh['required'] as string[] | undefined) ?? [])
        if (!((old['required'] as string[] | undefined) ?? []).includes(name))
          faults.push(`${where}: ${name} is needed now`);
    const values = (fresh['enum'] as unknown[] | undefined) ?? [];
    if (direction === 'request' && fresh['enum'])
      for (const value of (old['enum'] as unknown[] | undefined) ?? [])
        if (!values.includes(value)) faults.push(`${where}: ${String(value)} is not taken any more`);
  };
  const current = new Map(operations(now));
  for (const [call, old] of operations(frozen)) {
    const fresh = current.get(call);
    if (!fresh) {
      faults.push(`${call} is gone`);
      continue;
    }
    for (const [status, response] of Object.entries(old['responses'] as Json)) {
      const next = (fresh['responses'] as Json)[status] as Json | undefined;
      if (!next) faults.push(`${call}: ${status} is gone`);
      else if (status.startsWith('2'))
        compare(
          `${call} ${status}`,
          ((response as Json)['content']?.['application/json']?.schema ?? {}) as Json,
          (next['content']?.['application/json']?.schema ?? {}) as Json,
          'response',
        );
    }
    compare(
      `${call} body`,
      (old['requestBody']?.content?.['application/json']?.schema ?? {}) as Json,
      (fresh['requestBody']?.content?.['application/json']?.schema ?? {}) as Json,
      'request',
    );
    const known = new Map(
      ((fresh['parameters'] as Json[] | undefined) ?? []).map((one) => [`${one['in']} ${one['name']}`, one]),
    );
    const before = new Map(
      ((old['parameters'] as Json[] | undefined) ?? []).map((one) => [`${one['in']} ${one['name']}`, one]),
    );
    for (const name of before.keys()) if (!known.has(name)) faults.push(`${call}: ${name} is gone`);
    for (const [name, one] of known)
      if (one['required'] && !before.get(name)?.['required']) faults.push(`${call}: ${name} is needed now`);
  }
  return faults;
}

describe('v1 only grows', () => {
  const frozen = JSON.parse(readFileSync(join(import.meta.dirname, '../openapi.v1.json'), 'utf8')) as Json;

  it('and what it promised is still there', () => {
    expect(breaks(frozen, document)).toEqual([]);
  });

  it.each<[string, (doc: Json) => void, RegExp]>([
    ['a call', (doc) => delete doc['paths']['/api/v1/orders'].get, /GET \/api\/v1\/orders is gone/],
    ['a field', (doc) => delete doc['components'].schemas.Order.properties.total, /total is gone/],
    ['a status', (doc) => delete doc['paths']['/api/v1/orders'].post.responses[201], /201 is gone/],
    [
      'a new need',
      (doc) => doc['components'].schemas.CreateOrder.required.push('notes'),
      /notes is needed now/,
    ],
  ])('%s that is taken away or asked for anew is found', (_, change, sentence) => {
    const changed = structuredClone(document);
    change(changed);
    expect(breaks(frozen, changed).join('\n')).toMatch(sentence);
  });
});
