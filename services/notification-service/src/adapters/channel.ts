import type { Outgoing } from '../domain/message.js';

/** What a channel is given: the words, and the same words laid out where it can show that. */
export interface Offer extends Outgoing {
  html: string;
  /** One click ends the optional messages (RFC 8058); null for what is always sent. */
  unsubscribeUrl: string | null;
}

/**
 * How an offer ended. `taken`: the other side answers for it now. `refused`: it never will be; with `dead`, nothing ever
 * will be under this address. `away`: not now, or the answer was lost; the offer is made again, under the same id.
 */
export type ChannelResult =
  | { outcome: 'taken'; providerRef: string | null }
  | { outcome: 'refused'; reason: string; dead: boolean }
  | { outcome: 'away'; reason: string };

/** A way to reach somebody. It never throws, holds no transaction, and takes no longer than the time it was given. */
export interface Channel {
  offer(message: Offer): Promise<ChannelResult>;
  /** Lets its connections go. */
  close(): void;
}
