import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { LIVE_PREFIX, STREAM, STREAM_SUBJECTS } from '@oms/contracts';
import { entryOf, type Entry } from './entry.js';

const TIMEOUT_MS = 5_000;
/** Messages asked for at once: enough to fill the wire, few enough to leave room for others. */
const AT_ONCE = 32;

/** What was read: the events, and the place up to which everything has been looked at. */
export interface Stretch {
  entries: Entry[];
  upTo: number;
  /** Nothing more is there now. */
  end: boolean;
}

/**
 * Reads the stream by place, message by message (direct get): no consumer is made, and nothing has to be kept or taken away at
 * the broker.
 */
export class StreamReader {
  private readonly nc: NatsConnection;
  private readonly apiPrefix: string;

  constructor(nc: NatsConnection, apiPrefix: string) {
    this.nc = nc;
    this.apiPrefix = apiPrefix;
  }

  /** Calls back for every event as it is stored, with its place. Core NATS: some may be missed, and the places tell. */
  listen(heard: (seq: number, entry: Entry | undefined) => void): () => void {
    const subscriptions = STREAM_SUBJECTS.map((subject) =>
      this.nc.subscribe(`${LIVE_PREFIX}.${subject}`, {
        callback: (error, message) => {
          const seq = Number(message?.headers?.get('Nats-Sequence'));
          if (!error && seq > 0)
            heard(seq, read(message, seq, message.subject.slice(LIVE_PREFIX.length + 1)));
        },
      }),
    );
    return () => subscriptions.forEach((subscription) => subscription.unsubscribe());
  }

  /** The places of the oldest and the newest message that the stream holds. */
  async bounds(): Promise<{ first: number; last: number }> {
    const answer = await this.nc.request(`${this.apiPrefix}.STREAM.INFO.${STREAM}`, '', {
      timeout: TIMEOUT_MS,
    });
    const { state } = answer.json<{ state?: { first_seq: number; last_seq: number } }>();
    if (!state) throw new Error('the stream is not there');
    return { first: state.first_seq, last: state.last_seq };
  }

  /** The next messages after `place`, at most 32, without a hole. */
  async after(place: number): Promise<Stretch> {
    const asked = Array.from({ length: AT_ONCE }, (_, index) => place + 1 + index);
    const answers = await Promise.all(asked.map((seq) => this.get({ seq })));
    const missing = answers.findIndex((message) => message === undefined);
    const found = missing === -1 ? answers : answers.slice(0, missing);
    if (found.length > 0) {
      const entries = found.flatMap((message, index) => parsed(message, asked[index]));
      return { entries, upTo: place + found.length, end: false };
    }
    // A hole (what is too old has gone), or the end.
    const next = await this.get({ seq: place + 1, next_by_subj: STREAM_SUBJECTS[0] });
    if (!next) return { entries: [], upTo: place, end: true };
    const seq = Number(next.headers?.get('Nats-Sequence'));
    return { entries: parsed(next, seq), upTo: seq, end: false };
  }

  private async get(request: object): Promise<Msg | undefined> {
    const message = await this.nc.request(`${this.apiPrefix}.DIRECT.GET.${STREAM}`, JSON.stringify(request), {
      timeout: TIMEOUT_MS,
    });
    if (message.headers?.code === 404) return undefined;
    if (message.headers?.hasError) throw new Error(message.headers.description);
    return message;
  }
}

const read = (message: Msg, seq: number, subject: string): Entry | undefined =>
  entryOf(seq, subject, message.headers, message.string());

function parsed(message: Msg | undefined, seq: number | undefined): Entry[] {
  if (!message || seq === undefined) return [];
  const entry = read(message, seq, message.headers?.get('Nats-Subject') ?? '');
  return entry ? [entry] : [];
}
