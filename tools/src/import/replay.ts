import { ApiProblem, type ApiClient } from '../client.ts';
import { orderTotal, type LedgerOrder, type LedgerReturn, type Story } from './ledger.ts';

/** The sales channel under which the shop's own numbers are unique. */
const CHANNEL = 'online-retail';

interface OrderView {
  id: string;
  status: string;
  total: number;
  items: { id: string; sku: string; quantities: { ordered: number } }[];
  availableTransitions: string[];
}
interface ReturnView {
  id: string;
  status: string;
  refundAmount: number;
  refundStatus: string;
  externalRef: string | null;
}

/** What one story came to in the system, read back through the API. Amounts in minor units. */
export interface Outcome {
  ref: string;
  lines: number;
  captured: number;
  returns: { ref: string; status: string; refundAmount: number; expected: number }[];
}

/** Steps of one order's life after its payment, each asked for only while the order stands before it. */
const NEXT: Readonly<Record<string, string>> = {
  confirmed: 'process',
  processing: 'ship',
  shipped: 'deliver',
};
const DELIVERED = new Set(['delivered', 'returned']);
const RETURN_NEXT: Readonly<Record<string, string>> = {
  initiated: 'approve',
  approved: 'mark_in_transit',
  in_transit: 'receive',
  received: 'process',
};
const RETURN_END = new Set(['refunded', 'rejected', 'cancelled']);

function orderBody(order: LedgerOrder, withPayment: boolean): object {
  const customer =
    order.customerRef === null
      ? { email: `guest-${order.ref.toLowerCase()}@shop.example` }
      : { customerId: `cus_${order.customerRef}` };
  return {
    ...customer,
    channel: CHANNEL,
    externalRef: order.ref,
    currency: order.currency,
    placedAt: order.at,
    items: order.lines,
    shippingAddress: {
      name: order.customerRef ?? 'Guest',
      line1: 'not in the ledger',
      city: 'not in the ledger',
      postalCode: '0',
      country: order.country,
    },
    ...(withPayment ? { payment: { method: 'card', token: 'tok_visa', capture: 'automatic' } } : {}),
  };
}

/** The order under the shop's number: created, or, when an earlier run made it, found. */
async function placeOrder(api: ApiClient, order: LedgerOrder): Promise<OrderView> {
  try {
    return await api.post<OrderView>(
      '/orders',
      orderBody(order, orderTotal(order) > 0),
      `import-${CHANNEL}-${order.ref}`,
    );
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== 'external_ref_taken') throw error;
    const { data } = await api.get<{ data: OrderView[] }>(
      `/orders?externalRef=${encodeURIComponent(order.ref)}`,
    );
    const found = data[0];
    if (!found) throw error;
    return found;
  }
}

/** Walks a resource along `next` until it stands in `end`; a refused step is looked at afresh, since a twin may have made it. */
async function walk<T extends { status: string }>(
  api: ApiClient,
  path: string,
  next: Readonly<Record<string, string>>,
  end: ReadonlySet<string>,
): Promise<T> {
  let view = await api.get<T>(path);
  while (!end.has(view.status)) {
    const transition = next[view.status];
    if (!transition) {
      const waiting = view.status;
      view = await api.until<T>(path, (now) => now.status !== waiting);
      continue;
    }
    const key = `import-${path}-${transition}`;
    try {
      view = await api.post<T>(`${path}/state`, { transition }, key);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'transition_not_allowed') throw error;
      const before = view.status;
      view = await api.get<T>(path);
      if (view.status === before) throw error;
    }
  }
  return view;
}

async function openReturn(api: ApiClient, order: OrderView, row: LedgerReturn): Promise<ReturnView> {
  const externalRef = `${row.ref}/${row.orderRef}`;
  const known = await api.get<{ data: ReturnView[] }>(`/returns?orderId=${order.id}&limit=200`);
  const found = known.data.find((one) => one.externalRef === externalRef);
  if (found) return found;
  const items = row.lines.map(({ line, quantity }) => ({
    orderItemId: order.items[line]?.id,
    quantity,
    reason: 'other',
  }));
  return api.post<ReturnView>(
    '/returns',
    { orderId: order.id, items, externalRef },
    `import-${CHANNEL}-${externalRef}`,
  );
}

/** Replays one order and its returns the way the shop worked. Safe to run again from any point: it adds nothing twice. */
export async function replayStory(api: ApiClient, { order, returns }: Story): Promise<Outcome> {
  const { id } = await placeOrder(api, order);
  const path = `/orders/${id}`;
  const steps = orderTotal(order) > 0 ? NEXT : { ...NEXT, pending: 'confirm' };
  await walk<OrderView>(api, path, steps, new Set([...DELIVERED, 'cancelled']));
  const delivered = await api.get<OrderView>(path);
  const outcome: Outcome = { ref: order.ref, lines: delivered.items.length, captured: 0, returns: [] };
  if (DELIVERED.has(delivered.status)) {
    for (const row of returns) {
      const opened = await openReturn(api, delivered, row);
      const ended = await walk<ReturnView>(api, `/returns/${opened.id}`, RETURN_NEXT, RETURN_END);
      outcome.returns.push({
        ref: `${row.ref}/${row.orderRef}`,
        status: ended.status,
        refundAmount: ended.refundAmount,
        expected: row.refund,
      });
    }
  }
  // An order is confirmed when its money is held; the capture may still be on its way when a service was away.
  const settled = (payments: { data: { status: string }[] }) =>
    payments.data.every((payment) => payment.status !== 'pending' && payment.status !== 'authorized');
  const payments = await api.until<{ data: { status: string; capturedAmount: number }[] }>(
    `/payments?orderId=${id}&limit=200`,
    settled,
  );
  outcome.captured = payments.data.reduce((sum, payment) => sum + payment.capturedAmount, 0);
  return outcome;
}
