import type { MsgHdrs } from '@nats-io/transport-node';

/** One event of the stream, made ready once for everybody who follows it. */
export interface Entry {
  /** Its place in the stream; the `id` of server-sent events. */
  seq: number;
  aggregate: string;
  aggregateId: string;
  /** `order.placed` */
  name: string;
  /** Whose it is; null when it belongs to no customer. The publishing service says so, inside the event. */
  customerId: string | null;
  /** As it goes over the wire. */
  frame: Buffer;
}

/** Reads an event as a message of the stream brings it; undefined for what is none. */
export function entryOf(
  seq: number,
  subject: string,
  headers: MsgHdrs | undefined,
  body: string,
): Entry | undefined {
  const [, aggregate, , aggregateId, verb] = subject.split('.');
  const attribute = (name: string): string | undefined => headers?.get(`ce-${name}`) || undefined;
  const id = attribute('id');
  if (!aggregate || !aggregateId || !verb || !id) return undefined;
  let data: { customerId?: unknown };
  try {
    data = JSON.parse(body) as { customerId?: unknown };
  } catch {
    return undefined;
  }
  const event = {
    specversion: '1.0',
    id,
    type: attribute('type'),
    source: attribute('source'),
    subject: attribute('subject'),
    time: attribute('time'),
    sequence: attribute('sequence'),
    correlationid: attribute('correlationid'),
    causationid: attribute('causationid'),
    datacontenttype: 'application/json',
    data,
  };
  return {
    seq,
    aggregate,
    aggregateId,
    name: `${aggregate}.${verb}`,
    customerId: typeof data?.customerId === 'string' ? data.customerId : null,
    frame: Buffer.from(`id: ${seq}\nevent: ${aggregate}.${verb}\ndata: ${JSON.stringify(event)}\n\n`),
  };
}
