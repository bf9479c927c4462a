import { openapi, restRoutes, type RestRow } from '@oms/contracts';
import fc from 'fast-check';
import { nastyString, nastyValue } from './nasty.ts';
import { fitting, idOf, type Schema } from './schema-values.ts';

/** A request as bytes are made of it: ids not yet filled in, and nothing escaped that was not meant to be. */
export interface HostileRequest {
  /** The call it is aimed at; what it hits may be another. */
  aim: RestRow;
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body: Buffer | undefined;
  caller: 'staff' | 'admin' | 'customer' | 'nobody';
}

const document = openapi() as unknown as {
  components: { schemas: Record<string, Schema> };
  paths: Record<
    string,
    Record<
      string,
      {
        parameters?: { in: string; name: string; schema: Schema }[];
        requestBody?: { content: Record<string, { schema: Schema }> };
      }
    >
  >;
};
const resolve = (ref: string): Schema =>
  document.components.schemas[ref.slice(ref.lastIndexOf('/') + 1)] ?? {};
const operationOf = (row: RestRow) =>
  document.paths[`/api/v1${row.path.replace(/:(\w+)/g, '{$1}')}`]?.[row.method.toLowerCase()] ?? {};

/** One or more places of `value` replaced, taken out or added to; `picks` say where. */
function spoiled(
  value: unknown,
  picks: readonly { at: number; what: 'replace' | 'remove' | 'add'; with: unknown; name: string }[],
): unknown {
  const copy = structuredClone(value);
  for (const pick of picks.map((one) => structuredClone(one))) {
    const holders: object[] = [];
    const walk = (one: unknown): void => {
      if (one === null || typeof one !== 'object') return;
      holders.push(one);
      for (const inner of Object.values(one)) walk(inner);
    };
    walk(copy);
    const holder = holders[pick.at % Math.max(holders.length, 1)] as Record<string, unknown> | undefined;
    if (!holder) return pick.with;
    const keys = Object.keys(holder);
    const key = keys[pick.at % Math.max(keys.length, 1)];
    if (pick.what === 'add' || key === undefined)
      Reflect.defineProperty(holder, pick.name, {
        value: pick.with,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else if (pick.what === 'remove') delete holder[key];
    else holder[key] = pick.with;
  }
  return copy;
}
const pick = fc.record({
  at: fc.nat(1000),
  what: fc.constantFrom('replace' as const, 'replace' as const, 'remove' as const, 'add' as const),
  with: nastyValue,
  name: fc.oneof(
    fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'id',
      'status',
      'total',
      'version',
      'customerId',
      '',
    ),
    nastyString,
  ),
});

/** Text that is almost the JSON of `value`. */
const broken = (value: unknown): fc.Arbitrary<Buffer> => {
  const text = JSON.stringify(value) ?? '';
  return fc.oneof(
    fc
      .constantFrom(
        '',
        'null',
        '"x"',
        '1e999',
        '[]',
        '{',
        '{"a":1,}',
        '{"a":NaN}',
        "{'a':1}",
        text.slice(0, -1),
        `${text}${text}`,
        `\ufeff${text}`,
      )
      .map((one) => Buffer.from(one)),
    fc
      .constantFrom(
        `{"__proto__":{"admin":true},${text.slice(1)}`,
        `{"email":"a@b.example","email":"c@d.example",${text.slice(1)}`,
        text.replace(/:\d+/, ':1e400'),
        text.replace(/:\d+/, ':-0'),
        text.replace(/:\d+/, ':0.30000000000000004'),
      )
      .map((one) => Buffer.from(one)),
    fc.nat(100_000).map((depth) => Buffer.from('['.repeat(depth))),
    fc.nat(5_000).map((depth) => Buffer.from('{"a":'.repeat(depth) + '1' + '}'.repeat(depth))),
    fc.constant(
      Buffer.concat([Buffer.from('{"email":"'), Buffer.of(0xff, 0xfe, 0xc0, 0x80), Buffer.from('"}')]),
    ),
    fc.constant(Buffer.from(text, 'utf16le')),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.from(JSON.stringify({ notes: 'x'.repeat(1_100_000) }))),
  );
};

