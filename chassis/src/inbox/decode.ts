import { createHash } from 'node:crypto';
import { fromHeaders, toHeaders } from '../messaging/cloud-events.js';
import { isReadable, published, type Versions } from './versions.js';

/** A message as it came from the stream, or as it was kept when it could not be read. */
export interface Arrived {
  subject: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

/** What is stored of a message. */
export interface InboxRow {
  event_id: string;
  aggregate_type: string;
  aggregate_id: string;
  /** 0: it could not be read, so it stands in no sequence and nothing waits for it. */
  agg_seq: number;
  type: string;
  source: string;
  state: 'new' | 'parked';
  payload: unknown;
  headers: Record<string, string>;
  error: string | null;
  /** The body as it came, in base64, of what could not be read: nothing is lost by not understanding it. */
  raw: string | null;
}

/** The header under which the subject is kept beside the others. */
const SUBJECT = 'nats-subject';

/** The same message is the same dead letter, however often and from whatever stream it comes. */
const undecodableId = ({ subject, headers, body }: Arrived): string =>
  `undecodable-${createHash('sha256')
    .update(JSON.stringify([subject, headers]))
    .update(body)
    .digest('hex')
    .slice(0, 32)}`;

/** A header may hold what a jsonb can not. */
const storable = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replaceAll('\0', ''),
      value.toWellFormed().replaceAll('\0', ''),
    ]),
  );

/** The row of something that could not be read, parked as it came. */
export const parkedAsItCame = (row: InboxRow, arrived: Arrived, error: string): InboxRow => ({
  ...row,
  state: 'parked',
  payload: null,
  headers: { ...storable(arrived.headers), [SUBJECT]: arrived.subject },
  error: error.replaceAll('\0', '').slice(0, 2000),
  raw: Buffer.from(arrived.body).toString('base64'),
});

/** The message back from a row that kept it. */
export function arrivedOf(row: { headers: Record<string, string>; raw: Uint8Array }): Arrived {
  const { [SUBJECT]: subject = '', ...headers } = row.headers;
  return { subject, headers, body: row.raw };
}

/**
 * What is stored of a message. What has no readable envelope is parked outside every sequence. An event whose version is
 * not known, or whose body is no JSON, is parked in its place: its aggregate's later events wait behind it as behind any
 * other dead letter, because acting on them without it would be acting out of order. One that nobody here listens to
 * (`interesting`) needs no reading and only moves the sequence on; with `keepsAll` its body is kept all the same, if it has one.
 */
export function decode(
  arrived: Arrived,
  interesting: ReadonlySet<string>,
  options: { keepsAll?: boolean; versions?: Versions | undefined } = {},
): InboxRow {
  const { keepsAll = false, versions = published } = options;
  const [, aggregate = '?', , id = '?'] = arrived.subject.split('.');
  let row: InboxRow = {
    event_id: '',
    aggregate_type: aggregate,
    aggregate_id: id,
    agg_seq: 0,
    type: arrived.subject,
    source: '?',
    state: 'new',
    payload: null,
    headers: {},
    error: null,
    raw: null,
  };
  try {
    const event = fromHeaders((name) => arrived.headers[name]);
    row = {
      ...row,
      event_id: event.id,
      aggregate_type: event.aggregate,
      aggregate_id: event.subject,
      agg_seq: event.sequence,
      type: event.type,
      source: event.source,
      headers: toHeaders(event),
    };
    if (!interesting.has(event.type)) return keepsAll ? { ...row, payload: bodyIfAny(arrived) } : row;
    if (!isReadable(versions, event.type, event.version))
      throw new Error(`major version ${event.version} of ${event.type} is not known`);
    return { ...row, payload: bodyOf(arrived) };
  } catch (error) {
    return parkedAsItCame(
      row.event_id === '' ? { ...row, event_id: undecodableId(arrived) } : row,
      arrived,
      (error as Error).message,
    );
  }
}

/** The body of an event. Throws a sentence for what is no JSON object. */
function bodyOf({ body }: Arrived): object {
  const payload: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  if (typeof payload !== 'object' || payload === null) throw new Error('the body is no JSON object');
  return payload;
}

/** Nobody here acts on it: one that can't be read holds up nothing. */
function bodyIfAny(arrived: Arrived): object | null {
  try {
    return bodyOf(arrived);
  } catch {
    return null;
  }
}
