import { codesOf, errors, isErrorCode, restRoutes, statusOf, type ErrorCode } from '@oms/contracts';
import { Router } from 'express';
import { otherMethods } from './door/methods.js';
import { Problem } from './problem.js';
import { code, escape, page, sendPage, table } from './reference-page.js';

const statusOfCode = (name: ErrorCode): string => String(statusOf[errors[name].kind]);

function index(): string {
  const rows = (Object.keys(errors) as ErrorCode[]).map((name) => [
    `<a href="/problems/${name}">${code(name)}</a>`,
    statusOfCode(name),
    escape(errors[name].title),
  ]);
  return page(
    'OMS problems',
    `<main><h1>Problems</h1>
<p>Every failure is a problem of RFC 9457; its ${code('code')} never changes its meaning. <a href="/docs">REST reference</a></p>
${table(['code', 'status', 'title'], rows)}</main>`,
  );
}

function detail(name: ErrorCode): string {
  const calls = restRoutes
    .filter((row) => codesOf(row).includes(name))
    .map((row) => [code(`${row.method} /api/v1${row.path.replace(/:(\w+)/g, '{$1}')}`), escape(row.does)]);
  return page(
    name,
    `<nav><a href="/problems">All problems</a></nav>
<main><h1>${escape(name)}</h1>
<p>${escape(errors[name].title)}.</p>
<dl><dt>status</dt><dd>${statusOfCode(name)}</dd></dl>
${calls.length === 0 ? '' : `<h2>Calls that can answer it</h2>${table(['call', 'what it does'], calls)}`}</main>`,
  );
}

/** Where the `type` of a problem leads. */
export function problemReference(): Router {
  const router = Router();
  router.get('/problems', (_req, res) => sendPage(res, index()));
  router.get('/problems/:code', (req, res) => {
    const name = req.params.code;
    if (!isErrorCode(name)) throw new Problem('not_found', 'no such problem');
    sendPage(res, detail(name));
  });
  router.all(['/problems', '/problems/:code'], otherMethods('GET'));
  return router;
}
