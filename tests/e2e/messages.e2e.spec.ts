import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually as within } from '@oms/chassis/testing';
import type { MessageView } from '@oms/contracts';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mailServer } from '../../deploy/local/src/mailbox/smtp.ts';
import { MailStore, type Mail } from '../../deploy/local/src/mailbox/store.ts';
import { freePort } from '../../deploy/local/src/ports.ts';
import type { Stack } from '../../deploy/local/src/stack.ts';
import type { OrderView, Shop } from './shop.ts';
import { openShop } from './stack.ts';

/** The mail server of these tests: the local stack's, but it can be away. */
class PostOffice {
  readonly store = new MailStore(mkdtempSync(join(tmpdir(), 'oms-mails-')));
  private server: ReturnType<typeof mailServer> | undefined;
  readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  open(): Promise<void> {
    this.server = mailServer(this.store);
    return new Promise((opened) => void this.server?.listen(this.port, '127.0.0.1', opened));
  }

  close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    return new Promise((closed) => (server ? server.close(() => closed()) : closed()));
  }

  to(address: string): Mail[] {
    return this.store.list({ to: address }).toReversed();
  }
}

const eventually = (what: string, holds: () => Promise<boolean>) => within(what, holds, 60_000);

let stack: Stack;
let shop: Shop;
let post: PostOffice;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  post = new PostOffice(await freePort());
  await post.open();
  const env = { SMTP_URL: `smtp://127.0.0.1:${post.port}`, MESSAGE_RETRY_S: '0.2', SMTP_TIMEOUT_S: '5' };
  ({ stack, shop, close } = await openShop({ env }));
});
afterAll(async () => {
  await close?.();
  await post?.close();
});

const address = () => `jane-${randomUUID()}@example.com`;
const messagesOf = async (orderId: string): Promise<MessageView[]> =>
  (await shop.api.get<{ data: MessageView[] }>(`/notifications?orderId=${orderId}`)).data.toReversed();

/** Waits until `count` messages of the order came to an end. */
async function ended(orderId: string, count: number): Promise<MessageView[]> {
  let messages: MessageView[] = [];
  await eventually(`${count} messages of ${orderId} came to an end`, async () => {
    messages = await messagesOf(orderId);
    return messages.length >= count && messages.every((one) => !['queued', 'sending'].includes(one.status));
  });
  return messages;
}

async function story(overrides: object): Promise<OrderView> {
  const order = await shop.delivered(overrides);
  const { id } = await shop.openReturn(order, [1, 0]);
  await shop.refunded(id);
  return order;
}
const STORY = [
  'order.confirmed',
  'order.shipment_created',
  'order.delivered',
  'return.initiated',
  'return.approved',
  'return.received',
  'return.refunded',
];
/** Each once; what happened to one thing in its order. That an order was delivered and that it comes back are two things. */
function expectStory(messages: readonly MessageView[]): void {
  expect(messages).toHaveLength(STORY.length);
  for (const thing of ['order.', 'return.'])
    expect(messages.map((one) => one.template).filter((one) => one.startsWith(thing))).toEqual(
      STORY.filter((one) => one.startsWith(thing)),
    );
}

describe('an order and its return', () => {
  it.each([
    ['de-AT', /^Ihre Bestellung .* ist bestätigt$/, /^Ihre Rücksendung .* ist genehmigt$/],
    ['fr', /^Votre commande .* est confirmée$/, /^Votre retour .* est accepté$/],
    [undefined, /^Your order .* is confirmed$/, /^Your return .* is approved$/],
  ])(
    'are told once each, in order, in the language that was asked for (%s)',
    async (locale, confirmed, approved) => {
      const email = address();
      const order = await story({ email, ...(locale ? { locale } : {}) });
      const messages = await ended(order.id, STORY.length);
      expectStory(messages);
      expect(messages.every((one) => one.status === 'sent' && one.recipient === email)).toBe(true);
      const mails = post.to(email);
      expect(mails.map((mail) => mail.subject)).toEqual(messages.map((one) => one.subject));
      expect(mails.map((mail) => mail.messageId)).toEqual(messages.map((one) => one.messageId));
      expect(mails.every((mail) => mail.copies === 1)).toBe(true);
      const told = (template: string) => mails[messages.findIndex((one) => one.template === template)];
      expect(told('order.confirmed')?.subject).toMatch(confirmed);
      expect(told('return.approved')?.subject).toMatch(approved);
      const { html, text } = await post.store.content(told('order.confirmed')?.id ?? '');
      for (const part of [html, text]) expect(part).toContain('White metal lantern');
    },
  );
});

