import { Refused, type Runtime } from '@oms/chassis';

const WAIT_MS = 1_500;
const POLL_MS = 25;
const FRESH_TIMEOUT_MS = 1_500;

/**
 * An order may be paid in the moment after it was placed, before its event has reached us. One that is not known here is
 * asked of its owner (DESIGN allows a request for what must be fresh); when it is there, its event is waited for, outside any
 * transaction. "Try again" is the last answer, never a "not found" that would be untrue a moment later.
 */
export async function awaitOrder(runtime: Runtime, orderId: string): Promise<void> {
  if (await isKnown(runtime, orderId)) return;
  if (!(await isThere(runtime, orderId))) return;
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline;) {
    await new Promise((done) => setTimeout(done, POLL_MS));
    if (await isKnown(runtime, orderId)) return;
  }
  throw new Refused('service_unavailable', 'this order is not known here yet');
}

async function isKnown(runtime: Runtime, orderId: string): Promise<boolean> {
  const known = `select 1 from payments.order_snapshot where id = ?`;
  return (await runtime.uow.reader().execute<object[]>(known, [orderId])).length > 0;
}

async function isThere(runtime: Runtime, orderId: string): Promise<boolean> {
  const reply = await runtime.ask('rpc.order.get', { orderId }, FRESH_TIMEOUT_MS).catch(() => {
    throw new Refused('service_unavailable', 'the order can not be asked right now');
  });
  const failed = reply.headers?.get('Nats-Service-Error-Code');
  if (failed && failed !== 'not_found')
    throw new Refused('service_unavailable', 'the order can not be asked right now');
  return !failed;
}
