/**
 * Under jest, `structuredClone` is the outer realm's: its dates are no `Date` of this one, and the ORM takes them for text.
 * Here it copies what an aggregate's row is made of within the realm. Imported for its effect.
 */
globalThis.structuredClone = function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (Object.prototype.toString.call(value) === '[object Date]') return new Date(Number(value));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copy(field)]));
} as typeof structuredClone;
