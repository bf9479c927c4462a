import {
  connectNats,
  createLog,
  IdentitySigner,
  refuseDevelopmentKeys,
  startTelemetry,
} from '@oms/chassis/edge';
import { eventsIdentity } from '@oms/contracts';
import { createApp } from './app.js';
import { bearerCheck } from './auth/bearer.js';
import { rpc } from './call.js';
import type { config } from './config.js';
import { drain, httpServer } from './door/server.js';
import { Feed } from './feed/feed.js';
import { StreamReader } from './feed/stream-reader.js';

/** The gateway, from its settings until it is asked to stop: what it is made of is wired here and nowhere else. */
export async function bootGateway(settings: ReturnType<typeof config.read>): Promise<void> {
  refuseDevelopmentKeys(settings.identityKey, settings.authIssuer, settings.providerWebhookSecrets);
  const log = createLog('gateway', settings.logLevel);
  const stopTelemetry = await startTelemetry({
    service: 'gateway',
    endpoint: settings.otlpEndpoint,
    log,
  });
  let ready = false;
  const [nc, events] = await Promise.all([
    connectNats({ config: settings, identity: 'gateway', seed: settings.natsSeed, log }),
    connectNats({
      config: settings,
      identity: eventsIdentity('gateway'),
      seed: settings.natsEventsSeed,
      log,
    }),
  ]);
  const feed = new Feed({
    reader: new StreamReader(events, settings.natsApiPrefix),
    mostStreams: settings.eventStreamsAtOnce,
    lifeMs: settings.eventStreamLifeMs,
    heartbeatMs: settings.eventStreamHeartbeatMs,
    log,
  });
  const app = createApp({
    call: rpc(nc, new IdentitySigner(settings.identityKey), settings.rpcTimeoutMs),
    bearer: bearerCheck({
      issuer: settings.authIssuer,
      jwksUrl: settings.authJwksUrl,
      audience: settings.authAudience,
      algorithms: settings.authAlgorithms,
      type: settings.authType,
      clockToleranceS: settings.authClockToleranceS,
      roleClaim: settings.authRoleClaim,
    }),
    feed,
    readiness: { ready: () => ready && !nc.isClosed() },
    log,
    rules: settings,
  });
  const server = httpServer(app, settings);
  server.on('error', (error: NodeJS.ErrnoException) => {
    log.fatal({ code: error.code }, `cannot listen on ${settings.host}:${settings.port}`);
    process.exit(1);
  });
  server.listen(settings.port, settings.host, () => {
    ready = true;
    log.info({ host: settings.host, port: settings.port }, 'listening');
  });

  /** Requests under way are answered before the connection to the services goes. */
  async function stop(): Promise<void> {
    if (!ready) return;
    ready = false;
    feed.close();
    await drain(server);
    await Promise.all([nc.drain(), events.drain()]);
    await stopTelemetry();
    process.exit(0);
  }
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
}
