import { handledBy } from '@oms/chassis';
import {
  eventNames,
  eventRegistry,
  fieldsOf,
  schemaPath,
  subscriptions,
  type EventEntry,
  type EventName,
  type ServiceName,
} from '@oms/contracts';

/** Which service has a handler for which event, as the source of the contracts' own table. */
export function consumersSource(
  controllers: Readonly<Record<ServiceName, Parameters<typeof handledBy>[0]>>,
): string {
  const handlers = new Map<EventName, ServiceName[]>();
  for (const [name, controller] of Object.entries(controllers) as [
    ServiceName,
    Parameters<typeof handledBy>[0],
  ][])
    for (const event of handledBy(controller)) handlers.set(event, [...(handlers.get(event) ?? []), name]);
  const lines = eventNames
    .filter((name) => handlers.has(name))
    .map((name) => {
      const consumers = (handlers.get(name) ?? []).map((service) => `'${service}'`);
      const line = `  '${name}': [${consumers.join(', ')}],`;
      return line.length <= 110
        ? line
        : `  '${name}': [\n${consumers.map((service) => `    ${service},\n`).join('')}  ],`;
    });
  return `// Generated from the services' handlers by \`npm run generate\`; never edited.
import type { EventName } from './events.js';
import type { ServiceName } from './subjects.js';

/** Our own services that have a handler for an event. */
export const eventConsumers: Readonly<Partial<Record<EventName, readonly ServiceName[]>>> = {
${lines.join('\n')}
};
`;
}

const code = (text: string): string => `\`${text}\``;

function eventPage(entry: EventEntry): string {
  const fields = fieldsOf(entry.schema).map(
    ({ path, type, optional }) =>
      `| ${code(path)} | ${type.replaceAll('|', '\\|')} | ${optional ? 'since later' : ''} |`,
  );
  return `# ${entry.name}

Published when ${entry.because}.

| | |
| --- | --- |
| type | ${code(entry.type)} |
| subject | ${code(entry.subject)} |
| published by | ${entry.publisher} |
| used by | ${entry.consumers.join(', ') || 'none of our own services'} |
| schema | ${code(schemaPath(entry.type))} |

| field | type | |
| --- | --- | --- |
${fields.join('\n')}

\`\`\`json
${JSON.stringify(entry.example, null, 2)}
\`\`\`
`;
}

/** The pages of the registry: one for all, with the map of subjects, and one for each event. */
export function eventPages(note: string): Record<string, string> {
  const entries = eventRegistry();
  const rows = entries.map(
    (entry) =>
      `| [${code(entry.name)}](events/${entry.name}.md) | ${code(entry.subject)} | ${entry.consumers.join(', ')} | ${entry.because} |`,
  );
  const readers = Object.entries(subscriptions).map(
    ([service, aggregates]) => `| ${service} | ${aggregates.map((one) => code(`oms.${one}.>`)).join(', ')} |`,
  );
  return {
    'events.md': `${note}# Events

On the stream ${code('OMS')}, as CloudEvents 1.0 in binary mode. How to subscribe: [subscribers](../subscribers.md).

| event | subject | used by | published when |
| --- | --- | --- | --- |
${rows.join('\n')}

## Who stores what

A service asks for all events of an aggregate, so that it can see a gap.

| service | subjects |
| --- | --- |
${readers.join('\n')}
`,
    ...Object.fromEntries(entries.map((entry) => [`events/${entry.name}.md`, note + eventPage(entry)])),
  };
}