function bodyOf(row: RestRow): fc.Arbitrary<Buffer | undefined> {
  const schema = Object.values(operationOf(row).requestBody?.content ?? {})[0]?.schema;
  if (!schema)
    return fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: broken({ a: 1 }) },
    );
  const value = fitting(schema, resolve);
  return fc.oneof(
    { weight: 8, arbitrary: value.map((one) => Buffer.from(JSON.stringify(one))) },
    {
      weight: 8,
      arbitrary: fc
        .tuple(value, fc.array(pick, { minLength: 1, maxLength: 3 }))
        .map(([one, picks]) => Buffer.from(JSON.stringify(spoiled(one, picks)) ?? '')),
    },
    { weight: 2, arbitrary: value.chain(broken) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const cursors = [
  '',
  'x',
  'eyJ9',
  'bnVsbA',
  'e30',
  'W10',
  'eyJrIjoiMSIsImlkIjoiMiJ9',
  'a.b',
  'AAAA.AAAA',
  '../..',
  'x'.repeat(1001),
];

function queryOf(row: RestRow): fc.Arbitrary<string> {
  const parameters = (operationOf(row).parameters ?? []).filter((one) => one.in === 'query');
  const encoded = (value: unknown) => encodeURIComponent(String(value).toWellFormed());
  const known = parameters.map((one) =>
    fc
      .oneof(
        {
          weight: 3,
          arbitrary: one.name === 'cursor' ? fc.constantFrom(...cursors) : fitting(one.schema, resolve),
        },
        { weight: 2, arbitrary: nastyString },
      )
      .map((value) =>
        (Array.isArray(value) ? value : [value]).map((each) => `${one.name}=${encoded(each)}`).join('&'),
      ),
  );
  const strange = fc.oneof(
    fc.constantFrom(
      '__proto__[a]=1',
      'constructor=1',
      'limit=1&limit=2',
      'limit[]=1',
      'limit[a]=1',
      'sort=',
      '=',
      '&&&',
      '%',
      '%ff',
      '%00',
      'a=%E0%A4%A',
      'q',
      'page=2',
      'offset=1',
    ),
    nastyString.map((value) => `q=${encoded(value)}`),
  );
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.constant([] as string[]) },
      {
        weight: 5,
        arbitrary: known.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...known), { maxLength: 4 }),
      },
      { weight: 1, arbitrary: fc.array(strange, { minLength: 1, maxLength: 3 }) },
    )
    .map((parts) => (parts.length > 0 ? `?${parts.join('&')}` : ''));
}

/** A path parameter: mostly a thing that exists, else one of another kind, one that does not, or what should never have been sent. */
const parameter = (prefix: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.nat(1000).map((at) => idOf(prefix, at)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('ord', 'ret', 'pay', 'itm', 'key')
        .chain((other) => fc.nat(1000).map((at) => idOf(other, at))),
    },
    { weight: 1, arbitrary: fc.constant(`${prefix}_01jd3z6q8kf5v9c2x7m4t0b1ha`) },
    { weight: 2, arbitrary: nastyString.map((value) => encodeURIComponent(value.toWellFormed())) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '%00',
        '%ff%fe',
        '%',
        '..%2f..',
        '.',
        '..',
        '%2e%2e',
        ';a=b',
        `${prefix}_*`,
        `${prefix}_>`,
        `${prefix}%5F01jd3z6q8kf5v9c2x7m4t0b1ha`,
        '\u00ff',
        'a b',
      ),
    },
  );

