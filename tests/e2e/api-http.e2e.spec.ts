import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openapi, restRoutes } from '@oms/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { developmentToken } from '../../tools/src/development-token.ts';
import { story } from '../../tools/src/generate/http-story.ts';
import { fill, readHttpFile, type HttpRequest } from './http-file.ts';
import { openShop } from './stack.ts';

const requests = readHttpFile(readFileSync(join(import.meta.dirname, '../../docs/api.http'), 'utf8'));
/** Calls of the story have to succeed; the others follow with an example, and have to be understood. */
const told = new Set(story.map((step) => step.as ?? step.call));
const variables: Record<string, unknown> = {};
const document = openapi() as {
  paths: Record<string, Record<string, { responses: Record<string, { headers?: object }> }>>;
};
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  const opened = await openShop();
  close = opened.close;
  variables['host'] = opened.stack.run.gateway.url;
  variables['token'] = await developmentToken({ role: 'admin' }, opened.stack.run.issuer.url);
});
afterAll(() => close?.());

async function send(request: HttpRequest): Promise<{ status: number; body: unknown; etag: string | null }> {
  const controller = new AbortController();
  const answer = await fetch(fill(request.url, variables), {
    method: request.method,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, fill(value, variables)]),
    ),
    ...(request.body === undefined ? {} : { body: fill(request.body, variables) }),
    signal: controller.signal,
  });
  if (
    answer.headers.get('content-type')?.includes('json') &&
    !answer.headers.get('content-type')?.includes('ndjson')
  )
    return { status: answer.status, body: await answer.json(), etag: answer.headers.get('etag') };
  // A stream of events has no end.
  controller.abort();
  return { status: answer.status, body: undefined, etag: answer.headers.get('etag') };
}

it('every call of the contract is in the file', () => {
  const patterns = requests.map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`);
  for (const row of restRoutes) {
    const form = new RegExp(`^${row.method} \\{\\{host\\}\\}/api/v1${row.path.replace(/:\w+/g, '[^/]+')}$`);
    expect({ call: row.name, there: patterns.some((one) => form.test(one)) }).toEqual({
      call: row.name,
      there: true,
    });
  }
});

/** The answer that the document promises when all is well, and the header fields in it. */
function promised({ method, url }: HttpRequest): { status: string; headers: object } | undefined {
  const path = fill(url, variables).replace(/\?.*/, '');
  const paths = Object.entries(document.paths).map(([form, calls]) => ({
    form: new RegExp(`${form.replace(/\{\w+\}/g, '[^/]+')}$`),
    call: calls[method.toLowerCase()],
    fixed: !form.includes('{'),
  }));
  const found = paths.filter(({ form, call }) => call && form.test(path));
  const responses = (found.find(({ fixed }) => fixed) ?? found[0])?.call?.responses ?? {};
  // Of a step that may be repeated, the document has two: here it is made, which is the greater.
  const status = Object.keys(responses).findLast((one) => one.startsWith('2'));
  return status ? { status, headers: responses[status]?.headers ?? {} } : undefined;
}

it.each(requests.map((request) => [request.name, request] as const))('%s', async (name, request) => {
  let answer = await send(request);
  // What waits for an event is refused until it has come, and is sent again, as a person would.
  for (const until = Date.now() + 50_000; told.has(name) && answer.status >= 404 && Date.now() < until;)
    answer = await send(request);
  variables[name] = answer.body;
  if (answer.status < 300) {
    const { status, headers } = promised(request) ?? { headers: {} };
    expect({ status: String(answer.status), etag: answer.etag !== null }).toEqual({
      status,
      etag: 'ETag' in headers,
    });
  }
  if (told.has(name)) expect({ ...answer, ok: answer.status < 300 }).toMatchObject({ ok: true });
  else {
    expect(answer.status).toBeLessThan(500);
    expect(answer.body ?? {}).not.toMatchObject({ code: 'validation_failed' });
    expect(answer.body ?? {}).not.toMatchObject({ detail: 'no such path' });
  }
});
