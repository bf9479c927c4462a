import { OmsClient } from '@oms/client';
import { serviceNames, type DeadLetterSummary, type ServiceName } from '@oms/contracts';
import { commandLine, flag, number, perform, text, word } from './command-line.ts';
import { tokenOf } from './development-token.ts';
import { gatewayUrl } from './run-file.ts';

const USAGE = `npm run dead-letters -- list [--service S] [--type T] [--aggregate ID] [--state discarded]
npm run dead-letters -- show S/EVENT
npm run dead-letters -- redrive S/EVENT…
npm run dead-letters -- redrive --all [--service S] [--type T] [--aggregate ID] [--per-second N]
npm run dead-letters -- discard S/EVENT… --reason "why, for whoever asks later"

S is one of ${serviceNames.join(', ')}. OMS_URL and OMS_TOKEN (an admin's) say where and who; without them, the local stack.`;

const { values, words, refuse } = commandLine({
  usage: USAGE,
  most: Infinity,
  options: {
    service: word(serviceNames),
    type: text,
    aggregate: text,
    state: word(['parked', 'discarded']),
    reason: text,
    all: flag,
    'per-second': number({ least: 1, most: 1_000, default: 50 }),
  },
});
const [command = '', ...names] = words;
const filters = {
  ...(values.type === undefined ? {} : { type: values.type }),
  ...(values.aggregate === undefined ? {} : { aggregateId: values.aggregate }),
};

/** `order-service/evt_…`, as the list prints it. */
function named(name: string): { service: ServiceName; eventId: string } {
  const [service = '', eventId = ''] = name.split('/');
  if (!serviceNames.includes(service as ServiceName) || eventId === '')
    return refuse(`${name} is no <service>/<event>, as the list prints it`);
  return { service: service as ServiceName, eventId };
}

const line = (letter: DeadLetterSummary): string =>
  `${letter.parkedAt.slice(0, 19)}  ${letter.service}/${letter.eventId}  ${letter.type} #${letter.sequence ?? '-'} of ${letter.aggregateId}  after ${letter.attempts}: ${letter.error ?? ''}`;

async function list(oms: OmsClient): Promise<void> {
  const asked = {
    ...filters,
    ...(values.service === undefined ? {} : { service: values.service }),
    ...(values.state === undefined ? {} : { state: values.state }),
  };
  let count = 0;
  for await (const letter of oms.listDeadLetters({ ...asked, limit: 200 })) {
    console.log(line(letter));
    count += 1;
  }
  console.log(`${count} dead letters`);
}

async function redriveAll(oms: OmsClient): Promise<void> {
  const services = values.service === undefined ? serviceNames : [values.service];
  for (const service of services) {
    const went = await oms.redriveDeadLetters(service, {
      all: true,
      ...filters,
      perSecond: values['per-second'],
    });
    console.log(
      `${service}: ${went.redriven} back to work, the last at ${went.until.slice(11, 19)}${went.unreadable > 0 ? `; ${went.unreadable} this release can not read either` : ''}`,
    );
  }
}

type Named = ReturnType<typeof named>;
const withEach: Readonly<Record<string, (oms: OmsClient, letter: Named) => Promise<void>>> = {
  show: async (oms, { service, eventId }) =>
    console.log(JSON.stringify(await oms.getDeadLetter(service, eventId), null, 2)),
  redrive: async (oms, { service, eventId }) => {
    await oms.redriveDeadLetter(service, eventId);
    console.log(`${service}/${eventId}: back to work`);
  },
  discard: async (oms, { service, eventId }) => {
    await oms.discardDeadLetter(service, eventId, { reason: values.reason ?? '' });
    console.log(`${service}/${eventId}: given up`);
  },
};

/** What is asked for. What can not be meant is refused before anything is done. */
function work(): (oms: OmsClient) => Promise<void> {
  if (command === 'list' && names.length === 0) return list;
  if (command === 'redrive' && values.all && names.length === 0) return redriveAll;
  const one = withEach[command] ?? refuse(command ? `there is no command ${command}` : undefined);
  if (names.length === 0) refuse('which? There is no S/EVENT');
  if (command === 'discard' && !values.reason) refuse('why? There is no --reason');
  const letters = names.map(named);
  return async (oms) => {
    for (const letter of letters) await one(oms, letter);
  };
}

const wanted = work();
await perform(() =>
  wanted(new OmsClient({ url: gatewayUrl(), token: tokenOf({ role: 'admin', subject: 'dead-letters' }) })),
);
