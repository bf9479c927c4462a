import { isEventName, type EventName, type EventPayload } from '@oms/contracts';

/** An event of a name: the CloudEvents attributes, and the payload. */
interface Known<N extends EventName> {
  /** Unique together with `source`, for ever: an event that comes again has the same. */
  id: string;
  /** Who published it, `/oms/order-service`. */
  source: string;
  name: N;
  /** Major version of the payload. */
  version: number;
  /** The id of the order, payment or return that it happened to. */
  subject: string;
  /** Counts that aggregate's events from 1, without a gap. */
  sequence: number;
  time: Date;
  /** The same for everything that one request brought about. */
  correlationId: string | null;
  causationId: string | null;
  traceparent: string | null;
  data: EventPayload<N>;
}

/** Any event; `switch (event.name)` tells the payload's type. */
export type OmsEvent = { [N in EventName]: Known<N> }[EventName];

/** What is needed of a message: any client's will do. */
export interface Received {
  headers?: { get(name: string): string } | undefined;
  data: Uint8Array;
}

/** No event, or none that this package knows: its `type` and `version` say which. */
export class UndecodableEvent extends Error {
  readonly type: string | null;
  readonly version: number | null;

  constructor(reason: string, type: string | null = null, version: number | null = null) {
    super(reason);
    this.name = 'UndecodableEvent';
    this.type = type;
    this.version = version;
  }
}

/** The major version of the payloads that these types describe. */
const VERSION = 1;

/**
 * Reads an event from a message in CloudEvents' binary mode. Fields that are not known yet are kept. Throws
 * {@link UndecodableEvent} for anything that is no event of a kind and a major version that this package knows.
 */
export function decode(message: Received): OmsEvent {
  const attribute = (name: string): string | null => {
    const value = message.headers?.get(name) || null;
    return value === null ? null : decodeURIComponent(value);
  };
  const need = (name: string): string => {
    const value = attribute(name);
    if (value === null) throw new UndecodableEvent(`${name} is missing`);
    return value;
  };
  if (need('ce-specversion') !== '1.0') throw new UndecodableEvent('no CloudEvents 1.0');
  const [, name = '', major = ''] = /^(.+)\.v(\d+)$/.exec(need('ce-type')) ?? [];
  const version = Number(major);
  if (version !== VERSION || !isEventName(name))
    throw new UndecodableEvent(`${need('ce-type')} is not known`, name || null, version || null);
  const sequence = Number(need('ce-sequence'));
  if (!Number.isSafeInteger(sequence) || sequence < 1) throw new UndecodableEvent('ce-sequence is no count');
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(message.data));
  } catch {
    throw new UndecodableEvent('the payload is no JSON', name, version);
  }
  return {
    id: need('ce-id'),
    source: need('ce-source'),
    name,
    version,
    subject: need('ce-subject'),
    sequence,
    time: new Date(need('ce-time')),
    correlationId: attribute('ce-correlationid'),
    causationId: attribute('ce-causationid'),
    traceparent: attribute('traceparent'),
    data,
  } as OmsEvent;
}
