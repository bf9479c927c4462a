import { Refused, type Runtime } from '@oms/chassis';
import type { CreateReturn, OrderView } from '@oms/contracts';

const WAIT_MS = 1_500;
const POLL_MS = 25;
const FRESH_TIMEOUT_MS = 1_500;

/**
 * A customer may ask for a return in the moment after the delivery, before its event has reached us; longer when a service
 * was away. What we know is waited for, outside any transaction; when it still does not allow the return, the order is
 * asked itself (DESIGN allows a request for what must be fresh). If the order knows of more than we do, the answer is "try
 * again", never a refusal that would be untrue a moment later. Seen: without this, an import under kill -9 lost 3 of 288 returns.
 */
export async function awaitDelivery(runtime: Runtime, asked: CreateReturn): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline;) {
    if (await isKnown(runtime, asked)) return;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  const order = await freshOrder(runtime, asked.orderId);
  const deliveredThere = (itemId: string) =>
    order?.items.find((item) => item.id === itemId)?.quantities.delivered ?? 0;
  if (order && asked.items.every((item) => deliveredThere(item.orderItemId) > 0)) {
    throw new Refused('service_unavailable', 'the delivery of this order is not known here yet');
  }
}

async function isKnown(runtime: Runtime, asked: CreateReturn): Promise<boolean> {
  const wanted = JSON.stringify(asked.items.map((item) => ({ id: item.orderItemId })));
  const [row] = await runtime.uow.reader().execute<{ missing: string }[]>(
    `select count(*) as missing from json_to_recordset(?::json) w(id text)
       left join returns.order_line_snapshot s on s.id = w.id and s.order_id = ? where s.id is null or s.delivered_at is null`,
    [wanted, asked.orderId],
  );
  return Number(row?.missing ?? 0) === 0;
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