function targetOf(row: RestRow): fc.Arbitrary<string> {
  const names = [...row.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
  const prefixes = names.map((name) => {
    const schema = operationOf(row).parameters?.find((one) => one.in === 'path' && one.name === name)?.schema;
    return /^\^([a-z]{3})_/.exec(schema?.pattern ?? '')?.[1] ?? 'ord';
  });
  return fc
    .tuple(fc.tuple(...prefixes.map(parameter)), queryOf(row), fc.nat(40))
    .map(([values, query, odd]) => {
      let at = 0;
      const path = row.path.replace(/:\w+/g, () => values[at++] ?? '');
      const whole = `/api/v1${path}`;
      const bent =
        odd === 0
          ? `${whole}/`
          : odd === 1
            ? `/${whole}`
            : odd === 2
              ? whole.toUpperCase()
              : odd === 3
                ? `${whole}%2f..`
                : odd === 4
                  ? `http://evil.example${whole}`
                  : whole;
      return bent + query;
    });
}

const oddHeader: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.constantFrom<[string, string]>(
    ['Content-Type', 'text/plain'],
    ['Content-Type', 'application/json; charset=utf-16'],
    ['Content-Type', 'application/json; charset=nonsense'],
    ['Content-Type', 'application/json;;;'],
    ['Content-Type', 'multipart/form-data; boundary=x'],
    ['Content-Type', ''],
    ['Content-Encoding', 'gzip'],
    ['Content-Encoding', 'br'],
    ['Content-Encoding', 'zstd'],
    ['Accept', 'text/html'],
    ['Accept', 'application/x-ndjson'],
    ['Accept', '*/*;q=0'],
    ['Accept', ';;;'],
    ['If-Match', '*'],
    ['If-Match', '"1"'],
    ['If-Match', '"99999999999999999999"'],
    ['If-Match', "' or 1=1"],
    ['If-Match', '"a", W/"b"'],
    ['If-None-Match', '*'],
    ['Idempotency-Key', ''],
    ['Idempotency-Key', 'same'],
    ['Idempotency-Key', "'; drop table orders.idempotency; --"],
    ['Idempotency-Key', 'k'.repeat(5_000)],
    ['Idempotency-Key', '\u00e9\u00ff\u0080'],
    ['X-Request-Id', "'; drop --"],
    ['X-Request-Id', 'x'.repeat(300)],
    ['traceparent', '00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff'],
    ['traceparent', 'garbage'],
    ['tracestate', '='.repeat(600)],
    ['baggage', 'a=b,'.repeat(200)],
    ['X-Forwarded-For', "127.0.0.1, ' or 1=1"],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['Expect', '100-continue'],
    ['Expect', 'the-unexpected'],
    ['Range', 'bytes=0-1'],
    ['oms-identity', 'eyJhbGciOiJub25lIn0.e30.'],
    ['oms-idempotency-scope', 'x'],
    ['Nats-Msg-Id', 'x'],
    ['Nats-Service-Error-Code', '500'],
    ['Upgrade', 'websocket'],
    ['Transfer-Encoding', 'gzip'],
    ['Content-Length', '5'],
    ['Content-Length', '-1'],
    ['Host', 'evil.example'],
    ['Cookie', 'a=b; '.repeat(100)],
    ['X-Api-Key', `oms_${'A'.repeat(43)}`],
    ['X-Big', 'y'.repeat(17_000)],
  ),
  fc.tuple(
    fc.constantFrom(
      'Idempotency-Key',
      'If-Match',
      'X-Request-Id',
      'Accept',
      'Content-Type',
      'X-Api-Key',
      'traceparent',
    ),
    nastyString.map((value) => Buffer.from(value.replace(/[\r\n]/g, ' ')).toString('latin1')),
  ),
  fc.constant<[string, string]>(['X-A', 'b\r\nX-Injected: c']),
);

const requestTo = (row: RestRow): fc.Arbitrary<HostileRequest> =>
  fc
    .record({
      target: targetOf(row),
      body: bodyOf(row),
      key: fc.nat(1_000_000_000),
      odd: fc.oneof(
        { weight: 4, arbitrary: fc.constant([] as [string, string][]) },
        { weight: 1, arbitrary: fc.array(oddHeader, { minLength: 1, maxLength: 2 }) },
      ),
      method: fc.oneof(
        { weight: 40, arbitrary: fc.constant(row.method as string) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'PUT',
            'HEAD',
            'OPTIONS',
            'TRACE',
            'QUERY',
            'DELETE',
            'PATCH',
            'get',
            'PROPFIND',
          ),
        },
      ),
      caller: fc.oneof(
        { weight: 10, arbitrary: fc.constantFrom('staff' as const, 'admin' as const) },
        { weight: 2, arbitrary: fc.constantFrom('customer' as const, 'nobody' as const) },
      ),
    })
    .map(({ target, body, key, odd, method, caller }) => {
      const own = new Set(odd.map(([name]) => name.toLowerCase()));
      const usual: [string, string][] = [
        ['Host', 'localhost'],
        ['Content-Type', 'application/json'],
        ['Idempotency-Key', `hostile-${key}`],
      ];
      const headers = [
        ...usual.filter(([name]) => !own.has(name.toLowerCase()) && (body || name !== 'Content-Type')),
        ...odd,
      ];
      return { aim: row, method, target, headers, body, caller };
    });

/** Requests from the OpenAPI document's schemas and from outside them, every call as often as any other. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc.oneof(...restRoutes.map(requestTo));
