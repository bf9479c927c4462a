import { OmsClient, until } from '@oms/client';
import { styleText } from 'node:util';
import { commandLine, perform } from './command-line.ts';
import { tokenOf } from './development-token.ts';
import { readRunFile } from './run-file.ts';
import { connectAs } from '../../deploy/nats/connect.ts';

const startedAt = performance.now();
const time = () => styleText('dim', `${(performance.now() - startedAt).toFixed(0).padStart(6)} ms `);
const pounds = (minor: number) => `£${(minor / 100).toFixed(2)}`;
const say = (text: string) => console.log(`\n${styleText('bold', text)}`);
const call = (text: string) => console.log(`${time()} ${styleText('cyan', '→')} ${text}`);
const state = (what: string, view: { number: string; status: string }) =>
  console.log(
    `${time()} ${styleText('green', '=')} ${what} ${view.number} is ${styleText('green', view.status)}`,
  );

/** Prints every public event as it passes, from a plain subscription: the demo sees what any other service would. */
async function watchEvents(url: string): Promise<() => Promise<void>> {
  const nc = await connectAs(url, { name: 'demo' });
  const subscription = nc.subscribe('oms.>', {
    callback: (_error, message) => {
      const type = message.headers?.get('ce-type') ?? message.subject;
      console.log(
        `${time()} ${styleText('yellow', '·')} ${type} ${styleText('dim', `#${message.headers?.get('ce-sequence')} ${message.subject}`)}`,
      );
    },
  });
  await nc.flush();
  return async () => {
    subscription.unsubscribe();
    await nc.drain();
  };
}

async function story(): Promise<void> {
  const run = readRunFile();
  const oms = new OmsClient({ url: run.gateway.url, token: tokenOf({ role: 'staff', subject: 'demo' }) });
  const stop = await watchEvents(run.nats.admin ?? run.nats.url);

  say('Jane orders six lanterns and two mugs, and pays by card.');
  call('POST /api/v1/orders');
  const placed = await oms.createOrder({
    customerId: 'cus_demo',
    email: 'jane@example.com',
    currency: 'GBP',
    items: [
      { sku: '71053', name: 'White metal lantern', quantity: 6, unitPrice: 339, taxAmount: 407 },
      { sku: '21777', name: 'Knitted mug cosy', quantity: 2, unitPrice: 795, taxAmount: 318 },
    ],
    shippingAmount: 495,
    shippingTaxAmount: 99,
    discountAmount: 500,
    shippingAddress: {
      name: 'Jane Roe',
      line1: '1 High Street',
      city: 'Leeds',
      postalCode: 'LS1 1AA',
      country: 'GB',
    },
    payment: { method: 'card', token: 'tok_visa', capture: 'automatic' },
  });
  state('order', placed);
  const confirmed = await until(
    () => oms.getOrder(placed.id),
    (view) => view.status !== 'pending' && view.paymentStatus === 'captured',
  );
  state(`order (${pounds(confirmed.total)} ${confirmed.paymentStatus})`, confirmed);

  say('The warehouse packs and ships it; the carrier delivers.');
  for (const transition of ['process', 'ship', 'deliver'] as const) {
    call(`POST /api/v1/orders/${placed.id}/state { "transition": "${transition}" }`);
    state('order', await oms.transitionOrder(placed.id, { transition }));
  }

  say('Two of the lanterns are dented. Jane sends them back.');
  call('POST /api/v1/returns');
  const [lanterns] = placed.items;
  const opened = await oms.createReturn({
    orderId: placed.id,
    items: [
      { orderItemId: lanterns?.id ?? '', quantity: 2, reason: 'damaged_in_transit', comment: 'both dented' },
    ],
  });
  state('return', opened);
  for (const transition of ['approve', 'mark_in_transit', 'receive', 'process'] as const) {
    call(`POST /api/v1/returns/${opened.id}/state { "transition": "${transition}" }`);
    state('return', await oms.transitionReturn(opened.id, { transition }));
  }
  const refunded = await until(
    () => oms.getReturn(opened.id),
    (view) => view.status === 'refunded',
  );
  state(`return (${pounds(refunded.refundAmount ?? 0)} back on the card)`, refunded);
  const after = await until(
    () => oms.getOrder(placed.id),
    (view) => view.items[0]?.quantities.returned === 2,
  );
  state(`order (${after.paymentStatus}, 2 of 6 lanterns returned)`, after);
  await stop();
  say(
    `Look closer:  curl -H "authorization: Bearer $(npm run --silent token -- --role staff)" ${run.gateway.url}/api/v1/returns/${opened.id}/timeline`,
  );
  console.log(`  what Jane was told    ${run['mailbox']?.url}`);
  console.log(`  every call            ${run.gateway.url}/docs`);
  console.log(`  every event           ${run.gateway.url}/docs/events`);
}

commandLine({ usage: 'npm run demo        one order and its partial return, against the running stack' });
await perform(story);