describe('a mail server that is away', () => {
  afterEach(() => post.close().then(() => post.open()));

  it('holds nobody up, and each mail comes once when it is back', async () => {
    await post.close();
    const email = address();
    const order = await story({ email });
    await eventually('it was tried in vain', async () =>
      (await messagesOf(order.id)).some((one) => one.attempts > 2 && one.status === 'queued'),
    );
    expect((await messagesOf(order.id)).every((one) => one.status !== 'sent')).toBe(true);
    await post.open();
    const messages = await ended(order.id, STORY.length);
    expect(messages.map((one) => one.status)).toEqual(STORY.map(() => 'sent'));
    expect(post.to(email).map((mail) => [mail.messageId, mail.copies])).toEqual(
      messages.map((one) => [one.messageId, 1]),
    );
  });

  it('does not keep staff from reading in their chat that a refund could not be paid', async () => {
    await post.close();
    const { told, orderId } = await refusedRefund();
    await eventually('the chat was told', async () => (await told()).some((one) => one.status === 'sent'));
    const mails = (await messagesOf(orderId)).filter((one) => one.channel === 'email');
    expect(mails).not.toHaveLength(0);
    // `sending` is an attempt under way, which ends in vain as the others did.
    for (const mail of mails) expect(['queued', 'sending']).toContain(mail.status);
  });
});

/** A return whose refund is refused, and what staff are told of it. */
async function refusedRefund(): Promise<{
  orderId: string;
  told(): Promise<MessageView[]>;
  returnId: string;
}> {
  const order = await shop.delivered({ payment: { method: 'card', token: 'tok_refundFails' } });
  const { id } = await shop.openReturn(order, [1, 0]);
  for (const transition of ['approve', 'mark_in_transit', 'receive', 'process'])
    await shop.move(`/returns/${id}`, transition);
  const told = async () =>
    (await shop.api.get<{ data: MessageView[] }>(`/notifications?returnId=${id}&recipient=staff`)).data;
  return { orderId: order.id, told, returnId: id };
}

it('a service that is killed again and again while it sends makes no message twice', async () => {
  const email = address();
  const orders = await Promise.all(Array.from({ length: 12 }, () => shop.place({ email })));
  let kills = 0;
  for (const order of orders) {
    await shop.move(`/orders/${order.id}`, 'confirm');
    if (kills < 4) {
      stack.kill('notification-service');
      kills += 1;
    }
  }
  for (const order of orders) expect(await ended(order.id, 1)).toMatchObject([{ status: 'sent' }]);
  const mails = post.to(email);
  expect(mails).toHaveLength(orders.length);
  // A death between the server's yes and our commit hands one over again, under the same Message-ID: eight at once at most.
  expect(mails.reduce((sum, mail) => sum + mail.copies - 1, 0)).toBeLessThanOrEqual(kills * 8);
});

