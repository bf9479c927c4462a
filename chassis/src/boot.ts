import 'reflect-metadata';
import { Catch, Module, type DynamicModule, type ExceptionFilter, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  eventsIdentity,
  events as eventTypes,
  inboxPrefix,
  serviceNames,
  STREAM,
  type ServiceName,
} from '@oms/contracts';
import { throwError, type Observable } from 'rxjs';
import type { Aggregate, Deadlines } from './aggregate.js';
import { Backlog } from './backlog/backlog.js';
import type { OwnGauge } from './backlog/metrics.js';
import type { OwnRetention } from './backlog/retention.js';
import { ChassisModule } from './chassis.module.js';
import type { ServiceConfig } from './config.js';
import { Executor } from './execute.js';
import { startHealth } from './health.js';
import { Ingest } from './inbox/ingest.js';
import type { Projection } from './inbox/store.js';
import { IdentitySigner, IdentityVerifier, refuseDevelopmentKeys } from './identity.js';
import { InboxWorker } from './inbox/work.js';
import { createLog, type Log } from './log.js';
import { verify, verifySaga } from './machine/index.js';
import { connectNats } from './messaging/connect.js';
import { header } from './messaging/headers.js';
import { rpcRequest } from './messaging/request.js';
import { ServiceTransport } from './messaging/transport.js';
import { migrate, openOrm, type SchemaDefinition } from './orm.js';
import { Relay } from './outbox/relay.js';
import { answerOperations } from './operations/index.js';
import type { Runtime } from './runtime.js';
import { SagaTimers } from './saga-timers.js';
import { startTelemetry } from './telemetry.js';
import { UnitOfWork, type AfterCommit } from './unit-of-work.js';

/** What a service is made of; its module file declares one of these. */
export interface ServiceDefinition extends SchemaDefinition {
  name: ServiceName;
  aggregates: readonly Aggregate[];
  controllers: readonly Type[];
  /** Further providers of the service's own; they may inject EXECUTOR and RUNTIME. */
  providers?: DynamicModule['providers'];
  /** What every stored event makes here, beside what handlers do with those that they listen to. */
  projection?: Projection;
  /** What the service itself has to tell in /metrics. */
  gauges?: readonly OwnGauge[];
  /** Rows of the service's own that are over some day, beside those of the chassis. */
  retention?: readonly OwnRetention[];
  /** Loops of the service's own, started when everything else runs. */
  start?(runtime: Runtime): Promise<{ stop(): Promise<void> }>;
}

/** Nest's own filter would replace the error by its generic one, and the inbox could not say what went wrong. */
@Catch()
class PassOn implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

const RETRY_MS = 500;
const DRAIN_MS = 9_000;

