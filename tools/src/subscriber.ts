import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { STREAM } from '@oms/contracts';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSubscribers, writeSubscribers } from '../../deploy/local/src/broker-access.ts';
import { newSeed, publicNkey } from '../../deploy/local/src/keys.ts';
import { connectAs } from '../../deploy/nats/connect.ts';
import {
  checkSubscriber,
  consumerOf,
  provisionSubscriber,
  type SubscriberEntry,
} from '../../deploy/nats/subscribers.ts';
import { readRunFile } from './run-file.ts';
import { introduce, reload } from './subscriber/introduce.ts';
import { whyNotPaused } from './subscriber/pausing.ts';

const USAGE = `npm run subscriber -- add NAME --events 'order.*,return.received' [--from beginning|now|TIME] [--ahead 256]
npm run subscriber -- list | lag NAME | pause NAME [--hours 24] | resume NAME | remove NAME`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string' },
    from: { type: 'string', default: 'beginning' },
    ahead: { type: 'string', default: '256' },
    hours: { type: 'string', default: '24' },
  },
});
const [command = '', name = ''] = positionals;
const home = process.env['OMS_HOME'] ?? '.oms';
const run = readRunFile(home);

function known(): SubscriberEntry {
  const entry = readSubscribers(home).find((one) => one.name === name);
  if (!entry) throw new Error(name ? `no subscriber is called ${name}` : USAGE);
  return entry;
}

async function add(jsm: JetStreamManager): Promise<void> {
  const asked = {
    name,
    events: (values.events ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
    from: values.from,
    ahead: Number(values.ahead),
  };
  checkSubscriber(asked);
  const entries = readSubscribers(home);
  if (entries.some((one) => one.name === name)) throw new Error(`${name} is there already`);
  const seed = newSeed();
  const entry = { ...asked, nkey: publicNkey(seed) };
  await provisionSubscriber(jsm, entry);
  const file = join(home, 'subscribers', `${name}.seed`);
  mkdirSync(join(home, 'subscribers'), { recursive: true });
  writeFileSync(file, `${seed}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  writeSubscribers(home, [...entries, entry]);
  await introduce(run, { name, seed });
  console.log(`${name} may read ${asked.events.join(', ')} from ${asked.from}, acknowledge its own, and publish nothing.
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

async function pause(jsm: JetStreamManager, version: string): Promise<void> {
  const reason = whyNotPaused(version);
  if (reason) throw new Error(reason);
  const until = new Date(Date.now() + Number(values.hours) * 3_600_000);
  await jsm.consumers.pause(STREAM, known().name, until);
  console.log(
    `${name} gets nothing until ${until.toISOString()}, or until it is resumed; what comes meanwhile waits`,
  );
}

/** Its place goes before its user: while a server reads its users again it answers "no responders" to everybody for a moment. */
async function remove(jsm: JetStreamManager): Promise<void> {
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

const commands: Readonly<Record<string, (jsm: JetStreamManager, version: string) => Promise<void>>> = {
  add,
  list: async (jsm) => {
    const entries = readSubscribers(home);
    if (entries.length > 0) console.table(await Promise.all(entries.map((entry) => standing(jsm, entry))));
    else console.log(`nobody subscribes yet\n${USAGE}`);
  },
  lag: async (jsm) => console.log(JSON.stringify(await standing(jsm, known()))),
  pause,
  resume: async (jsm) => {
    await jsm.consumers.resume(STREAM, known().name);
    console.log(`${name} goes on where it was`);
  },
  remove,
};

try {
  const work = commands[command];
  if (!work) throw new Error(USAGE);
  const nc = await connectAs(run.nats.admin ?? run.nats.url, { name: 'subscriber tool' });
  try {
    await work(await jetstreamManager(nc), nc.info?.version ?? '');
  } finally {
    await nc.close();
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
