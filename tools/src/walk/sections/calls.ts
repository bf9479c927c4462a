import { restRoutes } from '@oms/contracts';
import { same, section, type Sentence } from '../sentence.ts';

/** What holds for every row of the contract, whatever it does. */
export const everyCall = section(
  'Every call',
  Object.fromEntries(
    restRoutes.map((row): [string, Sentence['holds']] => [
      `${row.method} ${row.path} answers a stranger 401 with how to authenticate`,
      async (w) => {
        const path = row.path.replace(/:\w+/g, 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha');
        // Not by the world's own fetch: a refusal is no use of the call.
        const answer = await fetch(`${w.url}/api/v1${path}`, { method: row.method });
        same([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer realm="oms"']);
        same(answer.headers.get('content-type')?.startsWith('application/problem+json'), true);
      },
    ]),
  ),
);

/** The path of a row as a pattern: a parameter is one part of the path. */
const asPattern = (path: string): RegExp => new RegExp(`^/api/v1${path.replace(/:\w+/g, '[^/]+')}$`);

/** Stands last: by then the walk has made every call that it makes. */
export const nothingLeftOver = section('Every call', {
  'every call of the contract was made by this walk': async (w) => {
    const made = [...w.made];
    const left = restRoutes.filter(({ method, path }) => {
      const pattern = asPattern(path);
      // A path without parameters comes before one that would take its last part for an id.
      const others = restRoutes.filter(
        (row) => row.method === method && row.path !== path && !row.path.includes(':'),
      );
      return !made.some((call) => {
        const [verb, address = ''] = call.split(' ');
        return (
          verb === method && pattern.test(address) && !others.some((row) => address === `/api/v1${row.path}`)
        );
      });
    });
    same(
      left.map((row) => row.name),
      [],
    );
  },
});
