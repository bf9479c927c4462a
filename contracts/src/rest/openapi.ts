import { z } from 'zod';
import { ApiKeyCreated, ApiKeyView } from '../access/api-keys.js';
import { scopes } from '../actor.js';
import { errors, type ErrorCode } from '../errors.js';
import { HistoryView, TransitionsView } from '../history.js';
import { CreateOrder, OrderOfBatch } from '../order/commands.js';
import {
  OrderBatch,
  OrderItemView,
  OrderPage,
  OrderSummary,
  OrderView,
  ShipmentView,
} from '../order/views.js';
import { CreatePayment } from '../payment/commands.js';
import { PaymentPage, PaymentSummary, PaymentView } from '../payment/views.js';
import { Address } from '../primitives.js';
import { CreateReturn } from '../return/commands.js';
import { ReturnPage, ReturnSummary, ReturnView } from '../return/views.js';
import { TimelineView } from '../timeline.js';
import { answerExamples } from './answer-examples.js';
import { eventStreamOperation } from './event-stream.js';
import { requestExamples } from './examples.js';
import { codesOf } from './refusals.js';
import { restRoutes } from './routes.js';
import { isVersioned, type RestRow } from './row.js';
import { statusOf } from './status.js';

type Json = Record<string, unknown>;

/** The schemas that have a name in the document; every other one is written where it is used. */
const named = z.registry<{ id?: string; $ref?: string }>();
for (const [id, schema] of Object.entries({
  Address,
  ApiKey: ApiKeyView,
  ApiKeyCreated,
  CreateOrder,
  CreatePayment,
  CreateReturn,
  History: HistoryView,
  Order: OrderView,
  OrderBatch,
  OrderItem: OrderItemView,
  OrderPage,
  OrderSummary,
  Payment: PaymentView,
  PaymentPage,
  PaymentSummary,
  Return: ReturnView,
  ReturnPage,
  ReturnSummary,
  Shipment: ShipmentView,
  Timeline: TimelineView,
  Transitions: TransitionsView,
}))
  named.add(schema, { id });
// The service holds each by itself against this.
named.add(OrderOfBatch, { $ref: '#/components/schemas/CreateOrder' });

const components: Json = {};

/**
 * A zod schema as JSON Schema 2020-12, its named parts moved to the components. Answers may grow by fields, so that nothing
 * tells a client's validator to refuse one that it does not know.
 */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const {
    $schema: _,
    $defs,
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    metadata: named,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: own }) => {
      // A registry of ours stands in for zod's own, which is where descriptions are.
      const description = z.globalRegistry.get(zodSchema)?.description;
      if (description !== undefined) own.description = description;
      if (io === 'output' && own.additionalProperties === false) delete own.additionalProperties;
    },
  }) as Json;
  for (const [id, part] of Object.entries(($defs as Record<string, Json> | undefined) ?? {})) {
    const { $id: __, id: ___, ...own } = part;
    components[id] = pointed(own);
  }
  const { id, ...own } = rest as Json & { id?: string };
  if (typeof id !== 'string') return pointed(rest) as Json;
  components[id] = pointed(own);
  return { $ref: `#/components/schemas/${id}` };
}

/** References as the document spells them. */
function pointed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace('#/$defs/', '#/components/schemas/')]
        : [key, pointed(inner)],
    ),
  );
}

const problem: Json = {
  type: 'object',
  description: 'RFC 9457, with a stable code of ours',
  required: ['type', 'title', 'status', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errors) },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
    from: { type: 'string' },
    transition: { type: 'string' },
    allowedTransitions: { type: 'array', items: { type: 'string' } },
    requiredScope: { type: 'string' },
  },
};

const header = (description: string, schema: Json = { type: 'string' }): Json => ({ description, schema });

