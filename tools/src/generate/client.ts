import { format as formatted, resolveConfig } from 'prettier';
import { fieldsOf, nameOf, typeOf, type Schema } from './client-types.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: Schema;
}
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
/** What of the OpenAPI document the client is made from. */
export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema & { properties?: Record<string, Schema> }> };
}

const format = async (source: string): Promise<string> =>
  formatted(source, { ...(await resolveConfig(import.meta.filename)), parser: 'typescript' });
const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const alias = (name: string, type: string) => `export type ${name} = ${type};`;

function componentOf(name: string, schema: Schema): string {
  const doc = schema.description ? `/** ${schema.description} */\n` : '';
  return schema.properties
    ? `${doc}export interface ${name} {\n${fieldsOf(schema)
        .map((field) => `  ${field};`)
        .join('\n')}\n}`
    : doc + alias(name, typeOf(schema));
}

/** The fields of a query; a filter that may be repeated is also taken alone. */
function queryType(parameters: Parameter[]): string {
  const fields = parameters.map(({ name, required, description, schema }) => {
    const type = typeOf(schema);
    const doc = description ? `  /** ${description} */\n` : '';
    return `${doc}  ${name}${required ? '' : '?'}: ${schema.type === 'array' ? `${type} | ${typeOf(schema.items ?? {})}` : type};`;
  });
  return `{\n${fields.join('\n')}\n}`;
}

/** One method of the client, and the types that only it needs. */
function methodOf(
  document: ApiDocument,
  path: string,
  verb: string,
  operation: Operation,
): { types: string[]; method: string } {
  const types: string[] = [];
  const own = pascal(operation.operationId);
  const named = (suffix: string, schema: Schema): string => {
    if (schema.$ref) return nameOf(schema.$ref);
    types.push(alias(own + suffix, typeOf(schema)));
    return own + suffix;
  };
  const parameters = operation.parameters ?? [];
  const inPath = parameters.filter((one) => one.in === 'path');
  const inQuery = parameters.filter((one) => one.in === 'query');
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1];
  const [media = '', answer = { schema: {} }] = Object.entries(success?.content ?? {})[0] ?? [];
  const arguments_ = inPath.map((one) => `${one.name}: string`);
  const sent: string[] = [];
  const bodySchema = operation.requestBody && Object.values(operation.requestBody.content)[0]?.schema;
  if (bodySchema) {
    const type = named('Body', bodySchema);
    arguments_.push(operation.requestBody?.required ? `body: ${type}` : `body: ${type} = {}`);
    sent.push('body');
  }
  if (inQuery.length > 0) {
    types.push(`export interface ${own}Query ${queryType(inQuery)}`);
    const needed = inQuery.some((one) => one.required);
    arguments_.push(`query: ${own}Query${needed ? '' : ' = {}'}`);
    sent.push('query');
  }
  const write = verb !== 'get';
  arguments_.push(`options?: ${write ? 'WriteOptions' : 'CallOptions'}`);
  const literal = path
    .replace('/api/v1', '')
    .replace(/\{(\w+)\}/g, (_, name: string) => `\${segment(${name})}`);
  const url = inPath.length > 0 ? `\`${literal}\`` : `'${literal}'`;
  const head = `  /** ${operation.summary}. ${operation.description} */\n  ${operation.operationId}(${arguments_.join(', ')})`;
  const query = inQuery.length > 0 ? 'query' : 'undefined';
  if (media === 'application/x-ndjson') {
    const type = named('Line', answer.schema);
    return {
      types,
      method: `${head}: AsyncIterable<${type}> {\n    return this.lines(${url}, ${query}, options);\n  }`,
    };
  }
  if (media === 'text/event-stream')
    return {
      types,
      method: `${head}: AsyncIterable<EventMessage> {\n    return this.events(${url}, ${query}, options);\n  }`,
    };
  const page = answer.schema.$ref ? document.components.schemas[nameOf(answer.schema.$ref)] : answer.schema;
  const items = page?.properties?.['nextCursor'] && page.properties['data']?.items;
  if (items)
    return {
      types,
      method: `${head}: Listing<${named('Item', items)}> {\n    return this.list(${url}, ${query}, options);\n  }`,
    };
  return {
    types,
    method: `${head}: Promise<${named('Answer', answer.schema)}> {\n    return this.json('${verb.toUpperCase()}', ${url}, { ${sent.join(', ')} }, options);\n  }`,
  };
}

/** The source of `@oms/client`'s calls and types, made from the OpenAPI document. */
export function clientSource(document: ApiDocument, errorCodes: readonly string[]): Promise<string> {
  const types: string[] = [];
  const methods: string[] = [];
  for (const [path, verbs] of Object.entries(document.paths))
    for (const [verb, operation] of Object.entries(verbs)) {
      const made = methodOf(document, path, verb, operation);
      types.push(...made.types);
      methods.push(made.method);
    }
  const components = Object.entries(document.components.schemas)
    .filter(([name]) => name !== 'Problem')
    .map(([name, schema]) => componentOf(name, schema));
  return format(`// Generated from the OpenAPI document by \`npm run generate\`; never edited.
import type { EventMessage } from './event-stream.js';
import type { Listing } from './listing.js';
import { segment, Transport, type CallOptions, type WriteOptions } from './transport.js';

/** Every code that a problem can have. */
export type ErrorCode =
${errorCodes.map((code) => `  | '${code}'`).join('\n')};

${components.join('\n\n')}

${types.join('\n\n')}

/** The public API, a method a call. Money is an integer in the minor unit of its currency; times are RFC 3339 in UTC. */
export class OmsClient extends Transport {
${methods.join('\n\n')}
}
`);
}
