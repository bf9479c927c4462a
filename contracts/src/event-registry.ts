import { z } from 'zod';
import { publishers } from './broker.js';
import { eventConsumers } from './event-consumers.js';
import { eventExamples } from './event-examples.js';
import { events, isEventName, ownerOf, type AggregateType, type EventName } from './events.js';
import type { ServiceName } from './subjects.js';

/** JSON Schema 2020-12, as far as event payloads use it. */
export interface JsonSchema {
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  [keyword: string]: unknown;
}

/** All that is to be known of one event; every document, page and permission is made of these. */
export interface EventEntry {
  name: EventName;
  /** CloudEvents `type`: the name and the major version, `order.placed.v1`. */
  type: string;
  aggregate: AggregateType;
  version: number;
  /** The one service that publishes it. */
  publisher: ServiceName;
  /** Our services that do something with it; every one that reads the aggregate's events stores it. */
  consumers: readonly ServiceName[];
  /** When it is published. */
  because: string;
  /** Its subjects in the stream, `*` for the aggregate's id. */
  subject: string;
  schema: JsonSchema;
  example: object;
}

export const eventNames: readonly EventName[] = Object.keys(events).filter(isEventName);

/** CloudEvents `type` of an event: its name and its major version. */
export const eventType = (name: EventName): string => `${name}.v${events[name].version}`;

/** Where the gateway serves an event's schema. */
export const schemaPath = (type: string): string => `/schemas/${type}.json`;

/**
 * The payload's JSON Schema. Objects are open: within a major version an event may gain fields, so that a reader which
 * refuses what it does not know would break on the next one.
 */
function payloadSchema(name: EventName): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(events[name].schema, {
    io: 'output',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // What zod says for "an integer": no contract of ours, and no reader's business.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  }) as JsonSchema;
  const type = eventType(name);
  return {
    $schema: $schema ?? '',
    $id: schemaPath(type),
    title: type,
    description: events[name].because,
    ...schema,
  };
}

const entry = (name: EventName): EventEntry => {
  const aggregate = ownerOf(name);
  const { version, because } = events[name];
  return {
    name,
    type: eventType(name),
    aggregate,
    version,
    publisher: publishers[aggregate],
    consumers: eventConsumers[name] ?? [],
    because,
    subject: `oms.${aggregate}.v${version}.*.${name.slice(aggregate.length + 1)}`,
    schema: payloadSchema(name),
    example: eventExamples[name],
  };
};

let registry: readonly EventEntry[] | undefined;

/** The registry of events. Made when it is first asked for: no process that only publishes pays for the schemas. */
export const eventRegistry = (): readonly EventEntry[] => (registry ??= eventNames.map(entry));

/** One field of a payload, as a reader meets it. */
export interface Field {
  /** `lines[].unitPrice` */
  path: string;
  type: string;
  /** Not in every event of this type: it was added later. */
  optional: boolean;
}

/** The fields of a payload, in their order, with those of its parts. */
export function fieldsOf(schema: JsonSchema, prefix = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, own]) => {
    const path = prefix + name;
    const shape = own.anyOf?.find((one) => one.type !== 'null') ?? own;
    const inner = shape.type === 'array' ? shape.items : shape;
    return [
      { path, type: typeName(own), optional: !(schema.required ?? []).includes(name) },
      ...(inner?.properties ? fieldsOf(inner, `${path}${shape.type === 'array' ? '[]' : ''}.`) : []),
    ];
  });
}

function typeName(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(typeName).join(' or ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  if (schema.type === 'array') return `list of ${schema.items ? typeName(schema.items) : 'anything'}`;
  const type = [schema.type ?? 'anything'].flat().join(' or ');
  return schema['format'] === 'date-time' ? type.replace('string', 'time (RFC 3339)') : type;
}
