import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { tokenOf } from '../../tools/src/development-token.ts';
import { Ground } from './ground.ts';
import { endedByThemselves, judge } from './judge.ts';
import type { Point } from './points.ts';
import { springFirst } from './spring.ts';
import { Witness, type Resource } from './witness.ts';

/** Every point that the work passes from the last command of a return until its order knows that the money is back. */
const WAY: readonly (readonly [process: string, point: Point, during: string])[] = [
  ['gateway', 'before answer', '/state'],
  ['return-service', 'before commit', 'return.transition'],
  ['return-service', 'after commit', 'return.transition'],
  ['return-service', 'before publish', 'return.processed'],
  ['return-service', 'after publish', 'return.processed'],
  ['return-service', 'before publish', 'return.refund_requested'],
  ['return-service', 'after publish', 'return.refund_requested'],
  ['return-service', 'before mark', ''],
  ['return-service', 'after mark', ''],
  ['payment-service', 'before store', 'return.refund_requested'],
  ['payment-service', 'before ack', 'return.refund_requested'],
  ['payment-service', 'after ack', 'return.refund_requested'],
  ['payment-service', 'after claim', 'return.refund_requested'],
  ['payment-service', 'before commit', 'handle return.refund_requested'],
  ['payment-service', 'after commit', 'handle return.refund_requested'],
  ['payment-service', 'before provider', 'refund'],
  ['payment-sandbox', 'before effect', 'refund'],
  ['payment-sandbox', 'after effect', 'refund'],
  ['payment-service', 'after provider', 'refund'],
  ['payment-service', 'before commit', 'perform refund'],
  ['payment-service', 'after commit', 'perform refund'],
  ['payment-service', 'before publish', 'payment.refunded'],
  ['payment-service', 'after publish', 'payment.refunded'],
  ['return-service', 'before store', 'payment.refunded'],
  ['return-service', 'before ack', 'payment.refunded'],
  ['return-service', 'after claim', 'payment.refunded'],
  ['return-service', 'before commit', 'handle payment.refunded'],
  ['return-service', 'after commit', 'handle payment.refunded'],
  ['return-service', 'before publish', 'return.refunded'],
  ['return-service', 'after publish', 'return.refunded'],
  ['order-service', 'before ack', 'return.refunded'],
  ['order-service', 'after claim', 'return.refunded'],
  ['order-service', 'before commit', 'handle return.refunded'],
  ['order-service', 'after commit', 'handle return.refunded'],
  ['order-service', 'before publish', 'order.items_returned'],
  ['order-service', 'after publish', 'order.items_returned'],
  ['notification-service', 'before commit', 'handle return.refunded'],
];

let ground: Ground;
let api: Witness;

beforeAll(async () => {
  ground = await Ground.start();
  api = new Witness(() => ground.gateways, tokenOf({ role: 'staff' }, ground.stack.run.issuer.url));
}, 120_000);
afterAll(() => ground?.close(), 60_000);

const move = (path: string, transition: string) =>
  api.write('POST', `${path}/state`, { transition }, randomUUID());

/** A return whose goods are here: only its last command is missing. */
async function received(): Promise<{ order: Resource; path: string }> {
  const body = {
    email: 'jane@example.com',
    currency: 'GBP',
    items: [{ sku: '85123A', name: 'White hanging heart', quantity: 3, unitPrice: 333, taxAmount: 100 }],
    shippingAddress: {
      name: 'Jane Roe',
      line1: '1 High Street',
      city: 'Leeds',
      postalCode: 'LS1 1AA',
      country: 'GB',
    },
    payment: { method: 'card', token: 'tok_visa', capture: 'automatic' },
  };
  const { id } = await api.write('POST', '/orders', body, randomUUID());
  await api.until(`/orders/${id}`, (view) => view['paymentStatus'] === 'captured');
  for (const transition of ['process', 'ship', 'deliver']) await move(`/orders/${id}`, transition);
  const order = await api.read(`/orders/${id}`);
  const [item] = order['items'] as { id: string }[];
  const items = [{ orderItemId: item?.id, quantity: 2, reason: 'defective' }];
  const opened = await api.write('POST', '/returns', { orderId: id, items }, randomUUID());
  const path = `/returns/${opened.id}`;
  for (const transition of ['approve', 'mark_in_transit', 'receive']) await move(path, transition);
  return { order, path };
}

describe('a refund whose way is cut by kill -9', () => {
  it.each(WAY)(
    'in %s, %s (%s): it is paid once, in order, and the history is whole',
    async (process, point, during) => {
      const endings = ground.stack.endings.length;
      const { order, path } = await received();
      const trap = springFirst(ground, process, { point, during, nth: 1, strike: 'kill' });
      const processed = move(path, 'process');
      const { pid } = await trap.reached;
      ground.doomed.add(pid);
      await processed;
      const refunded = await api.until(path, (view) => view.status === 'refunded');
      await api.until(`/orders/${order.id}`, (view) =>
        (view['items'] as { quantities: { returned: number } }[]).every(
          ({ quantities }) => quantities.returned === 2,
        ),
      );
      expect((await judge(ground)).broken).toEqual([]);
      expect(endedByThemselves(ground, endings)).toEqual([]);

      const { data } = await api.read<{ data: { transition: string }[] }>(`${path}/history`);
      expect(data.map(({ transition }) => transition)).toEqual([
        'initiate',
        'approve',
        'mark_in_transit',
        'receive',
        'process',
        'request_refund',
        'refund_succeeded',
      ]);
      const { data: payments } = await api.read<{
        data: { id: string; refunds: { status: string; amount: number }[] }[];
      }>(`/payments?orderId=${order.id}`);
      expect(payments).toHaveLength(1);
      expect(payments[0]?.refunds).toMatchObject([{ status: 'succeeded', amount: refunded['refundAmount'] }]);
      const ledger = await ground.books.query<{ operation: string }>(
        `select operation from provider_effect where reference = $1 and operation = 'refund'`,
        [payments[0]?.id],
      );
      expect(ledger).toHaveLength(1);
      const events = await ground.books.query<{ type: string }>(
        `select type from returns.outbox where aggregate_id = $1 order by agg_seq`,
        [refunded.id],
      );
      expect(events.map(({ type }) => type).slice(-3)).toEqual([
        'return.processed',
        'return.refund_requested',
        'return.refunded',
      ]);
    },
    180_000,
  );
});
