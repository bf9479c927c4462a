import { restRoutes, type RestRow } from '@oms/contracts';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Call } from './call.js';
import { callerOf } from './auth/authenticate.js';
import { answerOfFirst, answerOfSeveral } from './fan-out.js';
import { otherMethods } from './door/methods.js';
import { offers } from './door/negotiation.js';
import { parse } from './parse.js';
import { isKnown, tagOf, versionsMeant } from './preconditions.js';
import { Problem } from './problem.js';
import { streamList, type Page } from './stream.js';

const BASE = '/api/v1';

/** Rows that a stream asks its service for at once: the most that a list gives. */
const STREAM_PAGE = 200;

function handler(row: RestRow, call: Call, rules: { keysRequired: boolean }): RequestHandler {
  const type = row.streams ? 'application/x-ndjson' : 'application/json';
  return async (req: Request, res: Response) => {
    offers(req, type);
    const params = parse('params', row.params, req.params);
    const query = parse('query', row.query, req.query);
    const body = row.method === 'GET' ? {} : parse('body', row.body, req.body);
    if (row.idempotencyKey && rules.keysRequired && !req.get('Idempotency-Key'))
      throw new Problem('idempotency_key_required');
    const ask = (subject: string, question: object) =>
      call(subject, question, callerOf(res), {
        'oms-request-id': String(res.getHeader('X-Request-Id')),
        'oms-idempotency-key': req.get('Idempotency-Key'),
        'oms-idempotency-scope': `${row.method} ${req.path}`,
        'oms-if-match': versionsMeant(req.get('If-Match')),
      });
    if (row.subject !== undefined && row.streams)
      return streamList(res, async (cursor) => {
        const page = { ...query, limit: STREAM_PAGE, ...(cursor === undefined ? {} : { cursor }) };
        return (await ask(row.subject, page)).body as Page;
      });
    const answer = row.fanOut
      ? await answerOfSeveral(row.fanOut, { ...query, ...params }, ask)
      : row.firstOf
        ? await answerOfFirst(row.firstOf, (subject) => ask(subject, { ...query, ...body, ...params }))
        : await ask(row.subject, { ...query, ...body, ...params });
    if (answer.replayed) res.setHeader('Idempotency-Replayed', 'true');
    const text = JSON.stringify(answer.body ?? {});
    if (row.method === 'GET' || answer.version !== undefined) {
      const tag = tagOf(answer.version, text);
      res.setHeader('ETag', tag);
      if (row.method === 'GET' && isKnown(req.get('If-None-Match'), tag)) return void res.status(304).end();
    }
    const status = row.again && answer.unchanged ? 200 : row.success;
    if (row.location && status === 201) {
      const { id } = answer.body as { id: string };
      res.setHeader('Location', BASE + row.location.replace(/:\w+/, id));
    }
    res.status(status).type(type).send(text);
  };
}

/** Every call of the contract: a loop over its rows, and `405` with `Allow` for a path that knows other methods. */
export function routes(call: Call, rules: { keysRequired: boolean }): Router {
  const router = Router({ caseSensitive: true });
  const methods = new Map<string, Set<string>>();
  for (const row of restRoutes) {
    const verb = row.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete';
    router[verb](BASE + row.path, handler(row, call, rules));
    methods.set(row.path, (methods.get(row.path) ?? new Set()).add(row.method));
  }
  for (const [path, known] of methods) router.all(BASE + path, otherMethods(...known));
  return router;
}
