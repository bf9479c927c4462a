import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { markdown, mermaid, type Machine, type Saga } from '@oms/chassis/machine';
import { asyncapi, errors, openapi } from '@oms/contracts';
import { config as provisionerConfig } from '../../deploy/provision/config.ts';
import { config as gatewayConfig } from '../../services/gateway/dist/config.js';
import {
  config as notificationConfig,
  messageMachine,
  NotificationEvents,
  webhookDeliveryMachine,
} from '@oms/notification-service';
import { config as orderConfig, OrderEvents, orderMachine, placingSaga } from '@oms/order-service';
import { config as paymentConfig, payingSaga, PaymentEvents, paymentMachine } from '@oms/payment-service';
import { commandLine, flag } from './command-line.ts';
import { breaks } from './generate/compatibility.ts';
import { clientSource, type ApiDocument } from './generate/client.ts';
import { httpFile } from './generate/http-file.ts';
import { consumersSource, eventPages } from './generate/events.ts';
import { newGoldens } from './generate/goldens.ts';
import {
  config as returnConfig,
  refundSaga,
  returnLineMachine,
  ReturnEvents,
  returnMachine,
} from '@oms/return-service';

/** Writes what is generated from the tables themselves; with --check, only compares and fails on a difference. */
const { values } = commandLine({
  usage: 'npm run generate -- [--check] [--freeze]',
  options: { check: flag, freeze: flag },
});
const NOTE = '<!-- Generated from the source by `npm run generate`; never edited. -->\n\n';

function machinePage(machine: Machine): string {
  return `${NOTE}# ${machine.name}\n\n\`\`\`mermaid\n${mermaid({ rows: machine.rows, ends: machine.terminal })}\n\`\`\`\n\n${markdown(machine)}\n`;
}

function sagaPage(saga: Saga): string {
  const from = (row: Saga['rows'][number]) => (typeof row.from === 'string' ? row.from : row.from.join(', '));
  const rows = saga.rows.map(
    (row) =>
      `| ${from(row)} | ${row.on} | ${(row.guard ?? []).map((guard) => guard.name).join(', ')} | ${row.to} | ${row.tell?.on ?? ''} | ${row.timer ? row.timer.name : row.timer === null ? 'cleared' : ''} | ${row.because} |`,
  );
  return `${NOTE}# saga ${saga.name}\n\n\`\`\`mermaid\n${mermaid({ rows: saga.rows, ends: saga.finished })}\n\`\`\`\n\n| from | on | if | to | tells | timer | because |\n| --- | --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

const errorsPage = `${NOTE}# Error codes\n\n| code | kind | title |\n| --- | --- | --- |\n${Object.entries(
  errors,
)
  .map(([code, error]) => `| \`${code}\` | ${error.kind} | ${error.title} |`)
  .join('\n')}\n`;

const configPage = `${NOTE}# Settings\n\n${[
  gatewayConfig,
  orderConfig,
  returnConfig,
  paymentConfig,
  notificationConfig,
  provisionerConfig,
]
  .map(
    (config) =>
      `## ${config.service}\n\n| variable | default | what it is |\n| --- | --- | --- |\n${Object.values(
        config.rows,
      )
        .map(
          (row) =>
            `| \`${row.env}\` | ${row.default === undefined ? 'needed' : `\`${row.default}\``} | ${row.describes} |`,
        )
        .join('\n')}\n`,
  )
  .join('\n')}`;

const pages: Record<string, string> = {
  'order.md': machinePage(orderMachine),
  'payment.md': machinePage(paymentMachine),
  'return.md': machinePage(returnMachine),
  'message.md': machinePage(messageMachine),
  'webhook-delivery.md': machinePage(webhookDeliveryMachine),
  'return-line.md': machinePage(returnLineMachine),
  'placing-saga.md': sagaPage(placingSaga),
  'refund-saga.md': sagaPage(refundSaga),
  'paying-saga.md': sagaPage(payingSaga),
  ...eventPages(NOTE),
  'errors.md': errorsPage,
  'settings.md': configPage,
  'asyncapi.json': `${JSON.stringify(asyncapi(), null, 1)}\n`,
  'openapi.json': `${JSON.stringify(openapi(), null, 1)}\n`,
};

const root = resolve(import.meta.dirname, '../..');
/** What was published once: compared to what is published now, and never written again. */
const GOLDEN = 'contracts/golden';
const files: Record<string, string> = {
  ...Object.fromEntries(Object.entries(pages).map(([name, text]) => [join('docs/generated', name), text])),
  'docs/api.http': httpFile(),
  'contracts/src/event-consumers.ts': consumersSource({
    'order-service': OrderEvents,
    'return-service': ReturnEvents,
    'payment-service': PaymentEvents,
    'notification-service': NotificationEvents,
  }),
  ...Object.fromEntries(
    Object.entries(newGoldens(join(root, GOLDEN))).map(([name, text]) => [join(GOLDEN, name), text]),
  ),
  'sdk/client/src/calls.ts': await clientSource(openapi() as unknown as ApiDocument, Object.keys(errors)),
};
const { check, freeze } = values;
for (const [name, text] of Object.entries(files)) {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  if (!check) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`${file} is not what the source says: run \`npm run generate\``);
    process.exitCode = 1;
  }
}

// The promise of v1. Additions are promised when somebody says so: until then they may still be changed.
if (freeze) {
  const file = join(root, 'contracts/openapi.v1.json');
  const faults = breaks(JSON.parse(readFileSync(file, 'utf8')) as object, openapi());
  if (faults.length > 0) {
    console.error(`v1 has promised otherwise:\n  ${faults.join('\n  ')}`);
    process.exitCode = 1;
  } else writeFileSync(file, `${JSON.stringify(openapi(), null, 1)}\n`);
}
