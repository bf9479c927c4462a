import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { STREAM } from '@oms/contracts';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSubscribers, writeSubscribers } from '../../deploy/local/src/broker-access.ts';
import { newSeed, publicNkey } from '../../deploy/local/src/keys.ts';
import { connectAs } from '../../deploy/nats/connect.ts';
import {
  checkSubscriber,
  consumerOf,
  provisionSubscriber,
  type SubscriberEntry,
} from '../../deploy/nats/subscribers.ts';
import { commandLine, number, perform, text } from './command-line.ts';
import { readRunFile, type RunFile } from './run-file.ts';
import { introduce, reload } from './subscriber/introduce.ts';
import { whyNotPaused } from './subscriber/pausing.ts';

const USAGE = `npm run subscriber -- add NAME --events 'order.*,return.received' [--from beginning|now|TIME] [--ahead 256]
npm run subscriber -- list | lag NAME | pause NAME [--hours 24] | resume NAME | remove NAME`;

const { values, words, refuse } = commandLine({
  usage: USAGE,
  most: 2,
  options: {
    events: text,
    from: text,
    ahead: number({ least: 1, most: 1_000, default: 256 }),
    hours: number({ least: 0.01, most: 8_760, fraction: true, default: 24 }),
  },
});
const [command = '', name = ''] = words;
const home = process.env['OMS_HOME'] ?? '.oms';

/** What is asked for with `add`; what can not be is refused before anything is done. */
function asked(): Omit<SubscriberEntry, 'nkey'> {
  const events = (values.events ?? '').split(',').map((one) => one.trim());
  const entry = {
    name,
    events: events.filter(Boolean),
    from: values.from ?? 'beginning',
    ahead: values.ahead,
  };
  try {
    checkSubscriber(entry);
  } catch (error) {
    return refuse((error as Error).message);
  }
  return entry;
}

/** The broker as its administrator, and the stack that it belongs to. */
interface Broker {
  jsm: JetStreamManager;
  version: string;
  run: RunFile;
}

function known(): SubscriberEntry {
  const entry = readSubscribers(home).find((one) => one.name === name);
  if (!entry) throw new Error(`no subscriber is called ${name}`);
  return entry;
}

async function add({ jsm, run }: Broker): Promise<void> {
  const wanted = asked();
  const entries = readSubscribers(home);
  if (entries.some((one) => one.name === name)) throw new Error(`${name} is there already`);
  const seed = newSeed();
  const entry = { ...wanted, nkey: publicNkey(seed) };
  await provisionSubscriber(jsm, entry);
  const file = join(home, 'subscribers', `${name}.seed`);
  mkdirSync(join(home, 'subscribers'), { recursive: true });
  writeFileSync(file, `${seed}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  writeSubscribers(home, [...entries, entry]);
  await introduce(run, { name, seed });
  console.log(`${name} may read ${wanted.events.join(', ')} from ${wanted.from}, acknowledge its own, and publish nothing.
seed ${file}   broker ${run.nats.url}   durable ${name}   API prefix OMS.API   inbox _INBOX_subscriber-${name}.>
docs/subscribers.md shows how to write one. To see the events come, into a table of SQLite:
  BROKER=${run.nats.url} SEED=$(cat ${file}) NAME=${name} TABLE=${name}.db npm run --silent subscriber:example`);
}

/** Where a subscriber stands: waiting in the stream, with it and not acknowledged, and whether it is paused. */
async function standing(jsm: JetStreamManager, entry: SubscriberEntry): Promise<Record<string, unknown>> {
  const info = await consumerOf(jsm, entry.name);
  return {
    name: entry.name,
    events: entry.events.join(', '),
    waiting: info?.num_pending ?? null,
    'with it': info?.num_ack_pending ?? null,
    again: info?.num_redelivered ?? null,
    paused: info?.paused ?? false,
  };
}

async function pause({ jsm, version }: Broker): Promise<void> {
  const reason = whyNotPaused(version);
  if (reason) throw new Error(reason);
  const until = new Date(Date.now() + values.hours * 3_600_000);
  await jsm.consumers.pause(STREAM, known().name, until);
  console.log(
    `${name} gets nothing until ${until.toISOString()}, or until it is resumed; what comes meanwhile waits`,
  );
}

/** Its place goes before its user: while a server reads its users again it answers "no responders" to everybody for a moment. */
async function remove({ jsm, run }: Broker): Promise<void> {
  const entry = known();
  if (await consumerOf(jsm, entry.name)) await jsm.consumers.delete(STREAM, entry.name);
  writeSubscribers(
    home,
    readSubscribers(home).filter((one) => one.name !== entry.name),
  );
  reload(run);
  rmSync(join(home, 'subscribers', `${entry.name}.seed`), { force: true });
  console.log(`${name} is gone: its user is refused from now on, its place in the stream is forgotten`);
}

const commands: Readonly<Record<string, (broker: Broker) => Promise<void>>> = {
  add,
  list: async ({ jsm }) => {
    const entries = readSubscribers(home);
    if (entries.length > 0) console.table(await Promise.all(entries.map((entry) => standing(jsm, entry))));
    else console.log(`nobody subscribes yet\n${USAGE}`);
  },
  lag: async ({ jsm }) => console.log(JSON.stringify(await standing(jsm, known()))),
  pause,
  resume: async ({ jsm }) => {
    await jsm.consumers.resume(STREAM, known().name);
    console.log(`${name} goes on where it was`);
  },
  remove,
};

const work = commands[command] ?? refuse(command ? `there is no command ${command}` : undefined);
if (name === '' && command !== 'list') refuse('whom? There is no NAME');
if (command === 'add') asked();
await perform(async () => {
  const run = readRunFile(home);
  const nc = await connectAs(run.nats.admin ?? run.nats.url, { name: 'subscriber tool' });
  try {
    await work({ jsm: await jetstreamManager(nc), version: nc.info?.version ?? '', run });
  } finally {
    await nc.close();
  }
});
