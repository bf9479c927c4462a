import type { MikroORM } from '@mikro-orm/postgresql';
import type { ServiceConfig } from '../config.js';
import type { Log } from '../log.js';
import type { Relay } from '../outbox/relay.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { metricsOf, type OwnGauge } from './metrics.js';
import { Retention, type OwnRetention } from './retention.js';
import { BacklogWatch } from './watch.js';

/** What a service does about its own backlog: it watches it, tells of it, refuses more when it is too long, and clears away what is over. */
export class Backlog {
  /** What Prometheus scrapes. */
  readonly metrics: () => Promise<string>;
  private readonly watch: BacklogWatch;
  private readonly retention: Retention;

  constructor(options: {
    config: ServiceConfig;
    schema: string;
    gauges: readonly OwnGauge[];
    retention: readonly OwnRetention[];
    orm: MikroORM;
    uow: UnitOfWork;
    relay: Relay;
    log: Log;
  }) {
    const { config, schema, gauges, retention, orm, uow, relay, log } = options;
    this.watch = new BacklogWatch({
      reader: () => uow.reader(),
      schema,
      limits: { outboxAgeS: config.outboxAgeLimitS, inboxDepth: config.inboxDepthLimit },
      everyMs: config.backlogEveryMs,
      log,
    });
    this.retention = new Retention({
      uow,
      schema,
      rules: {
        outboxDays: config.outboxRetentionDays,
        inboxDays: config.inboxRetentionDays,
        idempotencyHours: config.idempotencyRetentionHours,
      },
      own: retention,
      everyMs: config.retentionEveryMs,
      log,
    });
    this.metrics = metricsOf({
      schema,
      standing: () => this.watch.last(),
      underPressure: () => this.watch.pressure() !== null,
      relayLeads: () => relay.isLeading(),
      pool: async () => {
        const pool = await orm.driver.getConnection().getNativeClient();
        return { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
      },
      pruned: () => this.retention.pruned,
      streamLost: () => relay.streamLost(),
      own: gauges.map(({ read, ...gauge }) => ({ ...gauge, read: () => read(uow.reader()) })),
    });
  }

  async start(): Promise<void> {
    await this.watch.start();
    this.retention.start();
  }

  async stop(): Promise<void> {
    this.watch.stop();
    await this.retention.stop();
  }

  /** Why no new work from outside is taken, as a sentence; null when it is. */
  pressure(): string | null {
    return this.watch.pressure();
  }
}
