/** One request of an `.http` file, its variables not yet filled in. */
export interface HttpRequest {
  name: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Reads what of the `.http` notation our file uses: requests apart by `###`, `# @name`, headers, a body after a blank line. */
export function readHttpFile(text: string): HttpRequest[] {
  return text
    .split(/^###.*$/m)
    .slice(1)
    .map((block) => {
      const [head = '', ...rest] = block.trim().split('\n\n');
      const lines = head.split('\n');
      const name = /^# @name (\w+)$/.exec(lines[0] ?? '')?.[1] ?? '';
      const [method = '', url = ''] = (lines[1] ?? '').split(' ');
      const headers = Object.fromEntries(
        lines.slice(2).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      return { name, method, url, headers, body: rest.length > 0 ? rest.join('\n\n') : undefined };
    });
}

/** Fills `{{…}}` from `variables`, which may be answers: `createOrder.response.body.$.items[0].id`. Throws for what is nowhere. */
export function fill(text: string, variables: Readonly<Record<string, unknown>>): string {
  return text.replace(/\{\{([^}]+)\}\}/g, (_, name: string) => {
    if (name === '$guid') return crypto.randomUUID();
    const [first = '', path] = name.split('.response.body.$.');
    const value = (path ?? '')
      .split(/[.[\]]+/)
      .filter((step) => step !== '')
      .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], variables[first]);
    if (typeof value !== 'string') throw new Error(`{{${name}}} has no value`);
    return value;
  });
}
