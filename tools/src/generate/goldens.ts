import { eventRegistry, type EventEntry } from '@oms/contracts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A published form of an event: what its schema and its example were. */
export interface Golden {
  schema: EventEntry['schema'];
  example: object;
}

/** The published forms of an event's major version that are kept in `folder`, oldest first. */
export function goldens(folder: string, type: string): Golden[] {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${type}.`));
  return files
    .sort((a, b) => Number(a.split('.').at(-2)) - Number(b.split('.').at(-2)))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden);
}

/** A further golden file for every event whose schema is not the one published last; those that are there stay as they are. */
export function newGoldens(folder: string): Record<string, string> {
  return Object.fromEntries(
    eventRegistry().flatMap(({ type, schema, example }) => {
      const known = goldens(folder, type);
      const { $schema: _, $id: __, title: ___, description: ____, ...shape } = schema;
      const last = known.at(-1);
      if (last && JSON.stringify(last.schema) === JSON.stringify(shape)) return [];
      return [
        [`${type}.${known.length + 1}.json`, `${JSON.stringify({ schema: shape, example }, null, 2)}\n`],
      ];
    }),
  );
}
