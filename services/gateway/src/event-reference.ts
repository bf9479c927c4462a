import { asyncapi, eventRegistry, fieldsOf, schemaPath, type EventEntry } from '@oms/contracts';
import { Router, type Response } from 'express';
import { Problem } from './problem.js';

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one] ?? one);
const code = (text: string): string => `<code>${escape(text)}</code>`;

/** A sentence of the contracts; what it quotes in backticks is code. */
const prose = (text: string): string => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const style = `:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a4150); --soft: light-dark(#f4f6f9, #1d222b); --link: light-dark(#0b57b0, #8ab8ff); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; background: light-dark(#fff, #14181f); color: light-dark(#1a1f29, #e4e8ef); }
a { color: var(--link); } h1 { font-size: 1.6rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); }
code, pre { font: .875em/1.5 ui-monospace, monospace; } td code { white-space: nowrap; }
pre { background: var(--soft); padding: 1rem; border-radius: .4rem; overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; } dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .6rem; } }
`;

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(title)}</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/events.css"></head>
<body>${body}</body>
</html>
`;

const table = (heads: readonly string[], rows: readonly string[][]): string =>
  `<div class="wide"><table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('')}</tbody></table></div>`;

function index(): string {
  const rows = eventRegistry().map((entry) => [
    `<a href="/docs/events/${entry.type}">${code(entry.name)}</a>`,
    prose(entry.because),
    code(entry.subject),
    escape(entry.consumers.join(', ')),
  ]);
  return page(
    'OMS events',
    `<main><h1>Events</h1>
<p>What happened to orders, payments and returns: CloudEvents 1.0 in binary mode, on the stream ${code('OMS')}, at least once and in order for each
order, payment and return. Within a major version an event only gains optional fields. <a href="/asyncapi.json">AsyncAPI document</a> · <a href="/docs">REST reference</a></p>
${table(['event', 'published when', 'subject', 'used by'], rows)}</main>`,
  );
}

function detail(entry: EventEntry): string {
  const fields = fieldsOf(entry.schema).map(({ path, type, optional }) => [
    code(path),
    escape(type),
    optional ? 'may be missing: it was added later' : '',
  ]);
  return page(
    entry.type,
    `<nav><a href="/docs/events">All events</a></nav>
<main><h1>${escape(entry.name)}</h1>
<p>Published when ${prose(entry.because)}.</p>
<dl><dt>type</dt><dd>${code(entry.type)}</dd><dt>subject</dt><dd>${code(entry.subject)}</dd><dt>published by</dt><dd>${escape(entry.publisher)}</dd>
<dt>used by</dt><dd>${escape(entry.consumers.join(', ') || 'none of our own services')}</dd>
<dt>schema</dt><dd><a href="${schemaPath(entry.type)}">${escape(schemaPath(entry.type))}</a></dd></dl>
<h2>Payload</h2>${table(['field', 'type', ''], fields)}
<h2>Example</h2><pre tabindex="0">${escape(JSON.stringify(entry.example, null, 2))}</pre></main>`,
  );
}

/** The registry of events for whoever builds on them: schemas, the AsyncAPI document, and pages that need no script. */
export function eventReference(): Router {
  const router = Router();
  const find = (type: unknown): EventEntry => {
    const entry = eventRegistry().find((one) => one.type === type);
    if (!entry) throw new Problem('not_found', 'no such event');
    return entry;
  };
  const html = (res: Response, text: string) =>
    void res
      .setHeader('Content-Security-Policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
      .type('text/html')
      .send(text);
  let document: string | undefined;
  router.get('/asyncapi.json', (_req, res) => {
    document ??= JSON.stringify(asyncapi());
    res.type('application/json').send(document);
  });
  router.get('/schemas/:type.json', (req, res) => {
    const { schema } = find(req.params.type);
    // A form that was published once may only gain fields: an hour is early enough to see them.
    res
      .setHeader('Cache-Control', 'public, max-age=3600')
      .type('application/schema+json')
      .send(JSON.stringify(schema));
  });
  router.get('/docs/events.css', (_req, res) => void res.type('text/css').send(style));
  router.get('/docs/events', (_req, res) => html(res, index()));
  router.get('/docs/events/:type', (req, res) => html(res, detail(find(req.params.type))));
  return router;
}
