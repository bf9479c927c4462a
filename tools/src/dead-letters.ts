import { OmsClient } from '@oms/client';
import { serviceNames, type DeadLetterSummary, type ServiceName } from '@oms/contracts';
import { parseArgs } from 'node:util';
import { tokenOf } from './development-token.ts';
import { gatewayUrl } from './run-file.ts';

const USAGE = `npm run dead-letters -- list [--service S] [--type T] [--aggregate ID] [--state discarded]
npm run dead-letters -- show S/EVENT
npm run dead-letters -- redrive S/EVENT…
npm run dead-letters -- redrive --all [--service S] [--type T] [--aggregate ID] [--per-second N]
npm run dead-letters -- discard S/EVENT… --reason "why, for whoever asks later"

S is one of ${serviceNames.join(', ')}. OMS_URL and OMS_TOKEN (an admin's) say where and who; without them, the local stack.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    service: { type: 'string' },
    type: { type: 'string' },
    aggregate: { type: 'string' },
    state: { type: 'string' },
    reason: { type: 'string' },
    all: { type: 'boolean', default: false },
    'per-second': { type: 'string', default: '50' },
  },
});
const [command, ...names] = positionals;
const oms = new OmsClient({
  url: gatewayUrl(),
  token: tokenOf({ role: 'admin', subject: 'dead-letters' }),
});
const filters = {
  ...(values.type === undefined ? {} : { type: values.type }),
  ...(values.aggregate === undefined ? {} : { aggregateId: values.aggregate }),
};

/** `order-service/evt_…`, as the list prints it. */
function named(name: string): { service: ServiceName; eventId: string } {
  const [service = '', eventId = ''] = name.split('/');
  if (!serviceNames.includes(service as ServiceName) || eventId === '')
    throw new Error(`${name} is no <service>/<event>, as the list prints it`);
  return { service: service as ServiceName, eventId };
}

const line = (letter: DeadLetterSummary): string =>
  `${letter.parkedAt.slice(0, 19)}  ${letter.service}/${letter.eventId}  ${letter.type} #${letter.sequence ?? '-'} of ${letter.aggregateId}  after ${letter.attempts}: ${letter.error ?? ''}`;

async function list(): Promise<void> {
  const asked = {
    ...filters,
    ...(values.service === undefined ? {} : { service: values.service as ServiceName }),
    ...(values.state === undefined ? {} : { state: values.state as 'parked' }),
  };
  let count = 0;
  for await (const letter of oms.listDeadLetters({ ...asked, limit: 200 })) {
    console.log(line(letter));
    count += 1;
  }
  console.log(`${count} dead letters`);
}

async function redriveAll(): Promise<void> {
  const services = values.service === undefined ? serviceNames : [values.service as ServiceName];
  for (const service of services) {
    const went = await oms.redriveDeadLetters(service, {
      all: true,
      ...filters,
      perSecond: Number(values['per-second']),
    });
    console.log(
      `${service}: ${went.redriven} back to work, the last at ${went.until.slice(11, 19)}${went.unreadable > 0 ? `; ${went.unreadable} this release can not read either` : ''}`,
    );
  }
}

async function main(): Promise<void> {
  if (command === 'list') return list();
  if (command === 'redrive' && values.all) return redriveAll();
  if (names.length === 0 || (command === 'discard' && !values.reason)) throw new Error(USAGE);
  for (const { service, eventId } of names.map(named)) {
    switch (command) {
      case 'show':
        console.log(JSON.stringify(await oms.getDeadLetter(service, eventId), null, 2));
        break;
      case 'redrive':
        await oms.redriveDeadLetter(service, eventId);
        console.log(`${service}/${eventId}: back to work`);
        break;
      case 'discard':
        await oms.discardDeadLetter(service, eventId, { reason: values.reason ?? '' });
        console.log(`${service}/${eventId}: given up`);
        break;
      case undefined:
      default:
        throw new Error(USAGE);
    }
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
