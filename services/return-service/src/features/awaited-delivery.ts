import { Refused, type Runtime } from '@oms/chassis';
import type { CreateReturn, OrderView } from '@oms/contracts';

const WAIT_MS = 1_500;
const POLL_MS = 25;
const FRESH_TIMEOUT_MS = 1_500;

/** What is known here of the lines that are asked back. */
interface Known {
  delivered: ReadonlyMap<string, number>;
  /** Every line came with all its parcels: the order can know of no more. */
  whole: boolean;
}

/**
 * A customer may ask for a return in the moment after the delivery, of the first parcel or of the last, before its event has
 * reached us; longer when a service was away. Unless all is known to have come, the order itself is asked what it delivered
 * (DESIGN allows a request for what must be fresh), and that is waited for, outside any transaction. If it takes too long the
 * answer is "try again", never a refusal that would be untrue a moment later. Seen: without this, an import under kill -9
 * lost 3 of 288 returns, and of two parcels the second was refused.
 */
export async function awaitDelivery(runtime: Runtime, asked: CreateReturn): Promise<void> {
  const ids = asked.items.map((item) => item.orderItemId);
  let known = await linesKnown(runtime, asked.orderId, ids);
  if (known.whole) return;
  const order = await freshOrder(runtime, asked.orderId);
  const there = new Map(order?.items.map(({ id, quantities }) => [id, quantities.delivered]));
  const behind = () => ids.some((id) => (there.get(id) ?? 0) > (known.delivered.get(id) ?? 0));
  for (const deadline = Date.now() + WAIT_MS; behind();) {
    if (Date.now() > deadline)
      throw new Refused('service_unavailable', 'the delivery of this order is not known here yet');
    await new Promise((done) => setTimeout(done, POLL_MS));
    known = await linesKnown(runtime, asked.orderId, ids);
  }
}

async function linesKnown(runtime: Runtime, orderId: string, ids: readonly string[]): Promise<Known> {
  const lines = await runtime.uow.reader().execute<{ id: string; delivered: number; open: boolean }[]>(
    `select s.id, s.delivered, s.delivered < s.quantity - s.cancelled as open from json_array_elements_text(?::json) w(id)
       join returns.order_line_snapshot s on s.id = w.id and s.order_id = ?`,
    [JSON.stringify(ids), orderId],
  );
  return {
    delivered: new Map(lines.map(({ id, delivered }) => [id, Number(delivered)])),
    whole: lines.length === new Set(ids).size && lines.every(({ open }) => !open),
  };
}

/** The order as its owner knows it; null when there is none. An owner that is away is no answer. */
async function freshOrder(runtime: Runtime, orderId: string): Promise<OrderView | null> {
  const reply = await runtime.ask('rpc.order.get', { orderId }, FRESH_TIMEOUT_MS).catch(() => {
    throw new Refused('service_unavailable', 'the order can not be asked right now');
  });
  const failed = reply.headers?.get('Nats-Service-Error-Code');
  if (!failed) return reply.json<OrderView>();
  if (failed === 'not_found') return null;
  throw new Refused('service_unavailable', 'the order can not be asked right now');
}
