import { connectNats, createLog, IdentitySigner, inHttpSpan, newId, startTelemetry } from '@oms/chassis/edge';
import type { Caller } from '@oms/contracts';
import express, { type Express, type RequestHandler } from 'express';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../services/gateway/dist/app.js';
import { apiKeyCheck } from '../../services/gateway/dist/auth/api-key.js';
import { authenticate } from '../../services/gateway/dist/auth/authenticate.js';
import { bearerCheck } from '../../services/gateway/dist/auth/bearer.js';
import { rpc } from '../../services/gateway/dist/call.js';
import { config } from '../../services/gateway/dist/config.js';
import { httpMetrics } from '../../services/gateway/dist/door/metrics.js';
import { httpServer } from '../../services/gateway/dist/door/server.js';
import { problemHandler } from '../../services/gateway/dist/problem.js';
import { routes } from '../../services/gateway/dist/routes.js';

/**
 * The gateway behind several doors, for {@link doorCost} only, each on its own port: without one, with authentication, and as
 * it is. All in one process: two would differ by their heaps and by what V8 has made of the code so far. Its parent gets the
 * ports, and takes it along when it ends.
 */
const settings = config.read();
const log = createLog('doors', settings.logLevel);
await startTelemetry({ service: 'doors', endpoint: null, log });
const nc = await connectNats({ config: settings, identity: 'gateway', seed: settings.natsSeed, log });
const call = rpc(nc, new IdentitySigner(settings.identityKey), settings.rpcTimeoutMs);
const bearer = bearerCheck({
  issuer: settings.authIssuer,
  jwksUrl: settings.authJwksUrl,
  audience: settings.authAudience,
  algorithms: settings.authAlgorithms,
  type: settings.authType,
  clockToleranceS: settings.authClockToleranceS,
  roleClaim: settings.authRoleClaim,
});

/** The same rows, bodies, spans and metrics, and of the door only what `identify` does. */
function without(identify: RequestHandler): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(httpMetrics(() => 0).observe);
  app.use((req, res, next) => {
    const requestId = newId('req');
    res.setHeader('X-Request-Id', requestId);
    inHttpSpan(req, res, requestId, next);
  });
  app.use(identify);
  app.use(express.json({ limit: settings.bodyLimitBytes, strict: false, inflate: false }));
  app.use(routes(call, { keysRequired: false }));
  app.use(problemHandler(log));
  return app;
}

/** Everybody is the one caller of the bench, who is signed for once every while. */
const anybody: Caller = { type: 'staff', id: 'bench', scopes: null };
const doors = {
  none: without((_req, res, next) => {
    res.locals['caller'] = anybody;
    next();
  }),
  identified: without(authenticate({ bearer, apiKey: apiKeyCheck(call) }, () => (work) => work())),
  whole: createApp({
    call,
    bearer,
    feed: { streams: 0, handle: () => {} } as never,
    readiness: { ready: () => true },
    log,
    rules: { ...settings, callsPerMinute: 10_000_000 },
  }),
};
const ports: Record<string, number> = {};
for (const [name, app] of Object.entries(doors)) {
  const server = httpServer(app, settings);
  await new Promise<void>((listening) => server.listen(0, settings.host, listening));
  ports[name] = (server.address() as AddressInfo).port;
}
process.send?.(ports);
process.once('disconnect', () => process.exit(0));