/** The fields of answers, each told once. */
const headerComponents = {
  ETag: header(
    'Of a resource with a `version` that version, in quotes; otherwise a weak tag of the answer as it is',
  ),
  'Idempotency-Replayed': header('`true`: this was answered before, under the same key', {
    type: 'string',
    const: 'true',
  }),
  Location: header('Where the resource is'),
  RateLimit: header(
    '`"caller"; r=…; t=…`: requests that are left (`r`), and seconds until all are there again (`t`)',
  ),
  'RateLimit-Policy': header(
    '`"caller"; q=…; w=…; pk=…`: requests (`q`) that a caller (`pk`) may make in so many seconds (`w`)',
  ),
  'Retry-After': header('Seconds after which to try again', { type: 'integer' }),
  'WWW-Authenticate': header('How to authenticate (RFC 6750), and why it was not enough'),
  'X-Request-Id': header('Names this request in our logs'),
};

const headers = (...names: (keyof typeof headerComponents)[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** Of which refusals a repetition under the same key is told again. */
const REFUSALS_KEPT = new Set([404, 409, 412, 422]);

/** One response: which codes it may carry, each with its sentence, and one of them as an example. */
function problemResponse(status: number, codes: readonly ErrorCode[]): Json {
  const [first] = codes;
  return {
    description: codes.map((code) => `\`${code}\`: ${errors[code].title}`).join('  \n'),
    headers: {
      ...headers('X-Request-Id'),
      ...(status === 401 ? headers('WWW-Authenticate') : {}),
      ...(status === 429 ? headers('RateLimit', 'RateLimit-Policy') : {}),
      ...(status === 429 || status === 503 ? headers('Retry-After') : {}),
      ...(REFUSALS_KEPT.has(status) ? headers('Idempotency-Replayed') : {}),
    },
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: {
          type: `/problems/${first}`,
          title: first ? errors[first].title : '',
          status,
          code: first,
          requestId: 'req_01jd3z6q8kf5v9c2x7m4t0b1ha',
        },
      },
    },
  };
}

const responses: Record<string, Json> = {
  NotModified: {
    description: 'The answer is the one that is known already',
    headers: headers('X-Request-Id', 'RateLimit', 'RateLimit-Policy', 'ETag'),
  },
};

/** The failures of a call by status; those that many calls share word for word are components. */
function failuresOf(row: RestRow): [string, Json][] {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codesOf(row)) {
    const status = statusOf[errors[code].kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, codes]) => {
      const response = problemResponse(status, codes);
      const shared = (responses[`Problem${status}`] ??= response);
      return shared['description'] === response['description']
        ? [String(status), { $ref: `#/components/responses/Problem${status}` }]
        : [String(status), response];
    });
}

/** An answer that a client may have already; a stream is never the same. */
const isRead = (row: RestRow): boolean => row.method === 'GET' && !row.streams;

function parametersOf(row: RestRow): Json[] {
  const list: Json[] = [];
  const add = (part: 'path' | 'query', schema: z.ZodType | undefined): void => {
    if (!schema) return;
    const object = jsonSchema(schema, 'input') as { properties?: Record<string, Json>; required?: string[] };
    for (const [name, own] of Object.entries(object.properties ?? {})) {
      const required = part === 'path' || object.required?.includes(name) === true;
      const { description, ...schemaOnly } = own;
      list.push({ name, in: part, required, ...(description ? { description } : {}), schema: schemaOnly });
    }
  };
  add('path', row.params);
  add('query', row.query);
  const inHeader = (name: string, required: boolean, description: string): void =>
    void list.push({ name, in: 'header', required, description, schema: { type: 'string' } });
  if (row.method === 'POST' || row.method === 'PATCH')
    inHeader(
      'Idempotency-Key',
      row.idempotencyKey === true,
      // The limit is told in words: the schema of v1 is frozen, and had none.
      '1 to 255 characters. The same key, caller and body answer with the first answer, kept for 24 hours at least',
    );
  if (row.method !== 'GET' && row.params)
    inHeader('If-Match', false, 'The version that the change is meant for');
  if (isRead(row))
    inHeader('If-None-Match', false, 'The ETag of the answer that is known already: 304 while it holds');
  return list;
}

