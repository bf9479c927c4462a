import type { CreateReturnPolicyBody, Order, Return } from '@oms/client';
import { ReturnPolicyRules } from '@oms/contracts';
import { need } from './sentence.ts';
import type { World } from './world.ts';

/** An order that was delivered years ago. */
export async function longAgo(w: World): Promise<Order> {
  const { id } = await w.admin.createOrder(w.body({ placedAt: '2020-01-01T00:00:00Z' }));
  for (const transition of ['confirm', 'process', 'ship'] as const)
    await w.staff.transitionOrder(id, { transition });
  return w.staff.transitionOrder(id, { transition: 'deliver', deliveredAt: '2020-01-05T00:00:00Z' });
}

/** A return of one unit of an order whose provider refuses every refund, where the saga gave up. */
export async function stuck(w: World): Promise<Return> {
  const order = await w.delivered({ payment: { method: 'card', token: 'tok_refundFails' } });
  const { id } = await w.received(order, 1);
  await w.staff.transitionReturn(id, { transition: 'process' });
  await w.sagaOf(id, (state) => state === 'needs_attention');
  return w.staff.getReturn(id);
}

/** What is delivered during `work` is judged by other rules; then those of before are in force again. */
export async function underPolicy(
  w: World,
  rules: Partial<CreateReturnPolicyBody['rules']>,
  work: () => Promise<void>,
): Promise<void> {
  const { data } = await w.admin.listReturnPolicies();
  const before = need(
    'policy',
    data.find((one) => one.inForce),
  );
  // What a version shows beside what may be said of it is not ours to say.
  const given = Object.fromEntries(
    Object.entries(before.rules).filter(([name]) => name in ReturnPolicyRules.shape),
  );
  const put = (more: object) =>
    w.admin.createReturnPolicy({
      version: `walk-${crypto.randomUUID().slice(0, 8)}`,
      note: `as ${before.version}`,
      rules: { ...given, ...more },
    });
  await put(rules);
  try {
    await work();
  } finally {
    await put({});
  }
}
