import type { EntityManager } from '@mikro-orm/postgresql';
import type { Log } from '../log.js';
import { readStanding, type Standing } from './standing.js';

/** Past which a service takes no new work from outside. */
export interface Limits {
  outboxAgeS: number;
  inboxDepth: number;
}

/** Under pressure it stays until it is well below the limit again, so that it does not flicker. */
const RELIEF = 0.8;

/**
 * Reads every few seconds how the schema's work stands, so that neither a scrape nor a request costs a look-up; says in the
 * log when pressure begins and ends, and which aggregate's sequence has a gap.
 */
export class BacklogWatch {
  private standing: Standing | undefined;
  private pressed: string | null = null;
  private known = new Set<string>();
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly options: {
    reader(): EntityManager;
    schema: string;
    limits: Limits;
    everyMs: number;
    log: Log;
  };

  constructor(options: BacklogWatch['options']) {
    this.options = options;
  }

  /** Waits for the first look, so that a service that is ready knows how it stands. */
  async start(): Promise<void> {
    const turn = async (): Promise<void> => {
      await this.look().catch((error: Error) =>
        this.options.log.warn({ reason: error.message }, 'backlog: not read, trying again'),
      );
      if (!this.stopped) this.timer = setTimeout(() => void turn(), this.options.everyMs);
    };
    await turn();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** As it stood at the last look. */
  last(): Standing | undefined {
    return this.standing;
  }

  /** Why no new work is taken, as a sentence; null when it is. */
  pressure(): string | null {
    return this.pressed;
  }

  async look(): Promise<void> {
    const { limits, log, reader, schema } = this.options;
    const standing = await readStanding(reader(), schema, Math.max(limits.inboxDepth + 1, 10_000));
    this.standing = standing;
    const share = this.pressed === null ? 1 : RELIEF;
    const now =
      standing.outboxOldestS > limits.outboxAgeS * share
        ? `the oldest event waits for ${Math.round(standing.outboxOldestS)} s to be published`
        : standing.inboxOpen > limits.inboxDepth * share
          ? `${standing.inboxOpen} events wait to be handled`
          : null;
    if ((now === null) !== (this.pressed === null)) {
      if (now === null) log.info('backlog: new work is taken again');
      else log.warn({ reason: now }, 'backlog: under pressure, no new work is taken');
    }
    this.pressed = now;
    this.tellGaps(standing);
  }

  private tellGaps({ gaps }: Standing): void {
    const seen = new Set(gaps.map((gap) => `${gap.aggregateId} ${gap.missing}`));
    for (const gap of gaps)
      if (!this.known.has(`${gap.aggregateId} ${gap.missing}`))
        this.options.log.error(gap, 'inbox: a gap in a sequence, later events wait');
    this.known = seen;
  }
}
