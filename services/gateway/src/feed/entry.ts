import { dataForCustomer } from '@oms/contracts';
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
  /** The same for the customer whose it is: without what staff wrote for themselves. */
  customerFrame: Buffer;
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
  let data: Record<string, unknown>;
  try {
    data = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const name = `${aggregate}.${verb}`;
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
  };
  const framed = (told: object): Buffer =>
    Buffer.from(`id: ${seq}\nevent: ${name}\ndata: ${JSON.stringify({ ...event, data: told })}\n\n`);
  const frame = framed(data);
  const forCustomer = dataForCustomer(name, data);
  return {
    seq,
    aggregate,
    aggregateId,
    name,
    customerId: typeof data?.customerId === 'string' ? data.customerId : null,
    frame,
    customerFrame: forCustomer === data ? frame : framed(forCustomer),
  };
}
