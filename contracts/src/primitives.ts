import { z } from 'zod';

/** Text from outside: no control characters but tab and line breaks, since NUL can't be stored and others forge logs. */
export const text = (max: number, min = 0) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'must not contain control characters');

/** One line of text: also no line breaks. */
export const line = (max: number, min = 0) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain control characters');

/** RFC 3339 with a zone, answered in UTC. */
export const Instant = z.iso.datetime({ offset: true });

export const Quantity = z.int().min(1).max(1_000_000);

/** A map of short strings that the client owns; at most 50 entries. */
export const Metadata = z
  .record(line(64, 1), text(500))
  .refine((map) => Object.keys(map).length <= 50, 'at most 50 entries');

/** A customer's reference, as the identity provider spells it. */
export const CustomerId = line(128, 1);

/** A BCP 47 language tag, `de` or `de-AT`: in what language and how written a customer is addressed. */
export const Locale = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as de or de-AT');

/** Only the form is held: a list of the codes grows old, and carriers use some that are none, such as XK. */
export const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be two capital letters, a code of ISO 3166 such as GB');

export const Address = z.strictObject({
  name: line(200, 1),
  line1: line(200, 1),
  line2: line(200).nullish(),
  city: line(200, 1),
  region: line(200).nullish(),
  postalCode: line(32).nullish(),
  country: Country,
});
export type Address = z.infer<typeof Address>;

const LIMIT = { error: 'must be a whole number from 1 to 200' };

/** A page of a list: opaque cursor, newest first unless sorted. */
export const PageQuery = {
  // Digits and nothing else: Number() would take ' 1 ', 1e2 and 0x10, and nobody who sends them means it.
  limit: z
    .preprocess(
      (value) => (typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : value),
      z.int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50),
    )
    .describe('how many at most'),
  cursor: z
    .string()
    .max(1000)
    .optional()
    .describe('where to go on: the `nextCursor` of the page before, with the same filters and sort'),
  sort: z
    .enum(['createdAt', '-createdAt', 'total', '-total'])
    .default('-createdAt')
    .describe('`-` is the largest or newest first'),
};

/** The time a list is narrowed to. */
export const CreatedQuery = {
  createdAfter: Instant.optional().describe('created at this time or later'),
  createdBefore: Instant.optional().describe('created before this time, and not at it'),
};

/** `?status=a&status=b` and `?status=a` are the same kind of filter. */
export const repeatable = <T extends z.ZodType>(schema: T) =>
  z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(schema).min(1).max(20).optional(),
  );

/** The answer of a list. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() });
