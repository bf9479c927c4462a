import type { JsonSchema } from './event-registry.js';

/** Words that say how values look; a change of one may make an old event wrong, or a new one unreadable. */
const EXACT = ['type', 'format', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'const'];

/**
 * What keeps `now` from standing for `before` within a major version; empty when it may. Optional fields and further values
 * of an enumeration may be added. Nothing may go, change its type, become optional or null, or cease to be: a reader of
 * the old one must understand every new event, and the new schema every event that is stored already.
 */
export function incompatibilities(before: JsonSchema, now: JsonSchema, path = 'payload'): string[] {
  const faults = EXACT.filter((word) => JSON.stringify(before[word]) !== JSON.stringify(now[word])).map(
    (word) => `${path}: ${word} was ${JSON.stringify(before[word])}, is ${JSON.stringify(now[word])}`,
  );
  for (const value of before.enum ?? [])
    if (!now.enum?.includes(value)) faults.push(`${path}: ${JSON.stringify(value)} is no longer allowed`);
  if (!before.enum && now.enum) faults.push(`${path}: only certain values are allowed`);
  if (before.anyOf?.length !== now.anyOf?.length) faults.push(`${path}: the alternatives changed`);
  else
    before.anyOf?.forEach((one, index) =>
      faults.push(...incompatibilities(one, now.anyOf?.[index] ?? {}, path)),
    );
  if (before.items) faults.push(...incompatibilities(before.items, now.items ?? {}, `${path}[]`));
  const [was, is] = [new Set(before.required), new Set(now.required)];
  for (const [name, own] of Object.entries(before.properties ?? {})) {
    const field = now.properties?.[name];
    if (!field) faults.push(`${path}.${name} is gone`);
    else faults.push(...incompatibilities(own, field, `${path}.${name}`));
    if (field && was.has(name) && !is.has(name)) faults.push(`${path}.${name} became optional`);
  }
  for (const name of is)
    if (!was.has(name)) faults.push(`${path}.${name} is needed now; an old event has it not`);
  return faults;
}
