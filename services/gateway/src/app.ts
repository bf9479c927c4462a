import { inHttpSpan, newId, type Log } from '@oms/chassis/edge';
import cors from 'cors';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { apiKeyCheck } from './auth/api-key.js';
import { authenticate } from './auth/authenticate.js';
import type { BearerCheck } from './auth/bearer.js';
import type { Call } from './call.js';
import { keepPrivate } from './door/caching.js';
import { limitCallers, shed } from './door/limits.js';
import { refuseMalformed } from './door/malformed.js';
import { httpMetrics } from './door/metrics.js';
import { otherMethods } from './door/methods.js';
import { takesJson } from './door/negotiation.js';
import { strangers } from './door/strangers.js';
import { eventReference } from './event-reference.js';
import type { Feed } from './feed/feed.js';
import { Problem, problemHandler } from './problem.js';
import { problemReference } from './problem-reference.js';
import { PROVIDER_WEBHOOKS, providerWebhooks } from './provider-webhooks.js';
import { reference } from './reference.js';
import { routes } from './routes.js';
import { unsubscribe } from './unsubscribe.js';

/** What the process knows about itself: liveness is the event loop answering, readiness the broker. */
export interface Readiness {
  ready(): boolean;
}

/** How the door is set; each is a setting of the gateway. */
export interface DoorRules {
  bodyLimitBytes: number;
  idempotencyKeysRequired: boolean;
  corsOrigins: string[];
  mostAtOnce: number;
  callsPerMinute: number;
  wrongTokensPerMinute: number;
  trustedProxies: number;
  providerWebhookSecrets: string[];
}

/** A client's own request id is taken only in a form that is safe to log and to send on. */
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

const EXPOSED = [
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
];

/** The Express application, read from top to bottom as a request passes it; it holds no state and no rule of the business. */
export function createApp(options: {
  call: Call;
  readiness: Readiness;
  log: Log;
  bearer: BearerCheck;
  feed: Feed;
  rules: DoorRules;
}): Express {
  const { rules } = options;
  const app = express();
  const metrics = httpMetrics(() => options.feed.streams);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', rules.trustedProxies);
  app.get('/livez', (_req, res) => void res.json({ status: 'ok' }));
  app.get('/readyz', (_req, res) => {
    const ready = options.readiness.ready();
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'waiting' });
  });
  app.get('/metrics', metrics.expose);
  app.use(metrics.observe);
  app.use(helmet());
  app.use(cors({ origin: rules.corsOrigins, exposedHeaders: EXPOSED, maxAge: 600 }));
  app.use((req, res, next) => {
    const given = req.get('X-Request-Id');
    const requestId = given && REQUEST_ID.test(given) ? given : newId('req');
    res.setHeader('X-Request-Id', requestId);
    inHttpSpan(req, res, requestId, next);
  });
  app.use(refuseMalformed);
  app.all(['/livez', '/readyz', '/metrics'], otherMethods('GET'));
  app.use(reference());
  const doors = ['/api/v1', '/unsubscribe', PROVIDER_WEBHOOKS];
  app.use(doors, keepPrivate);
  app.use(doors, shed(rules.mostAtOnce));
  const { turn, refuse } = strangers(rules.wrongTokensPerMinute);
  app.use(eventReference());
  app.use(problemReference());
  app.use(unsubscribe(options.call));
  if (rules.providerWebhookSecrets.length > 0)
    app.all(PROVIDER_WEBHOOKS, providerWebhooks(options.call, rules.providerWebhookSecrets));
  app.use('/api/v1', authenticate({ bearer: options.bearer, apiKey: apiKeyCheck(options.call) }, turn));
  app.use('/api/v1', limitCallers(rules.callsPerMinute));
  app.get('/api/v1/events', options.feed.handle);
  app.all('/api/v1/events', otherMethods('GET'));
  app.use(takesJson);
  // Compressed bodies are not taken: what a small one unpacks to is nobody's business here.
  // What is JSON and no object is told as such, by `parse`.
  app.use(express.json({ limit: rules.bodyLimitBytes, strict: false, inflate: false }));
  app.use(routes(options.call, { keysRequired: rules.idempotencyKeysRequired }));
  app.use(() => {
    throw new Problem('not_found', 'no such path');
  });
  app.use(doors, refuse);
  app.use(problemHandler(options.log));
  return app;
}
