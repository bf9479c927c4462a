import { parseArgs } from 'node:util';
import { serviceNames, type ServiceName } from '@oms/contracts';
import { connectAs } from '../../deploy/nats/connect.ts';
import { provisionNats } from '../../deploy/nats/provision.ts';
import { EventBooks, type Missing } from './events/books.ts';
import { rebuildConsumer } from './events/rebuild.ts';
import { readRunFile } from './run-file.ts';

/**
 * What operators do when the stream is in doubt: compare outboxes, stream and inboxes, publish again what is missing, let a
 * service read everything anew, and make stream and consumers where they are gone.
 */
const USAGE = `npm run events -- verify [--settle SECONDS]      compare outboxes, stream and inboxes
npm run events -- republish                      publish again what is missing and the stream does not hold
npm run events -- replay --service ${serviceNames.join('|')}
                                                 let a service's consumer read the stream from its start
npm run events -- provision                      make the stream and the consumers where they are gone

DATABASE_URL and NATS_URL (with rights on every schema and on the stream) say where; without them, the local stack.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { settle: { type: 'string', default: '30' }, service: { type: 'string' } },
});
const [command] = positionals;
const run = process.env['DATABASE_URL'] && process.env['NATS_URL'] ? undefined : readRunFile();
const databaseUrl = process.env['DATABASE_URL'] ?? run?.postgres.url ?? '';
const natsUrl = process.env['NATS_URL'] ?? run?.nats.admin ?? run?.nats.url ?? '';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

function tell(missing: Missing): boolean {
  const lines: [string, number, string[]][] = [
    ['not published yet', missing.unsent.length, missing.unsent],
    ['missing in the stream', missing.inStream.length, missing.inStream],
    ['in the stream and in no outbox', missing.strangers.length, missing.strangers],
    ['gaps in an outbox', missing.gaps.length, missing.gaps],
    ...serviceNames.map((service): [string, number, string[]] => {
      const ids = missing.inInbox[service] ?? [];
      return [`missing in the inbox of ${service}`, ids.length, ids];
    }),
  ];
  console.log(
    `${missing.events} events in the outboxes, ${missing.messages} in the stream${missing.parked > 0 ? `, ${missing.parked} parked` : ''}`,
  );
  for (const [what, count, ids] of lines)
    console.log(
      `${count === 0 ? 'ok  ' : 'MISS'} ${what.padEnd(48)} ${count}${count > 0 ? `   ${ids.slice(0, 3).join(', ')}${count > 3 ? ', …' : ''}` : ''}`,
    );
  for (const [service, ids = []] of Object.entries(missing.inInbox))
    if (ids.some((id) => !missing.gone.includes(id)))
      console.log(`the stream holds what ${service} lacks: npm run events -- replay --service ${service}`);
  return EventBooks.isClean(missing);
}

/** Compares until nothing is missing or the time is over: what is under way is not missing. */
async function verify(books: EventBooks, settleMs: number): Promise<boolean> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const missing = await books.compare();
    if (EventBooks.isClean(missing) || Date.now() > deadline) return tell(missing);
    await pause(1_000);
  }
}

async function withBooks(work: (books: EventBooks) => Promise<boolean>): Promise<void> {
  const books = await EventBooks.open(databaseUrl, natsUrl);
  try {
    process.exitCode = (await work(books)) ? 0 : 1;
  } finally {
    await books.close();
  }
}

switch (command) {
  case 'verify':
    await withBooks((books) => verify(books, Number(values.settle) * 1000));
    break;
  case 'republish':
    await withBooks(async (books) => {
      const marked = await books.republish(await books.compare());
      console.log(`${marked} events are published again by their services, in order and under their own ids`);
      return verify(books, Number(values.settle) * 1000);
    });
    break;
  case 'replay': {
    const service = values.service as ServiceName;
    if (!serviceNames.includes(service)) {
      console.error(USAGE);
      process.exit(2);
    }
    const nc = await connectAs(natsUrl, { name: 'events' });
    const messages = await rebuildConsumer(nc, service);
    await nc.close();
    await provisionNats(natsUrl);
    console.log(`${service} reads ${messages} events anew; its inbox knows which it has handled`);
    await withBooks((books) => verify(books, Number(values.settle) * 1000));
    break;
  }
  case 'provision':
    await provisionNats(natsUrl);
    console.log('the stream and the consumers are as they should be');
    break;
  case undefined:
  default:
    console.error(USAGE);
    process.exitCode = 2;
}
