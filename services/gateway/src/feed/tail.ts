import type { Log } from '@oms/chassis/edge';
import type { Entry } from './entry.js';
import type { StreamReader } from './stream-reader.js';

/** Events kept in memory, so that those who come back after a moment are served without asking the broker. */
const KEPT = 2_048;
/** How often the stream is asked whether something passed unheard. */
const PROBE_MS = 5_000;

/** Gets every event from a place on, one after the other. */
export type Follower = (entry: Entry) => void;

/**
 * The end of the stream, followed once for the whole gateway while anybody listens: each event is read and made ready one
 * time, however many it goes to. What is heard out of turn is held back until what is missing was fetched.
 */
export class Tail {
  private readonly followers = new Set<Follower>();
  private readonly heard = new Map<number, Entry | undefined>();
  private kept: Entry[] = [];
  /** After this place everything is kept. */
  private keptAfter = 0;
  private users = 0;
  private beginning: Promise<void> | undefined;
  private following: { stop(): void } | undefined;
  private filling = false;
  /** Everything up to here has been told. */
  place = 0;
  private readonly reader: StreamReader;
  private readonly log: Log;

  constructor(reader: StreamReader, log: Log) {
    this.reader = reader;
    this.log = log;
  }

  /** Follows the stream as long as somebody uses it. Rejects when the broker does not answer. */
  async use(): Promise<void> {
    this.users += 1;
    try {
      await (this.beginning ??= this.begin());
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    this.users -= 1;
    if (this.users > 0) return;
    this.following?.stop();
    this.following = this.beginning = undefined;
    this.heard.clear();
    this.kept = [];
  }

  /** The events after `place` as far as they are in memory; undefined when they are not all. */
  since(place: number): readonly Entry[] | undefined {
    if (place < this.keptAfter || place > this.place) return undefined;
    return this.kept.filter((entry) => entry.seq > place);
  }

  /** Adds a follower who has everything up to {@link place}; answers how to leave. */
  join(follower: Follower): () => void {
    this.followers.add(follower);
    return () => void this.followers.delete(follower);
  }

  private async begin(): Promise<void> {
    const unlisten = this.reader.listen((seq, entry) => {
      this.heard.set(seq, entry);
      if (this.following) this.tell();
    });
    try {
      this.place = this.keptAfter = (await this.reader.bounds()).last;
    } catch (error) {
      unlisten();
      this.beginning = undefined;
      throw error;
    }
    const probe = setInterval(() => void this.fill(), PROBE_MS);
    this.following = {
      stop: () => {
        unlisten();
        clearInterval(probe);
      },
    };
    this.tell();
  }

  /** Tells what is next in turn; a hole is filled from the stream. */
  private tell(): void {
    for (const seq of this.heard.keys()) if (seq <= this.place) this.heard.delete(seq);
    for (let next = this.place + 1; this.heard.has(next); next = this.place + 1) {
      const entry = this.heard.get(next);
      this.heard.delete(next);
      this.advance(next, entry);
    }
    if (this.heard.size > 0) void this.fill();
  }

  private advance(place: number, entry: Entry | undefined): void {
    this.place = place;
    if (!entry) return;
    this.kept.push(entry);
    if (this.kept.length > 2 * KEPT) {
      this.kept = this.kept.slice(-KEPT);
      this.keptAfter = (this.kept[0]?.seq ?? place) - 1;
    }
    for (const follower of this.followers) follower(entry);
  }

  /** Fetches what passed unheard: while a connection was broken, or because we were too slow for the broker. */
  private async fill(): Promise<void> {
    const { following } = this;
    if (this.filling || !following) return;
    this.filling = true;
    try {
      const { last } = await this.reader.bounds();
      if (last < this.place) this.startOver(last);
      while (this.place < last && this.following === following) {
        const { entries, upTo, end } = await this.reader.after(this.place);
        if (this.following !== following || end) break;
        for (const entry of entries) if (entry.seq > this.place) this.advance(entry.seq, entry);
        this.place = Math.max(this.place, upTo);
      }
    } catch (error) {
      this.log.warn({ reason: (error as Error).message }, 'events: the stream cannot be read, trying again');
    } finally {
      this.filling = false;
    }
    if (this.heard.has(this.place + 1)) this.tell();
  }

  /** A stream that was lost and filled again counts from 1: what follows is told from where it is now. */
  private startOver(last: number): void {
    this.log.warn({ was: this.place, is: last }, 'events: the stream was made anew');
    this.place = this.keptAfter = last;
    this.kept = [];
    this.heard.clear();
  }
}
