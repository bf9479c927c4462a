import { jetstream, type JsMsg } from '@nats-io/jetstream';
import { events, eventSubject, eventType, isEventName, ownerOf, publishers, STREAM } from '@oms/contracts';
import { connectAs } from '../../deploy/nats/connect.ts';

/** What is wrong with one message of the stream; null for an event as the contracts and CloudEvents 1.0 want it. */
function fault(message: JsMsg, last: Map<string, number>): string | null {
  const header = (name: string): string => message.headers?.get(name) ?? '';
  const name = header('ce-type').replace(/\.v1$/, '');
  if (!isEventName(name)) return `${header('ce-type')} is no event`;
  const id = header('ce-subject');
  const sequence = Number(header('ce-sequence'));
  const expected: [string, unknown, unknown][] = [
    ['ce-specversion', header('ce-specversion'), '1.0'],
    ['ce-type', header('ce-type'), eventType(name)],
    ['ce-id', header('ce-id'), header('Nats-Msg-Id') || 'missing'],
    ['ce-source', header('ce-source'), `/oms/${publishers[ownerOf(name)]}`],
    ['ce-time', new Date(header('ce-time')).toISOString(), header('ce-time')],
    ['ce-sequence', header('ce-sequence'), String((last.get(id) ?? 0) + 1).padStart(10, '0')],
    ['ce-sequencetype', header('ce-sequencetype'), 'Integer'],
    ['ce-datacontenttype', header('ce-datacontenttype'), 'application/json'],
    ['subject', message.subject, eventSubject(ownerOf(name), id, name)],
  ];
  last.set(id, sequence);
  const payload: unknown = message.json();
  const parsed = events[name].schema.safeParse(payload);
  if (!parsed.success) return `${name} ${id}: ${parsed.error.message}`;
  expected.push(['payload', JSON.stringify(sorted(payload)), JSON.stringify(sorted(parsed.data))]);
  const wrong = expected.find(([, is, should]) => is !== should);
  return wrong ? `${name} ${id}: ${wrong[0]} is ${String(wrong[1])}, not ${String(wrong[2])}` : null;
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, one]) => [name, sorted(one)]),
  );
};

/** Reads the whole stream and holds every event against its schema, its subject and its place. Answers how many there are. */
export async function checkEvents(admin: string): Promise<number> {
  const nc = await connectAs(admin);
  try {
    const last = new Map<string, number>();
    const faults: string[] = [];
    const consumer = await jetstream(nc).consumers.get(STREAM);
    let count = 0;
    if ((await consumer.info()).num_pending > 0)
      for await (const message of await consumer.consume()) {
        count += 1;
        const one = fault(message, last);
        if (one) faults.push(one);
        if (message.info.pending === 0) break;
      }
    if (faults.length > 0)
      throw new Error(`events that are not as promised:\n${faults.slice(0, 20).join('\n')}`);
    return count;
  } finally {
    await nc.close();
  }
}
