import { z } from 'zod';

/** The prefix of each kind of id (TypeID: prefix, underscore, 26 characters of Crockford base32 of a UUIDv7). */
export const idPrefixes = {
  order: 'ord',
  orderItem: 'itm',
  shipment: 'shp',
  return: 'ret',
  returnItem: 'rit',
  payment: 'pay',
  refund: 'ref',
  event: 'evt',
  webhook: 'whk',
  message: 'msg',
  apiKey: 'key',
  saga: 'sga',
} as const;
export type IdKind = keyof typeof idPrefixes;

const id = (prefix: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`),
      `must be an id that starts with ${prefix}_`,
    );

/** One schema a kind of id. An id of another kind is refused before it touches a subject or a statement. */
export const Id = Object.fromEntries(
  Object.entries(idPrefixes).map(([kind, prefix]) => [kind, id(prefix)]),
) as {
  readonly [K in IdKind]: z.ZodString;
};
