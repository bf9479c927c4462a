type Json = Record<string, unknown>;
type Direction = 'request' | 'response';

const object = (value: unknown): Json => (value !== null && typeof value === 'object' ? (value as Json) : {});
const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

/** Limits that a request must keep to, and whether a larger number takes more. */
const limits: readonly [name: string, largerTakesMore: boolean][] = [
  ['maxLength', true],
  ['maximum', true],
  ['maxItems', true],
  ['minLength', false],
  ['minimum', false],
  ['minItems', false],
];

class Comparison {
  private readonly frozen: Json;
  private readonly now: Json;

  constructor(frozen: Json, now: Json) {
    this.frozen = frozen;
    this.now = now;
  }

  /** The schema itself, behind its reference. */
  private resolve(document: Json, schema: unknown): Json {
    const pointer = object(schema)['$ref'];
    if (typeof pointer !== 'string') return object(schema);
    return object(
      pointer
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => object(at)[key], document),
    );
  }

  /** The forms that a value may have, each without alternatives of its own. */
  private forms(document: Json, schema: unknown): Json[] {
    const own = this.resolve(document, schema);
    const either = list<unknown>(own['anyOf'] ?? own['oneOf']);
    if (either.length > 0) return either.flatMap((one) => this.forms(document, one));
    if (Array.isArray(own['type'])) return list<string>(own['type']).map((type) => ({ ...own, type }));
    return [own];
  }

  private valuesOf(forms: Json[]): unknown[] {
    return forms.flatMap((form) =>
      form['const'] !== undefined ? [form['const']] : list<unknown>(form['enum']),
    );
  }

  schema(where: string, before: unknown, after: unknown, direction: Direction): string[] {
    const old = this.forms(this.frozen, before);
    const fresh = this.forms(this.now, after);
    const values = this.valuesOf(fresh);
    const gone = this.valuesOf(old).filter((value) => values.length > 0 && !values.includes(value));
    const faults = gone.map((value) => `${where}: ${String(value)} is no value any more`);
    if (this.valuesOf(old).length === 0 && values.length > 0 && direction === 'request')
      faults.push(`${where}: only certain values are taken now`);
    if (gone.length > 0) return faults;
    // A request of every old form must be taken by a new one; an answer of every new form must be one of the old.
    const [each, among] = direction === 'request' ? [old, fresh] : [fresh, old];
    for (const one of each) {
      const tries = among.map((other) =>
        direction === 'request'
          ? this.form(where, one, other, direction)
          : this.form(where, other, one, direction),
      );
      if (!tries.some((found) => found.length === 0))
        faults.push(...(tries.sort((a, b) => a.length - b.length)[0] ?? [`${where}: has no form`]));
    }
    return faults;
  }

  private form(where: string, old: Json, fresh: Json, direction: Direction): string[] {
    if (Object.keys(direction === 'request' ? fresh : old).length === 0) return [];
    const faults: string[] = [];
    if (old['type'] !== fresh['type'])
      return [`${where}: was ${String(old['type'])}, is ${String(fresh['type'])}`];
    if (old['const'] !== undefined && fresh['const'] !== undefined && old['const'] !== fresh['const'])
      return [`${where}: was ${String(old['const'])}, is ${String(fresh['const'])}`];
    const needed = list<string>(fresh['required']);
    const wasNeeded = list<string>(old['required']);
    if (direction === 'request') {
      for (const name of needed)
        if (!wasNeeded.includes(name)) faults.push(`${where}: ${name} is needed now`);
      faults.push(...this.narrowed(where, old, fresh));
    } else
      for (const name of wasNeeded)
        if (!needed.includes(name) && object(fresh['properties'])[name])
          faults.push(`${where}: ${name} may be missing now`);
    for (const [name, schema] of Object.entries(object(old['properties']))) {
      const next = object(fresh['properties'])[name];
      if (next === undefined) faults.push(`${where}: ${name} is gone`);
      else faults.push(...this.schema(`${where}.${name}`, schema, next, direction));
    }
    if (old['items']) faults.push(...this.schema(`${where}[]`, old['items'], fresh['items'], direction));
    return faults;
  }

  private narrowed(where: string, old: Json, fresh: Json): string[] {
    return limits.flatMap(([name, largerTakesMore]) => {
      const [was, is] = [old[name], fresh[name]];
      if (typeof is !== 'number') return [];
      const takesAll = typeof was === 'number' && (largerTakesMore ? is >= was : is <= was);
      return takesAll ? [] : [`${where}: ${name} was ${String(was ?? 'none')}, is ${is}`];
    });
  }

  call(call: string, old: Json, fresh: Json): string[] {
    const faults: string[] = [];
    const json = (part: unknown): unknown => {
      const content = object(object(part)['content']);
      return object(content['application/json'] ?? content['application/x-ndjson'])['schema'];
    };
    for (const [status, response] of Object.entries(object(old['responses']))) {
      const next = object(fresh['responses'])[status];
      if (next === undefined) faults.push(`${call}: ${status} is gone`);
      else if (status.startsWith('2'))
        faults.push(...this.schema(`${call} ${status}`, json(response), json(next), 'response'));
    }
    if (fresh['requestBody'])
      faults.push(
        ...this.schema(`${call} body`, json(old['requestBody']), json(fresh['requestBody']), 'request'),
      );
    else if (old['requestBody']) faults.push(`${call}: takes no body any more`);
    return [...faults, ...this.parameters(call, old, fresh)];
  }

  private parameters(call: string, old: Json, fresh: Json): string[] {
    const byName = (operation: Json) =>
      new Map(
        list<Json>(operation['parameters']).map((one) => [
          `${String(one['in'])} ${String(one['name'])}`,
          one,
        ]),
      );
    const before = byName(old);
    const after = byName(fresh);
    const gone = [...before.keys()]
      .filter((name) => !after.has(name))
      .map((name) => `${call}: ${name} is gone`);
    const changed = [...after].flatMap(([name, one]) => {
      const was = before.get(name);
      if (one['required'] && !was?.['required']) return [`${call}: ${name} is needed now`];
      if (!was) return [];
      // `?status=a` alone is also a list of one.
      const repeats = object(one['schema'])['type'] === 'array' && object(was['schema'])['type'] !== 'array';
      const schema = repeats ? object(one['schema'])['items'] : one['schema'];
      return this.schema(`${call} ${name}`, was['schema'], schema, 'request');
    });
    return [...gone, ...changed];
  }
}

const operations = (document: Json): Map<string, Json> =>
  new Map(
    Object.entries(object(document['paths'])).flatMap(([path, methods]) =>
      Object.entries(object(methods)).map(([method, operation]): [string, Json] => [
        `${method.toUpperCase()} ${path}`,
        object(operation),
      ]),
    ),
  );

/**
 * What would break a client that was written against `frozen`, one sentence each; none when every change is an addition: a call,
 * a field of an answer, a field that may be left out, a value, a wider limit.
 */
export function breaks(frozen: object, now: object): string[] {
  const comparison = new Comparison(frozen as Json, now as Json);
  const current = operations(now as Json);
  return [...operations(frozen as Json)].flatMap(([call, old]) => {
    const fresh = current.get(call);
    return fresh ? comparison.call(call, old, fresh) : [`${call} is gone`];
  });
}
