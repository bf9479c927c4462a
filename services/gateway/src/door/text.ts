/** What no table can hold: NUL, and half of a surrogate pair, which is no character at all. */
const unstorable = (text: string): boolean => !text.isWellFormed() || text.includes('\u0000');

/**
 * The paths of strings, keys among them, that could not be stored. Looked at here, once for every call, so that no schema can
 * forget it; each schema still says what else its own text must not contain.
 */
export function unstorableText(value: unknown, path: readonly (string | number)[] = []): string[] {
  if (typeof value === 'string') return unstorable(value) ? [path.join('.')] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    unstorable(key) ? [path.join('.')] : unstorableText(inner, [...path, key]),
  );
}
