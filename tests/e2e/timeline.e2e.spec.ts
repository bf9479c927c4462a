import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TimelineEntry } from '@oms/contracts';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { Shop, type OrderView } from './shop.ts';
import { openShop } from './stack.ts';

let shop: Shop;
let jane: Shop;
let stack: Stack;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ shop, stack, close } = await openShop());
  jane = new Shop(stack.run.gateway.url, stack.run.issuer.url, { role: 'customer', subject: 'cus_jane' });
});
afterAll(() => close?.());

/** The timeline once it tells of everything in `wanted`, in their sequence: messages are written a moment after what they tell of. */
async function timelineWith(
  who: Shop,
  path: string,
  wanted: readonly (string | RegExp)[],
): Promise<TimelineEntry[]> {
  const holds = (entries: TimelineEntry[]): boolean => {
    let from = 0;
    return wanted.every((want) => {
      const found = entries.findIndex(
        ({ title }, index) =>
          index >= from && (typeof want === 'string' ? title.startsWith(want) : want.test(title)),
      );
      from = found + 1;
      return found >= 0;
    });
  };
  const { data } = await who.api.until<{ data: TimelineEntry[] }>(
    `${path}/timeline`,
    (view) => holds(view.data),
    60_000,
  );
  return data;
}

async function deliveredTo(customer: Shop, token = 'tok_visa'): Promise<OrderView> {
  const { id } = await customer.place({ payment: { method: 'card', token } });
  const path = `/orders/${id}`;
  await shop.api.until<OrderView>(path, (order) => order.paymentStatus === 'captured', 60_000);
  for (const transition of ['process', 'ship', 'deliver']) await shop.move(path, transition);
  return shop.order(id);
}

describe('a timeline', () => {
  it('of an order tells of order, payment, return and messages in one list, oldest first, each with who and its trace', async () => {
    const order = await deliveredTo(jane);
    const { id } = await jane.openReturn(order, [1, 0]);
    await shop.refunded(id);
    const entries = await timelineWith(jane, `/orders/${order.id}`, [
      'The order was placed',
      'The order waits for its money',
      'The payment is to be authorized',
      /^The provider was asked to hold 25\.14 GBP: it did$/,
      'The order was confirmed',
      /^Message.*: .*confirmed/,
      'The customer asked to send goods back',
      'The goods were inspected and the refund is fixed: 3.06 GBP',
      /^The provider was asked to give back 3\.06 GBP: it did$/,
      'The refund was paid',
      'Units of a refunded return are marked as returned',
    ]);
    const times = entries.map((entry) => entry.at);
    expect(times).toEqual([...times].sort());
    expect(new Set(entries.map((entry) => entry.source))).toEqual(
      new Set(['order', 'payment', 'return', 'message']),
    );
    const [placed] = entries;
    expect(placed).toMatchObject({
      kind: 'transition',
      actor: { type: 'customer', id: 'cus_jane' },
      eventId: expect.stringMatching(/^evt_/),
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    for (const entry of entries) expect(entry.title).toMatch(/^[A-Z0-9]/);
  });

  it('of a return shows every step of its saga, each attempt, and what it waits for until when', async () => {
    const order = await deliveredTo(jane, 'tok_refundFails');
    const { id } = await jane.openReturn(order, [0, 1]);
    const path = `/returns/${id}`;
    await timelineWith(jane, path, ['The customer asked to send goods back', 'Waits for staff to approve']);
    await shop.move(path, 'approve');
    const waits = await timelineWith(jane, path, ['Waits for the goods, until 20']);
    expect(waits.find((entry) => entry.kind === 'waiting')).toMatchObject({
      kind: 'waiting',
      detail: { step: 'awaiting_goods', deadline: 'ship_back', state: 'running' },
    });
    for (const transition of ['mark_in_transit', 'receive', 'process']) await shop.move(path, transition);
    const entries = await timelineWith(shop, path, [
      'An approval does not last for ever',
      'The goods are here',
      'The payments were asked for the refund: 3.39 GBP (attempt 1)',
      'The amount is fixed',
      'A payment is to give 3.39 GBP back',
      'The provider was asked to give back 3.39 GBP: it declined',
      'The refund could not be paid',
      'Asking again cannot help: a person decides',
      'Waits for a person',
    ]);
    expect(entries.find((entry) => entry.kind === 'waiting')?.detail).toMatchObject({
      state: 'needs_attention',
      attempt: 1,
      maxAttempts: 3,
    });
  });

  it('tells who changed which fields, when, and by which event; what staff note for themselves they alone see', async () => {
    const order = await jane.place();
    await jane.api.patch(`/orders/${order.id}`, { email: 'jane.roe@example.com' });
    await shop.api.patch(`/orders/${order.id}`, { notes: 'a good customer', tags: ['vip'] });
    interface Line {
      transition: string;
      actor: { type: string };
      changed: string[] | null;
      eventId: string;
    }
    const history = (who: Shop) => who.api.get<{ data: Line[] }>(`/orders/${order.id}/history`);
    const changes = (await history(shop)).data.filter((line) => line.transition === 'update');
    expect(changes).toMatchObject([
      { actor: { type: 'customer' }, changed: ['email'], eventId: expect.stringMatching(/^evt_/) },
      { actor: { type: 'staff' }, changed: ['notes', 'tags'], eventId: expect.stringMatching(/^evt_/) },
    ]);
    expect((await history(jane)).data.map((line) => line.changed)).toEqual([null, ['email']]);
    const told = async (who: Shop) =>
      JSON.stringify(await who.api.get<object>(`/orders/${order.id}/timeline`));
    expect(await told(shop)).toMatch(/Changed: notes, tags/);
    expect(await told(jane)).toMatch(/Changed: email/);
    expect(await told(jane)).not.toMatch(/notes|tags/);
  });

  it('keeps from the customer why staff put the order on hold', async () => {
    const order = await jane.place();
    await shop.api.post(`/orders/${order.id}/hold`, { reason: 'fraud', note: 'two countries' });
    const path = `/orders/${order.id}`;
    const held = (entries: TimelineEntry[]) => entries.find((one) => one.detail['transition'] === 'hold');
    expect(held(await timelineWith(shop, path, ['The order was put on hold']))?.detail['reason']).toBe(
      'fraud',
    );
    const shown = await timelineWith(jane, path, ['The order was put on hold']);
    expect(held(shown)?.detail['reason']).toBeNull();
    expect(JSON.stringify(shown)).not.toMatch(/fraud|two countries/);
  });

  it('is not given with a hole: while one service is away it is 503, and whole again after', async () => {
    const order = await jane.place();
    const path = `/orders/${order.id}/timeline`;
    const payments = stack.run['payment-service']?.pid ?? 0;
    expect(payments).toBeGreaterThan(0);
    process.kill(payments, 'SIGSTOP');
    const answer = await shop.raw('GET', path).finally(() => process.kill(payments, 'SIGCONT'));
    expect([503, 504]).toContain(answer.status);
    expect(answer.problem).toMatchObject({ code: expect.stringMatching(/^service_/) });
    await shop.api.until<{ data: unknown[] }>(path, (view) => view.data.length > 0, 60_000);
  });
});
