import { inHttpSpan, newId, type Log } from '@oms/chassis/edge';
import express, { type Express } from 'express';
import { apiKeyCheck } from './auth/api-key.js';
import { authenticate } from './auth/authenticate.js';
import type { BearerCheck } from './auth/bearer.js';
import type { Call } from './call.js';
import { Problem, problemHandler } from './problem.js';
import { routes } from './routes.js';

/** What the process knows about itself: liveness is the event loop answering, readiness the broker. */
export interface Readiness {
  ready(): boolean;
}

/** A client's own request id is taken only in a form that is safe to log and to send on. */
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The Express application; it holds no state and no rule of the business. */
export function createApp(options: {
  call: Call;
  readiness: Readiness;
  log: Log;
  bodyLimitBytes: number;
  bearer: BearerCheck;
  idempotencyKeysRequired: boolean;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.get('/livez', (_req, res) => void res.json({ status: 'ok' }));
  app.get('/readyz', (_req, res) => {
    const ready = options.readiness.ready();
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'waiting' });
  });
  app.use((req, res, next) => {
    const given = req.get('X-Request-Id');
    const requestId = given && REQUEST_ID.test(given) ? given : newId('req');
    res.setHeader('X-Request-Id', requestId);
    inHttpSpan(req, res, requestId, next);
  });
  app.use('/api/v1', authenticate({ bearer: options.bearer, apiKey: apiKeyCheck(options.call) }));
  app.use(express.json({ limit: options.bodyLimitBytes, strict: true }));
  app.use(routes(options.call, { keysRequired: options.idempotencyKeysRequired }));
  app.use((_req, _res) => {
    throw new Problem('not_found', 'no such path');
  });
  app.use(problemHandler(options.log));
  return app;
}
