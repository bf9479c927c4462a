import { describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { answerExamples } from '../src/rest/answer-examples.js';
import { codesOf, errors, openapi, requestExamples, restRoutes, statusOf } from '../src/index.js';

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
  it('is valid OpenAPI 3.1 and passes the linter, its examples against their schemas among it', async () => {
    const config = await createConfig({
      extends: ['recommended-strict'],
      // The linter can not see that a parameter's pattern keeps it apart from a fixed segment.
      rules: { 'no-ambiguous-paths': 'off' },
    });
    const found = await lintFromString({ source: JSON.stringify(document), config });
    expect(found.map((one) => `${one.ruleId}: ${one.message} at ${one.location[0]?.pointer}`)).toEqual([]);
  });

  it('knows both ways to say who calls', () => {
    expect(document['security']).toEqual([{ bearer: [] }, { apiKey: [] }]);
  });

  it.each(restRoutes.map((row) => [row.name, row] as const))(
    'tells every code that %s can answer, under its status',
    (name, row) => {
      const operation = operations(document).find(([, one]) => one['operationId'] === name)?.[1] ?? {};
      for (const code of codesOf(row)) {
        const response = operation['responses'][statusOf[errors[code].kind]] as Json | undefined;
        const own = response?.['$ref']
          ? (document['components'] as Json)['responses'][String(response['$ref']).split('/').pop() ?? '']
          : response;
        expect(own?.description).toContain(`\`${code}\``);
      }
    },
  );

  it('names every call once, with a summary, its failures and who may make it', () => {
    const ids = operations(document).map(([, operation]) => operation['operationId'] as string);
    expect(ids.sort()).toEqual([...restRoutes.map((row) => row.name), 'streamEvents'].sort());
    for (const [, operation] of operations(document)) {
      expect(operation['summary']).toMatch(/^[A-Z].{5,}/);
      expect(Object.keys(operation['responses'] as Json)).toEqual(
        expect.arrayContaining(['401', '403', '503']),
      );
    }
  });

  it('tells what every filter and header field of a request is for', () => {
    const silent = operations(document).flatMap(([call, operation]) =>
      ((operation['parameters'] ?? []) as Json[])
        .filter((one) => one['in'] !== 'path' && !one['description'])
        .map((one) => `${call} ${one['name']}`),
    );
    expect(silent).toEqual([]);
  });

  it('tells of the header fields of answers where they are sent', () => {
    const answers = (name: string) =>
      operations(document).find(([, one]) => one['operationId'] === name)?.[1]['responses'] as Json;
    const fields = (name: string, status: number) => Object.keys(answers(name)[status].headers as Json);
    const counted = ['X-Request-Id', 'RateLimit', 'RateLimit-Policy'];
    expect(fields('listOrders', 200)).toEqual([...counted, 'ETag']);
    expect(fields('exportOrders', 200)).toEqual(counted);
    for (const name of ['createOrder', 'createShipment'])
      expect(fields(name, 201)).toEqual([...counted, 'ETag', 'Location', 'Idempotency-Replayed']);
    expect(fields('deliverShipment', 200)).toEqual([...counted, 'ETag', 'Idempotency-Replayed']);
    expect(fields('deleteWebhook', 200)).toEqual(counted);
    const reads = restRoutes.filter((row) => row.method === 'GET' && !row.streams);
    expect(reads.filter((row) => !answers(row.name)[304]).map((row) => row.name)).toEqual([]);
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

  it.each(restRoutes.map((row) => [row.name, row] as const))(
    'shows an answer of %s that its schema takes, and nothing in it that the schema does not know',
    (name, row) => {
      const example = answerExamples[name];
      expect(example).toBeDefined();
      expect(row.response.safeParse(example)).toEqual({ success: true, data: example });
    },
  );
});
