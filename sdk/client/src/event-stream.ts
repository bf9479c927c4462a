import { textLinesOf } from './lines.js';

/** Something that happened, as a CloudEvent 1.0. What `data` holds for each type is in the events' own reference. */
export interface CloudEvent {
  specversion: '1.0';
  /** The same wherever the event is told: what has been handled once is known by it. */
  id: string;
  /** `order.placed.v1` */
  type: string;
  source: string;
  /** The id of the order, payment or return. */
  subject: string;
  time: string;
  /** Counts the events of one order, payment or return without a gap. */
  sequence: string;
  correlationid?: string;
  causationid?: string;
  datacontenttype: 'application/json';
  data: Record<string, unknown>;
}

/** One message of the stream of events. `place` is what to go on after: `streamEvents({ lastEventId: place })`. */
export type EventMessage =
  | { name: `${'order' | 'payment' | 'return'}.${string}`; place: string; event: CloudEvent }
  /** Older events are no longer kept: ask the API how things stand. */
  | { name: 'missed'; place: string; because: string };

const RETRY_MS = 2_000;

/**
 * The messages of one connection (WHATWG HTML §9.2), until it ends; `wait` is how long to wait before the next one, as the server
 * asks. Throws after `silenceMs` in which nothing came.
 */
export async function* messagesOf(
  answer: Response,
  silenceMs: number,
  signal: AbortSignal | undefined,
  wait: (ms: number) => void,
): AsyncGenerator<EventMessage, void, undefined> {
  const silence = new AbortController();
  const dead = () => silence.abort(new Error(`nothing heard for ${silenceMs} ms`));
  let timer = setTimeout(dead, silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(dead, silenceMs);
  };
  const stop = () => silence.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  wait(RETRY_MS);
  let fields: Record<string, string> = {};
  try {
    for await (const line of textLinesOf(answer, silence.signal, heard)) {
      const [, name = '', value = ''] = /^([^:\r]*)(?:: ?([^\r]*))?\r?$/.exec(line) ?? [];
      if (line.trim() === '') {
        const { id, event, data } = fields;
        fields = {};
        if (id === undefined || event === undefined || data === undefined) continue;
        const told = JSON.parse(data) as object;
        yield (
          event === 'missed' ? { name: event, place: id, ...told } : { name: event, place: id, event: told }
        ) as EventMessage;
      } else if (name === 'retry' && /^\d+$/.test(value)) wait(Number(value));
      else if (name !== '')
        fields[name] = name === 'data' && fields['data'] ? `${fields['data']}\n${value}` : value;
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
