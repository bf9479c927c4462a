import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { millis, type NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import type { Log } from '../log.js';

const LOOK_EVERY_MS = 2_000;
/** A broker that does not answer this question is not asked before every batch. */
const REST_MS = 30_000;
const ANSWER_MS = 2_000;
const BATCH = 2_000;
/** Clocks of the broker and of Postgres differ; what is marked once too often the broker's own window takes out again. */
const CLOCKS_MS = 60_000;
/** Only the newest rows are asked how far the stream had come. */
const NEWEST = 500;

/** The broker answers that there is no such stream, or nobody answers for streams at all. */
const isMissing = (error: Error): boolean => /not found|not enabled|no responders/i.test(error.message);

/**
 * Finds out that the stream is not the one that this outbox was published into (it was deleted, its store was wiped, or its
 * end was lost with a disk), and marks what it should hold as unsent: the relay publishes it again, in order, under the
 * same ids, and the inboxes know what they have seen. Only what was on its way in the moment of the loss may stand before it;
 * sequence numbers tell. Only the leading relay asks.
 */
export class StreamWatch {
  private dueAt = 0;
  private told = false;
  private found = 0;
  private jsm: Promise<JetStreamManager> | undefined;
  private readonly options: {
    schema: string;
    stream: string;
    nc: NatsConnection;
    apiPrefix: string;
    log: Log;
  };

  constructor(options: StreamWatch['options']) {
    this.options = options;
  }

  /** How often the stream was found to be lost since this process began. */
  lost(): number {
    return this.found;
  }

  /** To be looked at next, whatever the time: nothing was acknowledged, or with a place that was passed long ago. */
  suspect(): void {
    this.dueAt = Math.min(this.dueAt, Date.now());
  }

  /** To be looked at only after a while: the last look came to nothing. */
  giveRest(): void {
    this.dueAt = Date.now() + REST_MS;
  }

  /** Whether it is time to look again. */
  isDue(): boolean {
    return Date.now() >= this.dueAt;
  }

  /** A stream that is not there, or gives no answer, is looked for again later. */
  async look(client: pg.Client): Promise<void> {
    this.dueAt = Date.now() + LOOK_EVERY_MS;
    const { schema, stream, nc, apiPrefix, log } = this.options;
    this.jsm ??= jetstreamManager(nc, { apiPrefix, checkAPI: false, timeout: ANSWER_MS });
    const jsm = await this.jsm;
    const info = await jsm.streams.info(stream).catch((error: Error) => {
      if (!isMissing(error)) throw error;
      if (!this.told) log.error({ reason: error.message }, 'relay: the stream is not there');
      this.told = true;
    });
    if (!info) return;
    this.told = false;
    const { created } = info;
    const { rows } = await client.query<{ created: string | null; last_seq: string | null }>({
      name: 'stream-seen',
      text: `select (select created from "${schema}".stream_seen where stream = $1) as created,
                    (select max(stream_seq) from (select stream_seq from "${schema}".outbox order by id desc limit ${NEWEST}) newest) as last_seq`,
      values: [stream],
    });
    const seen = rows[0]?.created ?? null;
    const isAnother = seen !== null && seen !== created;
    const lostItsEnd = !isAnother && Number(rows[0]?.last_seq ?? 0) > info.state.last_seq;
    if (isAnother || lostItsEnd) {
      const maxAgeMs = millis(info.config.max_age);
      const marked = isAnother
        ? await this.mark(client, 'published_at < $1', new Date(Date.parse(created) + CLOCKS_MS), maxAgeMs)
        : await this.mark(client, 'stream_seq > $1', info.state.last_seq, maxAgeMs);
      this.found += 1;
      log.error(
        { created, lastSequence: info.state.last_seq, events: marked },
        isAnother
          ? 'relay: the stream is another one, what it should hold is published again'
          : 'relay: the stream lost its end, which is published again',
      );
    }
    if (seen !== created)
      await client.query(
        `insert into "${schema}".stream_seen (stream, created) values ($1, $2)
         on conflict (stream) do update set created = excluded.created, seen_at = now()`,
        [stream, created],
      );
  }

  /** In small transactions, oldest first. Ended in the middle, it is found again and goes on. */
  private async mark(
    client: pg.Client,
    condition: string,
    value: Date | number,
    maxAgeMs: number,
  ): Promise<number> {
    const { schema } = this.options;
    for (let marked = 0; ;) {
      const { rowCount } = await client.query(
        `update "${schema}".outbox set published_at = null, stream_seq = null where id in (
           select id from "${schema}".outbox
            where published_at is not null and ${condition} and ($2 = 0 or created_at > now() - $2 * interval '1 millisecond')
            order by id limit ${BATCH})`,
        [value, maxAgeMs],
      );
      marked += rowCount ?? 0;
      if ((rowCount ?? 0) < BATCH) return marked;
    }
  }
}