describe('an address', () => {
  it('that the server refuses for good is never tried again, until somebody lifts that', async () => {
    const email = 'bounce@example.com';
    const order = await shop.place({ email });
    await shop.move(`/orders/${order.id}`, 'confirm');
    const [message] = await ended(order.id, 1);
    expect(message).toMatchObject({ status: 'failed', recipient: email });
    expect(message?.reason).toContain('5.1.1');
    const next = await shop.place({ email });
    await shop.move(`/orders/${next.id}`, 'confirm');
    expect(await ended(next.id, 1)).toMatchObject([{ status: 'suppressed', reason: 'address_suppressed' }]);
    const { data } = await shop.api.get<{ data: { address: string }[] }>('/notifications/suppressions');
    expect(data.map((one) => one.address)).toContain(email);
    expect((await shop.raw('DELETE', `/notifications/suppressions/${email}`)).status).toBe(200);
    expect((await shop.raw('DELETE', `/notifications/suppressions/${email}`)).status).toBe(404);
  });

  it('that was wrong is mended in the order, and the message sent again, once for each key', async () => {
    const order = await shop.place({ email: 'bounce@example.com' });
    await shop.move(`/orders/${order.id}`, 'confirm');
    const [message] = await ended(order.id, 1);
    const email = address();
    await shop.api.patch(`/orders/${order.id}`, { email });
    const again = () =>
      shop.raw('POST', `/notifications/${message?.id}/resend`, '{}', { 'idempotency-key': `${email} again` });
    expect(await again()).toMatchObject({ status: 200, problem: { status: 'queued', resends: 1 } });
    expect(await again()).toMatchObject({ status: 200, problem: { status: 'queued', resends: 1 } });
    expect(await ended(order.id, 1)).toMatchObject([{ status: 'sent', recipient: email, resends: 1 }]);
    expect(post.to(email)).toMatchObject([{ messageId: `${message?.id}.2@shop.example`, copies: 1 }]);
    await shop.raw('DELETE', '/notifications/suppressions/bounce@example.com');
  });

  it('that nobody gave is not written to, and that is on record', async () => {
    const order = await shop.place({ email: undefined, customerId: 'cus_without_mail' });
    await shop.move(`/orders/${order.id}`, 'confirm');
    expect(await ended(order.id, 1)).toMatchObject([
      { status: 'suppressed', reason: 'no_address', recipient: null, customerId: 'cus_without_mail' },
    ]);
  });
});

it('a message that is waiting can not be sent again beside itself', async () => {
  const order = await shop.place({ email: 'later@example.com' });
  await shop.move(`/orders/${order.id}`, 'confirm');
  await eventually('it was put off', async () => {
    const [message] = await messagesOf(order.id);
    return message?.status === 'queued' && (message.reason ?? '').includes('4.3.0');
  });
  const [message] = await messagesOf(order.id);
  expect(await shop.raw('POST', `/notifications/${message?.id}/resend`, '{}')).toMatchObject({
    status: 409,
    problem: { code: 'transition_not_allowed', transition: 'resend' },
  });
});

it('staff read in their chat of a refund that could not be paid', async () => {
  const { told, returnId } = await refusedRefund();
  await eventually('the chat was told', async () =>
    (await told()).some((one) => one.channel === 'chat' && one.status === 'sent'),
  );
  const chat = (await (await fetch(`${stack.run.mailbox.url}/chat/messages`)).json()) as {
    data: { text: string }[];
  };
  expect(chat.data.filter((one) => one.text.includes(returnId))).toHaveLength(1);
});

describe('a customer who wants fewer messages', () => {
  const of = (customerId: string) => `/notifications/preferences/${customerId}`;

  it('still hears of the order itself', async () => {
    const customerId = `cus_${randomUUID()}`;
    await shop.api.patch(of(customerId), { optionalMessages: false });
    expect(await shop.api.get(of(customerId))).toEqual({ customerId, optionalMessages: false });
    const order = await shop.delivered({ email: address(), customerId });
    expect(await ended(order.id, 3)).toMatchObject([
      { template: 'order.confirmed', status: 'sent' },
      { template: 'order.shipment_created', status: 'sent' },
      { template: 'order.delivered', status: 'suppressed', reason: 'unsubscribed' },
    ]);
  });

  it('says so with the link in the mail, which opening alone does not', async () => {
    const [email, customerId] = [address(), `cus_${randomUUID()}`];
    const order = await shop.delivered({ email, customerId });
    await ended(order.id, 3);
    const headers = await Promise.all(
      post.to(email).map(async (mail) => (await post.store.content(mail.id)).headers),
    );
    const links = headers.map((all) => all.find((one) => one.key === 'list-unsubscribe')?.value);
    expect(links.slice(0, 2)).toEqual([undefined, undefined]);
    const link = links[2]?.replace(/[<>]/g, '') ?? '';
    expect((await fetch(link)).status).toBe(200);
    expect(await shop.api.get(of(customerId))).toMatchObject({ optionalMessages: true });
    const click = await fetch(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    expect(click.status).toBe(200);
    expect(await shop.api.get(of(customerId))).toMatchObject({ optionalMessages: false });
    expect((await fetch(`${link}x`, { method: 'POST' })).status).toBe(404);
  });
});
