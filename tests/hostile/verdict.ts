import { codesOf, isErrorCode } from '@oms/contracts';
import type { HostileRequest } from './requests.ts';
import type { Reply } from './send.ts';

/** What must never leave the house, in an answer or in a log. None of it is in anything that the requests send. */
export const leaks: readonly [what: string, form: RegExp][] = [
  ['a stack', /\n?\s+at [\w.<>$ ]+ ?\(?(file:|\/|node:)/],
  ['a path', /node_modules|\/(dist|src)\/[\w/-]+\.[jt]s/],
  [
    'an SQL text',
    /\b(insert into|update|delete from|select .{1,200}? from) "?(orders|returns|payments|notifications)"?\./i,
  ],
  ['a message of Postgres', /violates|syntax error at|invalid byte sequence|relation "|duplicate key value/],
  ['a library', /MikroORM|ZodError|DriverException|TypeError|RangeError|Cannot read propert/],
  ['an address inside', /nats:\/\/|postgres:\/\/|_INBOX_\w+\.\w|ECONNREFUSED/],
];

/** Why `reply` is not what a caller may get; empty when it is. */
export function faultsOf(request: HostileRequest, reply: Reply): string[] {
  const faults: string[] = [];
  if (reply.status >= 500) faults.push(`answered ${reply.status}`);
  for (const [what, form] of leaks)
    if (form.test(reply.body) || form.test(reply.headers)) faults.push(`tells ${what}`);
  if (/^x-injected:/im.test(reply.headers)) faults.push('has an injected header');
  if (reply.status < 400 || request.method === 'HEAD') return faults;
  if (!/^content-type: application\/problem\+json/im.test(reply.headers))
    return [...faults, `is no problem: ${reply.status}`];
  const problem = JSON.parse(reply.body) as {
    code: string;
    status: number;
  };
  if (problem.status !== reply.status) faults.push(`is ${reply.status} and says ${problem.status}`);
  const elsewhere =
    [405, 408, 413, 415, 431].includes(reply.status) ||
    problem.code === 'malformed_request' ||
    problem.code === 'malformed_body';
  if (
    !elsewhere &&
    request.method === request.aim.method &&
    !(
      isErrorCode(problem.code) &&
      (codesOf(request.aim).includes(problem.code) || problem.code === 'not_found')
    )
  )
    faults.push(`answers ${problem.code}, which ${request.aim.name} is not said to`);
  return faults;
}
