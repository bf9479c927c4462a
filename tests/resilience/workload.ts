import { Random } from './random.ts';
import type { Resource, Witness } from './witness.ts';

interface Item {
  id: string;
  quantities: { delivered: number };
}

/** One customer's story, from the order on; `name` is part of every key, so that a seed asks for the same things. */
interface Chapter {
  api: Witness;
  random: Random;
  name: string;
}

const SKUS = ['85123A', '71053', '84406B', '22423', '47566', '20725'];

const order = (random: Random, payment: object | null, name: string): object => ({
  customerId: `cus_${name}`,
  email: `${name}@example.com`,
  currency: 'GBP',
  externalRef: name,
  items: Array.from({ length: random.between(1, 3) }, () => ({
    sku: random.pick(SKUS),
    name: 'Thing',
    quantity: random.between(2, 6),
    unitPrice: random.between(1, 2_000),
    taxAmount: random.between(0, 300),
  })),
  shippingAmount: random.pick([0, 495]),
  shippingAddress: {
    name: 'Jane Roe',
    line1: '1 High Street',
    city: 'Leeds',
    postalCode: 'LS1 1AA',
    country: 'GB',
  },
  ...(payment ? { payment } : {}),
});

const card = (token: string, capture = 'automatic') => ({ method: 'card', token, capture });

async function place({ api, random, name }: Chapter, payment: object | null): Promise<Resource> {
  return api.write('POST', '/orders', order(random, payment, name), `${name}-place`);
}

/** Placed, and what the payment came to is known. */
async function decided(chapter: Chapter, payment: object): Promise<Resource> {
  const { id } = await place(chapter, payment);
  return chapter.api.until(`/orders/${id}`, (view) => view.status !== 'pending');
}

const move = (
  { api, name }: Chapter,
  path: string,
  transition: string,
  fields: object = {},
): Promise<Resource> =>
  api.write('POST', `${path}/state`, { transition, ...fields }, `${name}-${path}-${transition}`);

async function moves(chapter: Chapter, path: string, transitions: readonly string[]): Promise<void> {
  for (const transition of transitions) await move(chapter, path, transition);
}

async function delivered(chapter: Chapter, payment: object): Promise<Resource> {
  const { id } = await decided(chapter, payment);
  await moves(chapter, `/orders/${id}`, ['process', 'ship', 'deliver']);
  return chapter.api.until(`/orders/${id}`, (view) => view['paymentStatus'] === 'captured');
}

async function openReturn(
  { api, random, name }: Chapter,
  view: Resource,
  part: string,
  all = false,
): Promise<string> {
  const items = (view['items'] as Item[]).map(({ id, quantities }) => ({
    orderItemId: id,
    quantity: all
      ? quantities.delivered
      : random.between(1, Math.max(1, Math.floor(quantities.delivered / 2))),
    reason: 'defective',
  }));
  const opened = await api.write('POST', '/returns', { orderId: view.id, items }, `${name}-return-${part}`);
  return `/returns/${opened.id}`;
}

const TO_PROCESSED = ['approve', 'mark_in_transit', 'receive', 'process'];
const refunded = ({ api }: Chapter, path: string) => api.until(path, (view) => view.status === 'refunded');

