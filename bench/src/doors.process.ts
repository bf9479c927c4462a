import { connectNats, createLog, IdentitySigner, inHttpSpan, newId, startTelemetry } from '@oms/chassis/edge';
import type { Caller } from '@oms/contracts';
import express from 'express';
import type { AddressInfo } from 'node:net';
import { rpc } from '../../services/gateway/dist/call.js';
import { config } from '../../services/gateway/dist/config.js';
import { httpMetrics } from '../../services/gateway/dist/door/metrics.js';
import { httpServer } from '../../services/gateway/dist/door/server.js';
import { problemHandler } from '../../services/gateway/dist/problem.js';
import { routes } from '../../services/gateway/dist/routes.js';

/**
 * The gateway without its door, for {@link doorCost} only: the same rows, bodies, spans and metrics, and nobody is asked who
 * he is, how often he has been here, or for an Idempotency-Key. Its parent gets its port, and takes it along when it ends.
 */
const settings = config.read();
const log = createLog('bare-gateway', settings.logLevel);
await startTelemetry({ service: 'bare-gateway', endpoint: null, log });
const nc = await connectNats({ config: settings, identity: 'gateway', seed: settings.natsSeed, log });
/** Everybody is the one caller of the bench, who is signed for once every while. */
const caller: Caller = { type: 'staff', id: 'bench', scopes: null };

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.set('query parser', 'simple');
app.use(httpMetrics(() => 0).observe);
app.use((req, res, next) => {
  const requestId = newId('req');
  res.setHeader('X-Request-Id', requestId);
  res.locals['caller'] = caller;
  inHttpSpan(req, res, requestId, next);
});
app.use(express.json({ limit: settings.bodyLimitBytes, strict: true, inflate: false }));
app.use(
  routes(rpc(nc, new IdentitySigner(settings.identityKey), settings.rpcTimeoutMs), { keysRequired: false }),
);
app.use(problemHandler(log));

const server = httpServer(app, settings);
server.listen(0, settings.host, () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));
