import type { z } from 'zod';
import { unstorableText } from './door/text.js';
import { Problem } from './problem.js';

type Part = 'body' | 'query' | 'params';
type Fault = { path: string; message: string };

const refuse = (part: Part, errors: Fault[], detail = `the ${part} does not fit the schema`): never => {
  if (part === 'params') throw new Problem('not_found');
  throw new Problem('validation_failed', detail, { errors });
};

/** `[{ path: 'items.0.quantity', message }]`; an unknown field is named by its own path. */
function faultsOf(issue: z.core.$ZodIssue, value: unknown, part: Part): Fault[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'unknown field' }));
  if (part !== 'query') return [{ path: path.join('.'), message: issue.message }];
  // A filter that may be repeated is a list to its schema, and to who gave it once it is not.
  const [name = ''] = path;
  const repeated = Array.isArray((value as Record<PropertyKey, unknown>)[name]);
  if (!repeated) return [{ path: String(name), message: issue.message }];
  const message = issue.code === 'invalid_type' && path.length === 1 ? 'must be given once' : issue.message;
  return [{ path: path.join('.'), message }];
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The part of a request as its schema wants it; a fault is told by field. */
export function parse(part: Part, schema: z.ZodType | undefined, value: unknown = {}): object {
  if (!isObject(value)) return refuse(part, [{ path: '', message: 'must be a JSON object' }]);
  if (!schema) {
    const extra = part === 'params' ? [] : Object.keys(value);
    if (extra.length === 0) return {};
    const errors = extra.map((path) => ({ path, message: 'unknown field' }));
    return refuse(part, errors, `the ${part} must be empty`);
  }
  const broken = unstorableText(value);
  if (broken.length > 0) {
    const message = 'must not contain NUL or half a surrogate pair';
    const errors = broken.map((path) => ({ path, message }));
    return refuse(part, errors, `the ${part} holds text that is none`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data as object;
  return refuse(
    part,
    result.error.issues.flatMap((issue) => faultsOf(issue, value, part)),
  );
}
