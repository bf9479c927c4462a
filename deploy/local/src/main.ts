import { setImmediate as turn } from 'node:timers/promises';
import { commandLine } from '../../../tools/src/command-line.ts';
import { aborted } from './ready.ts';
import { Sentence } from './sentence.ts';
import { wholeNumber } from './settings.ts';
import { startStack } from './stack.ts';

// Before anything is started: whoever interrupts a start leaves nothing behind either.
const asked = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (asked.signal.aborted) return;
    console.log('stopping');
    asked.abort();
  });
// Nobody may be reading any more: the terminal was closed, or a pipe's other end. What was started is ended all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

commandLine({ usage: 'OMS_HTTP_PORT=3000 OMS_HOME=.oms npm start' });
const home = process.env['OMS_HOME'] ?? '.oms';
const startedAt = Date.now();

const welcome = (url: string, mails: string): string => `
OMS is ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.   API ${url}/api/v1   logs ${home}/logs   (Ctrl-C stops everything)

  reference ${url}/docs   events ${url}/docs/events   mails ${mails}

  npm run demo            one order and its partial return, step by step
  npm run import -- FILE  a ledger of orders and returns, compared to the penny
  TOKEN=$(npm run --silent token -- --role staff)
  curl ${url}/api/v1/orders -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -H 'idempotency-key: first-order' -d '{
    "email": "jane@example.com", "currency": "GBP",
    "items": [{ "sku": "85123A", "name": "White hanging heart", "quantity": 6, "unitPrice": 255 }],
    "shippingAddress": { "name": "Jane Roe", "line1": "1 High Street", "city": "Leeds", "postalCode": "LS1 1AA", "country": "GB" },
    "payment": { "method": "card", "token": "tok_visa" } }'
`;

try {
  const httpPort = wholeNumber('OMS_HTTP_PORT', { least: 0, most: 65_535, default: 3000 });
  const stack = await startStack({ home, httpPort, signal: asked.signal });
  console.log(welcome(stack.run.gateway.url, stack.run.mailbox.url));
  await aborted(asked.signal).catch(() => stack.stop());
} catch (error) {
  // A step that the same Ctrl-C ended (the bundler, initdb) may be heard of before the signal is.
  await turn();
  if (!asked.signal.aborted) {
    console.error(error instanceof Sentence ? error.message : error);
    process.exit(1);
  }
}
process.exit(0);
