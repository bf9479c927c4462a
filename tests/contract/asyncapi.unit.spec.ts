import { expect, it } from '@jest/globals';
import { asyncapi } from '@oms/contracts';
import { createRequire } from 'node:module';
import type * as Asyncapi from '@asyncapi/parser';

it('the AsyncAPI document is one, to its own parser', async () => {
  const { Parser } = createRequire(import.meta.url)('@asyncapi/parser') as typeof Asyncapi;
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncapi()));
  expect(
    diagnostics.filter(({ severity }) => severity <= 1).map(({ message, path }) => [message, path.join('.')]),
  ).toEqual([]);
  expect(document?.operations().length).toBeGreaterThan(30);
});
