import fc from 'fast-check';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
}

/** Stands for an id of that kind which exists when the request is sent. */
export const idOf = (prefix: string, pick: number): string => `@@${prefix}:${pick}@@`;
export const idSlot = /@@([a-z]{3}):(\d+)@@/g;

/** Words that mean something to the system, for fields whose schema only says that they are text. */
const words = [
  'GBP',
  'JPY',
  'KWD',
  'tok_visa',
  'tok_chargeDeclined',
  'tok_refundFails',
  'LS1 1AA',
  'GB',
  'DE',
  'en-GB',
  'x',
];

/** Values that fit `schema`, with the ids of things that exist: what gets past the door and into the services. */
export function fitting(schema: Schema, resolve: (ref: string) => Schema, depth = 0): fc.Arbitrary<unknown> {
  const next = (inner: Schema) => fitting(inner, resolve, depth + 1);
  if (schema.$ref) return next(resolve(schema.$ref));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return fc.oneof(...either.map(next));
  if (schema.allOf)
    return fc.tuple(...schema.allOf.map(next)).map((parts) => Object.assign({}, ...parts) as unknown);
  switch (schema.type) {
    case 'string':
      return stringOf(schema);
    case 'integer':
    case 'number':
      return integerOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const minLength = schema.minItems ?? 0;
      return fc.array(next(schema.items ?? {}), { minLength, maxLength: minLength + 2 });
    }
    case 'object':
      return objectOf(schema, next);
    case undefined:
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

/** The one text that its schema tells too little of, and without which no order gets past the door; `XXX` is ISO 4217's code for none. */
const currency = fc.constantFrom('GBP', 'JPY', 'KWD', 'GBP', 'XXX');

function objectOf(schema: Schema, next: (inner: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (!schema.properties) {
    const value =
      typeof schema.additionalProperties === 'object' ? next(schema.additionalProperties) : fc.string();
    return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), value, { maxKeys: 3 });
  }
  const fields = Object.fromEntries(
    Object.entries(schema.properties).map(([name, own]) => [
      name,
      name === 'currency' ? currency : next(own),
    ]),
  );
  return fc.record(fields, { requiredKeys: schema.required ?? [] });
}

function stringOf(schema: Schema): fc.Arbitrary<string> {
  const prefix = /^\^([a-z]{3})_/.exec(schema.pattern ?? '')?.[1];
  if (prefix) return fc.nat(1000).map((pick) => idOf(prefix, pick));
  if (schema.format === 'date-time')
    return fc
      .date({ min: new Date('2009-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (schema.format === 'email') return fc.constantFrom('jane@example.com', 'j.o-e+x@mail.example.org');
  if (schema.format === 'uri') return fc.constantFrom('https://track.example/1', 'http://127.0.0.1:1/x');
  if (schema.pattern === '^[A-Z]{2}$') return fc.constantFrom('GB', 'DE', 'ZZ');
  if (schema.pattern?.startsWith('^[a-z]{2,3}(')) return fc.constantFrom('en-GB', 'de', 'fr-CA');
  if (schema.pattern?.startsWith('^[\\x20-\\x7e]')) return fc.constantFrom('85123A', 'A B', "'--");
  const maxLength = Math.min(schema.maxLength ?? 20, 20);
  return fc.oneof(
    fc.constantFrom(...words),
    fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.max(maxLength, schema.minLength ?? 0) }),
    fc.string({ unit: 'grapheme', minLength: schema.minLength ?? 0, maxLength: 10 }),
  );
}

function integerOf(schema: Schema): fc.Arbitrary<number> {
  const min = Math.max(schema.minimum ?? -(2 ** 31), Number.MIN_SAFE_INTEGER);
  const max = Math.min(schema.maximum ?? 2 ** 31, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: Math.max(min, 0), max: Math.min(max, 2_000) }) },
    { weight: 1, arbitrary: fc.integer({ min, max }) },
    { weight: 1, arbitrary: fc.constantFrom(min, max) },
  );
}