/** Every kind of story there is: between them an order, a payment and a return are left in every state. */
const stories = {
  'returned in two parts': async (chapter: Chapter) => {
    const view = await delivered(chapter, card('tok_visa'));
    for (const part of ['first', 'second']) {
      const path = await openReturn(chapter, view, part);
      await moves(chapter, path, TO_PROCESSED);
      await refunded(chapter, path);
    }
  },
  'returned whole': async (chapter: Chapter) => {
    const path = await openReturn(chapter, await delivered(chapter, card('tok_mastercard')), 'all', true);
    await moves(chapter, path, ['approve', 'receive', 'process']);
    await refunded(chapter, path);
  },
  'captured parcel by parcel': async (chapter: Chapter) => {
    const { id, items } = (await decided(chapter, card('tok_visa', 'manual'))) as Resource & {
      items: { id: string; quantities: { ordered: number } }[];
    };
    const path = `/orders/${id}`;
    await move(chapter, path, 'process');
    const parcel = { items: [{ itemId: items[0]?.id, quantity: 1 }], carrier: 'post', trackingNumber: '1' };
    await chapter.api.write('POST', `${path}/shipments`, parcel, `${chapter.name}-parcel`);
    await moves(chapter, path, ['ship', 'deliver']);
    await chapter.api.until(path, (view) => view['paymentStatus'] === 'captured');
  },
  'cancelled after it was paid': async (chapter: Chapter) => {
    const { id } = await decided(chapter, card('tok_visa'));
    await chapter.api.write(
      'POST',
      `/orders/${id}/cancel`,
      { reason: 'changed_mind' },
      `${chapter.name}-cancel`,
    );
    await chapter.api.until(`/orders/${id}`, (view) =>
      ['refunded', 'voided'].includes(String(view['paymentStatus'])),
    );
  },
  'cancelled while it is being paid': async (chapter: Chapter) => {
    const { id } = await place(chapter, card('tok_visa'));
    await chapter.api.write(
      'POST',
      `/orders/${id}/cancel`,
      { reason: 'changed_mind' },
      `${chapter.name}-cancel`,
    );
  },
  'cancelled in part': async (chapter: Chapter) => {
    const { id, items } = (await decided(chapter, card('tok_visa'))) as Resource & {
      items: { id: string }[];
    };
    const part = { reason: 'out_of_stock', items: [{ itemId: items[0]?.id, quantity: 1 }] };
    await chapter.api.write('POST', `/orders/${id}/cancel`, part, `${chapter.name}-cancel-part`);
    await moves(chapter, `/orders/${id}`, ['process', 'ship']);
  },
  declined: async (chapter: Chapter) => {
    await decided(chapter, card(chapter.random.pick(['tok_chargeDeclined', 'tok_expiredCard'])));
  },
  'paid by a provider that does not answer': async (chapter: Chapter) => {
    await decided(chapter, card('tok_providerTimeout'));
  },
  'paid by a provider that fails twice': async (chapter: Chapter) => {
    const { id } = await decided(chapter, card('tok_providerError'));
    await move(chapter, `/orders/${id}`, 'process');
  },
  'a refund that is refused': async (chapter: Chapter) => {
    const path = await openReturn(chapter, await delivered(chapter, card('tok_refundFails')), 'all', true);
    await moves(chapter, path, TO_PROCESSED);
    await chapter.api.until(path, (view) => view['refundStatus'] === 'failed');
  },
  'a refund that settles later': async (chapter: Chapter) => {
    const path = await openReturn(chapter, await delivered(chapter, card('tok_refundPending')), 'some');
    await moves(chapter, path, TO_PROCESSED);
    await refunded(chapter, path);
  },
  'a return that stops on its way': async (chapter: Chapter) => {
    const path = await openReturn(chapter, await delivered(chapter, card('tok_visa')), 'some');
    await moves(chapter, path, TO_PROCESSED.slice(0, chapter.random.between(0, 3)));
  },
  'a return that nobody inspects': async (chapter: Chapter) => {
    const path = await openReturn(chapter, await delivered(chapter, card('tok_visa')), 'some');
    await moves(chapter, path, ['approve', 'receive']);
  },
  'more is asked back than there is': async (chapter: Chapter) => {
    const { api, name } = chapter;
    const view = await delivered(chapter, card('tok_visa'));
    const { data } = await api.read<{ data: Resource[] }>(`/payments?orderId=${view.id}`);
    const [payment] = data;
    const items = (view['items'] as Item[]).map(({ id, quantities }) => ({
      orderItemId: id,
      quantity: quantities.delivered,
      reason: 'defective',
    }));
    const amount = Math.ceil((Number(payment?.['capturedAmount']) * 2) / 3);
    const asked = ['one', 'other'].flatMap((part) => [
      api.attempt('POST', '/returns', { orderId: view.id, items }, `${name}-return-${part}`),
      api.attempt('POST', `/payments/${payment?.id}/refund`, { amount }, `${name}-refund-${part}`),
    ]);
    const taken = (await Promise.all(asked)).filter(({ status }) => status < 300);
    if (taken.length !== 2) throw new Error(`${taken.length} of two returns and two refunds were taken`);
  },
  'a return that is not taken': async (chapter: Chapter) => {
    const path = await openReturn(chapter, await delivered(chapter, card('tok_visa')), 'some');
    const end = chapter.random.pick([
      ['reject', { reason: 'worn' }],
      ['cancel', {}],
    ] as const);
    await chapter.api.write('POST', `${path}/${end[0]}`, end[1], `${chapter.name}-${end[0]}`);
  },
  'paid by staff and given back by staff': async (chapter: Chapter) => {
    const { api, name } = chapter;
    const { id, total } = await place(chapter, null);
    await move(chapter, `/orders/${id}`, 'confirm');
    // Payment-service hears of the order a moment later than the caller.
    const payment = await api.write(
      'POST',
      '/payments',
      { orderId: id, method: 'card', token: 'tok_visa' },
      `${name}-pay`,
    );
    await api.write('POST', `/payments/${payment.id}/process`, {}, `${name}-process`);
    await api.until(`/payments/${payment.id}`, (view) => view.status === 'captured');
    const amount = Math.max(1, Math.floor(Number(total) / 3));
    await api.write(
      'POST',
      `/payments/${payment.id}/refund`,
      { amount, reason: 'goodwill' },
      `${name}-refund`,
    );
  },
  'held, and released': async (chapter: Chapter) => {
    const { id } = await decided(chapter, card('tok_visa'));
    await chapter.api.write('POST', `/orders/${id}/hold`, { reason: 'fraud' }, `${chapter.name}-hold`);
    await chapter.api.write('POST', `/orders/${id}/release`, {}, `${chapter.name}-release`);
    await move(chapter, `/orders/${id}`, 'process');
  },
} satisfies Record<string, (chapter: Chapter) => Promise<unknown>>;

export const storyNames = Object.keys(stories) as (keyof typeof stories)[];

/** Tells each kind of story `rounds` times, `atOnce` side by side, in an order that `seed` decides. Answers what went wrong in the telling. */
export async function workload(
  api: Witness,
  options: { seed: number; name: string; rounds: number; atOnce: number },
): Promise<string[]> {
  const random = new Random(options.seed);
  const queue = Array.from({ length: options.rounds }, (_, round) =>
    random.shuffled(storyNames).map((story) => ({ story, round, seed: random.between(1, 2 ** 31) })),
  ).flat();
  const failures: string[] = [];
  const teller = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const name = `${options.name}-${storyNames.indexOf(next.story)}-${next.round}`;
      await stories[next.story]({ api, random: new Random(next.seed), name }).catch((error: Error) =>
        failures.push(`${next?.story}: ${error.message}`),
      );
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, teller));
  return failures;
}
