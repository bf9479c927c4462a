import { serviceNames, type ServiceName } from '@oms/contracts';
import { connectAs } from '../../deploy/nats/connect.ts';
import { provisionNats } from '../../deploy/nats/provision.ts';
import { commandLine, number, perform, word } from './command-line.ts';
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

const { values, words, refuse } = commandLine({
  usage: USAGE,
  most: 1,
  options: { settle: number({ least: 0, most: 86_400, default: 30 }), service: word(serviceNames) },
});
const [command = ''] = words;
const settleMs = values.settle * 1_000;

/** Where the outboxes and the stream are. */
function places(): { databaseUrl: string; natsUrl: string } {
  const { DATABASE_URL: databaseUrl, NATS_URL: natsUrl } = process.env;
  if (databaseUrl && natsUrl) return { databaseUrl, natsUrl };
  const { postgres, nats } = readRunFile();
  return { databaseUrl: databaseUrl ?? postgres.url, natsUrl: natsUrl ?? nats.admin ?? nats.url };
}

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
async function verify(books: EventBooks): Promise<boolean> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const missing = await books.compare();
    if (EventBooks.isClean(missing) || Date.now() > deadline) return tell(missing);
    await pause(1_000);
  }
}

async function withBooks(work: (books: EventBooks) => Promise<boolean>): Promise<number> {
  const { databaseUrl, natsUrl } = places();
  const books = await EventBooks.open(databaseUrl, natsUrl);
  try {
    return (await work(books)) ? 0 : 1;
  } finally {
    await books.close();
  }
}

async function replay(service: ServiceName): Promise<number> {
  const { natsUrl } = places();
  const nc = await connectAs(natsUrl, { name: 'events' });
  const messages = await rebuildConsumer(nc, service);
  await nc.close();
  await provisionNats(natsUrl);
  console.log(`${service} reads ${messages} events anew; its inbox knows which it has handled`);
  return withBooks(verify);
}

const commands: Readonly<Record<string, () => Promise<number | void>>> = {
  verify: () => withBooks(verify),
  republish: () =>
    withBooks(async (books) => {
      const marked = await books.republish(await books.compare());
      console.log(`${marked} events are published again by their services, in order and under their own ids`);
      return verify(books);
    }),
  replay: () => replay(values.service ?? refuse('whose events? There is no --service')),
  provision: async () => {
    await provisionNats(places().natsUrl);
    console.log('the stream and the consumers are as they should be');
  },
};

await perform(commands[command] ?? refuse(command ? `there is no command ${command}` : undefined));