/** Waits for `step` for ever; what it waits for is said once. */
async function patiently<T>(log: Log, what: string, step: () => Promise<T>): Promise<T> {
  for (let told = false; ; told = true) {
    try {
      return await step();
    } catch (error) {
      if (!told) log.warn({ reason: (error as Error).message }, `waiting for ${what}`);
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

function checkTables(definition: ServiceDefinition): void {
  const names = new Set(Object.keys(eventTypes));
  const faults = [
    ...verify(
      definition.aggregates.map((aggregate) => aggregate.machine),
      names,
    ),
    ...definition.aggregates.flatMap((aggregate) => (aggregate.saga ? verifySaga(aggregate.saga.table) : [])),
    ...definition.aggregates.flatMap((aggregate) =>
      aggregate.machine.rows.flatMap((row) =>
        (row.emits ?? [])
          .filter((name) => !aggregate.payloads[name])
          .map((name) => `${aggregate.type}: no payload for ${name}`),
      ),
    ),
  ];
  if (faults.length > 0) throw new Error(`the tables are wrong:\n${faults.join('\n')}`);
}

/**
 * Starts a service and keeps it: waits for ever for Postgres, NATS and its consumer, in whatever order they come; on
 * SIGTERM stops taking work, finishes what runs, and leaves within ten seconds. `deadlines` are what the operator set for
 * its sagas.
 */
export async function bootService(
  definition: ServiceDefinition,
  config: ServiceConfig,
  options: { deadlines?: Deadlines } = {},
): Promise<void> {
  if (!serviceNames.includes(definition.name)) throw new Error(`unknown service ${definition.name}`);
  const log = createLog(definition.name, config.logLevel);
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection');
    process.exit(1);
  });
  checkTables(definition);
  const stopTelemetry = await startTelemetry({
    service: definition.name,
    endpoint: config.otlpEndpoint,
    log,
  });

  const state = { migrated: false, draining: false };
  let orm: MikroORM | undefined;
  let nc: NatsConnection | undefined;
  let events: NatsConnection | undefined;
  let ingest: Ingest | undefined;
  let backlog: Backlog | undefined;
  const health = await startHealth({
    host: config.healthHost,
    port: config.healthPort,
    checks: [
      { name: 'running', ok: () => state.migrated && !state.draining },
      {
        name: 'postgres',
        ok: async () =>
          orm ? (await (orm.em.fork() as EntityManager).execute('select 1')).length === 1 : false,
      },
      {
        name: 'nats',
        ok: async () => (nc && events ? (await Promise.all([nc.rtt(), events.rtt()])).length === 2 : false),
      },
      { name: 'consumer', ok: () => ingest?.isBound() ?? false },
    ],
    pressure: () => backlog?.pressure() ?? null,
    metrics: async () => (await backlog?.metrics()) ?? '',
  });

  const [openedOrm, openedNc, openedEvents] = await Promise.all([
    patiently(log, 'Postgres', async () => {
      const opened = await openOrm({
        ...definition,
        databaseUrl: config.databaseUrl,
        poolMax: config.databasePoolMax,
      });
      await migrate(opened, config.databaseUrl, definition.schema);
      return opened;
    }),
    connectNats({ config, identity: definition.name, seed: config.natsSeed, log }),
    connectNats({
      config,
      identity: eventsIdentity(definition.name),
      seed: config.natsEventsSeed,
      log,
    }),
  ]);
  orm = openedOrm;
  nc = openedNc;
  events = openedEvents;
  state.migrated = true;

  const uow = new UnitOfWork(orm);
  const relay = new Relay({
    databaseUrl: config.databaseUrl,
    schema: definition.schema,
    stream: STREAM,
    nc: events,
    apiPrefix: config.natsApiPrefix,
    log,
  });
  const executor = new Executor({
    uow,
    schema: definition.schema,
    service: definition.name,
    log,
    ...(options.deadlines ? { deadlines: options.deadlines } : {}),
    pressure: () => backlog?.pressure() ?? null,
    cursorKey: config.cursorKey,
    wrote: () => relay.notify(),
  });
  backlog = new Backlog({
    config,
    schema: definition.schema,
    gauges: definition.gauges ?? [],
    retention: definition.retention ?? [],
    orm,
    uow,
    relay,
    log,
  });
  const context = (em: EntityManager, after: AfterCommit, causationId: string | null) =>
    executor.context(em, after, { causationId });
  refuseDevelopmentKeys(config.identityKey);
  const signer = new IdentitySigner(config.identityKey);
  const self = { type: 'system', id: definition.name, scopes: null } as const;
  const runtime: Runtime = {
    ask: async (subject, body, timeoutMs) =>
      rpcRequest(openedNc, subject, body, {
        timeoutMs,
        headers: { [header.identity]: await signer.sign(self) },
      }),
    uow,
    nc,
    log,
    schema: definition.schema,
    databaseUrl: config.databaseUrl,
    context,
    executor,
  };

  @Module({})
  class ServiceModule {}
  const module: DynamicModule = {
    module: ServiceModule,
    imports: [ChassisModule.of(runtime, executor)],
    controllers: [...definition.controllers],
    providers: definition.providers ?? [],
  };
  const transport = new ServiceTransport({
    nc,
    queue: definition.name,
    replyPrefixes: ['gateway', ...serviceNames].map((caller) => `${inboxPrefix(caller)}.`),
    identities: new IdentityVerifier(config.identityKeys),
    concurrency: config.rpcConcurrency,
    waiting: config.rpcWaiting,
    log,
  });
  const app = await NestFactory.createMicroservice(module, {
    strategy: transport,
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  app.useGlobalFilters(new PassOn());

  await app.init();
  const worker = new InboxWorker({
    schema: definition.schema,
    uow,
    databaseUrl: config.databaseUrl,
    handlers: transport.eventHandlers(),
    concurrency: config.inboxConcurrency,
    attempts: config.inboxAttempts,
    log,
  });
  ingest = new Ingest({
    nc: events,
    apiPrefix: config.natsApiPrefix,
    stream: STREAM,
    durable: definition.name,
    schema: definition.schema,
    uow,
    interesting: [...transport.eventHandlers().keys()],
    projection: definition.projection,
    log,
    stored: () => worker.notify(),
  });
  answerOperations(transport, executor, {
    service: definition.name,
    schema: definition.schema,
    aggregates: definition.aggregates,
    uow,
    interesting: new Set(transport.eventHandlers().keys()),
    projection: definition.projection,
    redriven: () => worker.notify(),
  });
  const timers = new SagaTimers({
    schema: definition.schema,
    uow,
    aggregates: definition.aggregates,
    context,
    log,
  });
  relay.start();
  worker.start();
  ingest.start();
  timers.start();
  await backlog.start();
  const own = await definition.start?.(runtime);
  await app.listen();
  log.info('ready for work');

  const drain = async () => {
    if (state.draining) return;
    state.draining = true;
    log.info('draining');
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    timers.stop();
    await backlog?.stop();
    await own?.stop();
    await ingest?.stop();
    await worker.stop();
    await app.close();
    await relay.stop();
    await Promise.all([nc?.drain(), events?.drain()]);
    await orm?.close();
    await stopTelemetry();
    health.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void drain());
  process.once('SIGINT', () => void drain());
}
