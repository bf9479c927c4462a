import { asyncapi, eventRegistry, fieldsOf, schemaPath, type EventEntry } from '@oms/contracts';
import { Router } from 'express';
import { otherMethods } from './door/methods.js';
import { Problem } from './problem.js';
import { code, escape, page, prose, sendPage, style, table } from './reference-page.js';

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
  router.get('/docs/events', (_req, res) => sendPage(res, index()));
  router.get('/docs/events/:type', (req, res) => sendPage(res, detail(find(req.params.type))));
  router.all(
    ['/asyncapi.json', '/schemas/:type.json', '/docs/events.css', '/docs/events', '/docs/events/:type'],
    otherMethods('GET'),
  );
  return router;
}
