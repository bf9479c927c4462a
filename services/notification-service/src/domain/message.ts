import type { AggregateState, At } from '@oms/chassis/machine';
import type { EventName, EventPayload, MessageStatus } from '@oms/contracts';

/** Where a message goes out. */
export type ChannelName = 'email' | 'chat';

/** What is offered to a channel, as the recipient reads it. */
export interface Outgoing {
  /** An address, or the name of a chat. */
  recipient: string;
  /** BCP 47, of a language that there are words for. */
  locale: string;
  subject: string;
  /** The text part. */
  body: string;
  /** The `Message-ID` without its brackets: the same however often this round is offered. */
  messageId: string;
}

/** One message to one recipient about one event, and how far its delivery has come. */
export interface MessageState extends AggregateState {
  status: MessageStatus;
  eventId: string;
  /** The event's name, and the template's. */
  template: EventName;
  event: EventPayload<EventName>;
  channel: ChannelName;
  /** The customer's reference; null for guests and for staff. */
  customerId: string | null;
  orderId: string | null;
  returnId: string | null;
  recipient: string | null;
  locale: string | null;
  subject: string | null;
  body: string | null;
  messageId: string | null;
  /** By which the recipient of this message, and nobody else, may say that it wants no more of its kind. */
  unsubscribeToken: string;
  /** 1, and one more each time staff send it again. */
  round: number;
  /** Offers of this round that were begun, counted before each. */
  attempts: number;
  /** Not tried before; null when nothing is to be tried. */
  nextAt: Date | null;
  /** Not tried after. */
  giveUpAt: Date;
  /** The channel's own name for what it took. */
  providerRef: string | null;
  /** Why it was put off, failed or was not sent. */
  reason: string | null;
}

/** What each input of the table carries. */
export interface MessageInputs {
  record: At;
  dispatch: At & Outgoing;
  accept: At & { providerRef: string | null };
  defer: At & { reason: string; nextAt: Date };
  reject: At & { reason: string };
  suppress: At & { reason: string };
  resend: At & { giveUpAt: Date };
}
