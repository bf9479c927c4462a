import { eventRegistry, schemaPath, type EventEntry } from './event-registry.js';
import { STREAM } from './subjects.js';

type Json = Record<string, unknown>;

const text = (description: string, extra: Json = {}): Json => ({ type: 'string', description, ...extra });

/** The CloudEvents attributes, as headers of the message (NATS binding, binary mode). */
const cloudEventHeaders = ({ type, publisher, aggregate }: EventEntry): Json => ({
  type: 'object',
  required: ['ce-specversion', 'ce-id', 'ce-type', 'ce-source', 'ce-subject', 'ce-time', 'ce-sequence'],
  properties: {
    'ce-specversion': { type: 'string', const: '1.0' },
    'ce-id': text('unique for ever, also `Nats-Msg-Id`; a repetition has the same'),
    'ce-type': { type: 'string', const: type },
    'ce-source': { type: 'string', const: `/oms/${publisher}` },
    'ce-subject': text(`the ${aggregate}'s id`),
    'ce-time': text('when it happened', { format: 'date-time' }),
    'ce-sequence': text(`counts the ${aggregate}'s events from 1, without a gap, padded with zeros`),
    'ce-sequencetype': { type: 'string', const: 'Integer' },
    'ce-datacontenttype': { type: 'string', const: 'application/json' },
    'ce-correlationid': text('the same for all that one request brought about'),
    'ce-causationid': text('the id of the event that brought this one about'),
    traceparent: text('W3C trace context'),
  },
});

const camel = (name: string): string =>
  name.replace(/[._](\w)/g, (_, letter: string) => letter.toUpperCase());

/** The AsyncAPI 3.0 document of the public events: a channel for each, which the application sends. */
export function asyncapi(): Json {
  const entries = eventRegistry();
  const each = (make: (entry: EventEntry) => Json): Json =>
    Object.fromEntries(entries.map((entry) => [camel(entry.name), make(entry)]));
  return {
    asyncapi: '3.0.0',
    id: 'urn:oms:events',
    info: {
      title: 'OMS events',
      version: '1.0.0',
      description: `What happened to orders, payments and returns, as CloudEvents 1.0 in binary mode on the JetStream stream ${STREAM}. At least once, in order per aggregate; a repetition is told by \`ce-id\`, a gap by \`ce-sequence\`. Within a major version events only gain optional fields.`,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      nats: {
        host: '{host}',
        protocol: 'nats',
        description: 'An nkey for each subscriber; the API prefix is OMS.API.',
        variables: { host: { default: '127.0.0.1:4222', description: "the broker's address" } },
      },
    },
    channels: each((entry) => ({
      address: entry.subject.replace('*', `{${entry.aggregate}Id}`),
      title: entry.name,
      description: entry.because,
      parameters: { [`${entry.aggregate}Id`]: { description: `the ${entry.aggregate}'s id` } },
      messages: { [camel(entry.name)]: { $ref: `#/components/messages/${camel(entry.name)}` } },
    })),
    operations: Object.fromEntries(
      entries.map((entry) => [
        `publish${camel(`.${entry.name}`)}`,
        {
          action: 'send',
          channel: { $ref: `#/channels/${camel(entry.name)}` },
          summary: entry.because,
          description: `Published by ${entry.publisher}. Used by ${entry.consumers.join(', ') || 'none of our own services'}.`,
          tags: [{ name: entry.aggregate }],
        },
      ]),
    ),
    components: {
      messages: each((entry) => ({
        name: entry.type,
        title: entry.name,
        summary: entry.because,
        contentType: 'application/json',
        headers: cloudEventHeaders(entry),
        payload: {
          schemaFormat: 'application/schema+json;version=draft-07',
          schema: { ...entry.schema, $schema: undefined, $id: undefined },
        },
        examples: [{ name: entry.type, payload: entry.example }],
        'x-schema': schemaPath(entry.type),
      })),
    },
  };
}