function operationOf(row: RestRow): Json {
  const body = row.body && {
    required: !row.body.safeParse({}).success,
    content: {
      'application/json': { schema: jsonSchema(row.body, 'input'), example: requestExamples[row.name] },
    },
  };
  const headersOf = (made: boolean): Json => ({
    ...headers('X-Request-Id', 'RateLimit', 'RateLimit-Policy'),
    ...(isRead(row) || isVersioned(row) ? headers('ETag') : {}),
    ...(made && row.location ? headers('Location') : {}),
    ...(row.method === 'POST' || row.method === 'PATCH' ? headers('Idempotency-Replayed') : {}),
  });
  const content = {
    [row.streams ? 'application/x-ndjson' : 'application/json']: {
      schema: jsonSchema(row.response, 'output'),
      example: answerExamples[row.name],
    },
  };
  return {
    operationId: row.name,
    summary: row.does,
    tags: [row.path.split('/')[1]],
    description: `For: ${row.access}${row.access === 'customer' ? ' (its own), staff, admin' : row.access === 'staff' ? ', admin' : ''}; a service with its scope.`,
    ...(parametersOf(row).length > 0 ? { parameters: parametersOf(row) } : {}),
    ...(body ? { requestBody: body } : {}),
    responses: {
      [row.success]: {
        description: row.success === 201 ? 'Created' : 'As asked',
        headers: headersOf(true),
        content,
      },
      ...(row.again
        ? {
            200: {
              description: 'It had just been made: nothing changed',
              headers: headersOf(false),
              content,
            },
          }
        : {}),
      ...(isRead(row) ? { 304: { $ref: '#/components/responses/NotModified' } } : {}),
      ...Object.fromEntries(failuresOf(row)),
    },
  };
}

/** The one call that is no row: its answer is not a body but what goes on. */
const eventStream = (): Json => ({
  ...eventStreamOperation,
  responses: {
    200: {
      description: 'Events, until the client goes; after an hour the stream ends, and the client comes back',
      headers: headers('X-Request-Id', 'RateLimit', 'RateLimit-Policy'),
      content: {
        'text/event-stream': {
          schema: { type: 'string' },
          example: 'id: 4711\nevent: order.placed\ndata: {"specversion":"1.0","type":"order.placed.v1"}\n\n',
        },
      },
    },
    ...Object.fromEntries(
      (
        [
          [400, ['validation_failed']],
          [401, ['unauthenticated']],
          [403, ['insufficient_scope']],
          [406, ['not_acceptable']],
          [429, ['rate_limited']],
          [503, ['service_unavailable', 'overloaded']],
        ] as const
      ).map(([status, codes]) => [status, problemResponse(status, codes)]),
    ),
  },
});

let document: Json | undefined;

/** The public API as an OpenAPI 3.1 document, made from the rows; always the same for the same contracts. */
export function openapi(): Json {
  if (document) return document;
  const paths: Record<string, Json> = {};
  for (const row of restRoutes) {
    const path = `/api/v1${row.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operationOf(row) };
  }
  paths['/api/v1/events'] = { get: eventStream() };
  document = {
    openapi: '3.1.1',
    info: {
      title: 'OMS: orders, returns, payments',
      version: '1.0.0',
      description:
        'Order and return management. Money is an integer in the minor unit of its currency; times are RFC 3339 in UTC. Within v1 this document only grows.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    tags: [...new Set([...restRoutes.map((row) => row.path.split('/')[1] ?? ''), 'events'])].map((name) => ({
      name,
      description: `Calls on ${name}`,
    })),
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries({ ...components, Problem: problem }).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
      headers: headerComponents,
      responses,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `An access token of the configured OIDC issuer, with a role and, for services, scopes: ${scopes.join(', ')}`,
        },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      },
    },
  };
  return document;
}
