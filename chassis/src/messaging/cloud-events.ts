/** CloudEvents 1.0 attributes of one event, as NATS headers in binary mode; the payload is the message's body. */
export interface CloudEvent {
  id: string;
  /** `order.placed`; on the wire the major version follows: `order.placed.v1`. */
  type: string;
  /** The major version of its shape. */
  version: number;
  source: string;
  subject: string;
  aggregate: string;
  sequence: number;
  time: string;
  correlationId: string;
  causationId: string | null;
  traceparent: string | null;
}

/** A sequence is an `int` in Postgres. */
const MAX_SEQUENCE = 2 ** 31 - 1;

/**
 * CloudEvents' sequence must sort as a text does; `Integer` starts at 1, has no gap, and fits into 31 bits.
 */
const SEQUENCE_DIGITS = 10;

export function toHeaders(event: CloudEvent): Record<string, string> {
  return {
    'ce-specversion': '1.0',
    'ce-id': event.id,
    'ce-type': `${event.type}.v${event.version}`,
    'ce-source': event.source,
    'ce-subject': event.subject,
    'ce-time': event.time,
    'ce-sequence': String(event.sequence).padStart(SEQUENCE_DIGITS, '0'),
    'ce-sequencetype': 'Integer',
    'ce-datacontenttype': 'application/json',
    'ce-correlationid': event.correlationId,
    ...(event.causationId ? { 'ce-causationid': event.causationId } : {}),
    ...(event.traceparent ? { traceparent: event.traceparent } : {}),
    'content-type': 'application/json',
  };
}

/** Reads the attributes by their names; throws a sentence for what is no event of ours. */
export function fromHeaders(header: (name: string) => string | undefined): CloudEvent {
  const need = (name: string): string => {
    const value = header(name);
    if (!value) throw new Error(`the header ${name} is missing`);
    if (value.length > 256 || /[\u0000-\u001f]/.test(value))
      throw new Error(`the header ${name} is not plain`);
    return value;
  };
  const [, type = '', version] = /^([a-z_]+\.[a-z_]+)\.v(\d{1,6})$/.exec(need('ce-type')) ?? [];
  if (version === undefined) throw new Error('ce-type is not <aggregate>.<event>.v<major>');
  const sequence = Number(need('ce-sequence'));
  if (!Number.isInteger(sequence) || sequence < 1 || sequence > MAX_SEQUENCE)
    throw new Error('ce-sequence is not a positive integer');
  return {
    id: need('ce-id'),
    type,
    version: Number(version),
    source: need('ce-source'),
    subject: need('ce-subject'),
    aggregate: type.slice(0, type.indexOf('.')),
    sequence,
    time: need('ce-time'),
    correlationId: header('ce-correlationid') || need('ce-id'),
    causationId: header('ce-causationid') || null,
    traceparent: header('traceparent') || null,
  };
}
