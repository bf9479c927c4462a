import type { MsgHdrs } from '@nats-io/transport-node';

/** CloudEvents 1.0 attributes of one event, as NATS headers in binary mode; the payload is the message's body. */
export interface CloudEvent {
  id: string;
  /** `order.placed`; on the wire the major version follows: `order.placed.v1`. */
  type: string;
  source: string;
  subject: string;
  aggregate: string;
  sequence: number;
  time: string;
  correlationId: string;
  causationId: string | null;
  traceparent: string | null;
}

export function toHeaders(event: CloudEvent): Record<string, string> {
  return {
    'ce-specversion': '1.0',
    'ce-id': event.id,
    'ce-type': `${event.type}.v1`,
    'ce-source': event.source,
    'ce-subject': event.subject,
    'ce-time': event.time,
    'ce-sequence': String(event.sequence),
    'ce-correlationid': event.correlationId,
    ...(event.causationId ? { 'ce-causationid': event.causationId } : {}),
    ...(event.traceparent ? { traceparent: event.traceparent } : {}),
    'content-type': 'application/json',
  };
}

/** Reads the attributes; throws a sentence for what is no event of ours or of a major version that we do not know. */
export function fromHeaders(headers: MsgHdrs | undefined): CloudEvent {
  const need = (name: string): string => {
    const value = headers?.get(name);
    if (!value) throw new Error(`the header ${name} is missing`);
    return value;
  };
  const versioned = /^(.+)\.v(\d+)$/.exec(need('ce-type'));
  if (!versioned?.[1]) throw new Error('ce-type has no version');
  if (versioned[2] !== '1') throw new Error(`major version ${versioned[2]} of ${versioned[1]} is not known`);
  const sequence = Number(need('ce-sequence'));
  if (!Number.isSafeInteger(sequence) || sequence < 1)
    throw new Error('ce-sequence is not a positive integer');
  return {
    id: need('ce-id'),
    type: versioned[1],
    source: need('ce-source'),
    subject: need('ce-subject'),
    aggregate: versioned[1].slice(0, versioned[1].indexOf('.')),
    sequence,
    time: need('ce-time'),
    correlationId: headers?.get('ce-correlationid') || need('ce-id'),
    causationId: headers?.get('ce-causationid') || null,
    traceparent: headers?.get('traceparent') || null,
  };
}
