import type { EventName, EventPayload } from './events.js';

/** An event as a handler gets it: the CloudEvents attributes and the payload. */
export interface EventEnvelope<N extends EventName = EventName> {
  /** Unique for ever; the outbox id and the broker's message id. */
  id: string;
  type: N;
  source: string;
  aggregate: string;
  /** The aggregate's id. */
  subject: string;
  /** Counts the aggregate's public events from 1 without a gap. */
  sequence: number;
  time: string;
  correlationId: string;
  causationId: string | null;
  traceparent: string | null;
  data: EventPayload<N>;
}
