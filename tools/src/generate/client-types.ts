/** A JSON Schema as the OpenAPI document has it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  description?: string;
}

const NAME = /^[A-Za-z_$][\w$]*$/;
export const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

const joined = (types: string[], by: ' | ' | ' & '): string => {
  const once = [...new Set(types)];
  return once.length === 1 ? (once[0] ?? 'unknown') : `(${once.join(by)})`;
};

/** The TypeScript type of `schema`, on one line. */
export function typeOf(schema: Schema): string {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum)
    return joined(
      schema.enum.map((value) => JSON.stringify(value)),
      ' | ',
    );
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return joined(either.map(typeOf), ' | ');
  if (schema.allOf) return joined(schema.allOf.map(typeOf), ' & ');
  if (Array.isArray(schema.type))
    return joined(
      schema.type.map((type) => typeOf({ ...schema, type })),
      ' | ',
    );
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `${typeOf(schema.items ?? {})}[]`;
    case 'object':
      return objectType(schema);
    case undefined:
    default:
      return 'unknown';
  }
}

function objectType(schema: Schema): string {
  const { properties, additionalProperties: more } = schema;
  if (!properties)
    return `Record<string, ${typeof more === 'object' && Object.keys(more).length > 0 ? typeOf(more) : 'unknown'}>`;
  return `{ ${fieldsOf(schema).join('; ')} }`;
}

/** `name?: type` for each field. */
export const fieldsOf = (schema: Schema): string[] =>
  Object.entries(schema.properties ?? {}).map(([name, own]) => {
    const needed = schema.required?.includes(name) === true;
    return `${NAME.test(name) ? name : JSON.stringify(name)}${needed ? '' : '?'}: ${typeOf(own)}`;
  });
