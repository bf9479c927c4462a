import {
  OmsProblem,
  until,
  type CreateOrder,
  type OmsClient,
  type Order,
  type Return,
  type TransitionOrderBody,
} from '@oms/client';
import { orderTotal, type LedgerOrder, type LedgerReturn, type Story } from './ledger.ts';

/** The sales channel under which the shop's own numbers are unique. */
const CHANNEL = 'online-retail';

/** What one story came to in the system, read back through the API. Amounts in minor units. */
export interface Outcome {
  ref: string;
  lines: number;
  captured: number;
  returns: { ref: string; status: string; refundAmount: number; expected: number }[];
}

type OrderStep = TransitionOrderBody['transition'];
type ReturnStep = 'approve' | 'mark_in_transit' | 'receive' | 'process';

/** Steps of one order's life after its payment, each asked for only while the order stands before it. */
const NEXT: Readonly<Record<string, OrderStep>> = {
  confirmed: 'process',
  processing: 'ship',
  shipped: 'deliver',
};
const DELIVERED = new Set(['delivered', 'returned']);
const RETURN_NEXT: Readonly<Record<string, ReturnStep>> = {
  initiated: 'approve',
  approved: 'mark_in_transit',
  in_transit: 'receive',
  received: 'process',
};
const RETURN_END = new Set(['refunded', 'rejected', 'cancelled']);
/** How long to wait for what happens by events. */
const WAIT_MS = 180_000;

function orderBody(order: LedgerOrder, withPayment: boolean): CreateOrder {
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

/** The id of the order under the shop's number: created, or, when an earlier run made it, found. */
async function placeOrder(oms: OmsClient, order: LedgerOrder): Promise<string> {
  try {
    const key = `import-${CHANNEL}-${order.ref}`;
    const { id } = await oms.createOrder(orderBody(order, orderTotal(order) > 0), { idempotencyKey: key });
    return id;
  } catch (error) {
    if (!(error instanceof OmsProblem) || error.code !== 'external_ref_taken') throw error;
    for await (const found of oms.listOrders({ externalRef: order.ref }))
      if (found.channel === CHANNEL) return found.id;
    throw error;
  }
}

/** How one kind of resource is read and moved on. */
interface Path<T, Step> {
  read(): Promise<T>;
  move(transition: Step): Promise<T>;
  next: Readonly<Record<string, Step>>;
  end: ReadonlySet<string>;
}

/** Walks a resource to its end; a refused step is looked at afresh, since a twin may have made it. */
async function walk<T extends { status: string }, Step>(path: Path<T, Step>): Promise<T> {
  let view = await path.read();
  while (!path.end.has(view.status)) {
    const before = view.status;
    const transition = path.next[before];
    if (!transition) {
      view = await until(path.read, (now) => now.status !== before, WAIT_MS);
      continue;
    }
    try {
      view = await path.move(transition);
    } catch (error) {
      if (!(error instanceof OmsProblem) || error.code !== 'transition_not_allowed') throw error;
      view = await path.read();
      if (view.status === before) throw error;
    }
  }
  return view;
}

const walkOrder = (oms: OmsClient, id: string, next: Readonly<Record<string, OrderStep>>): Promise<Order> =>
  walk({
    read: () => oms.getOrder(id),
    move: (transition: OrderStep) =>
      oms.transitionOrder(id, { transition }, { idempotencyKey: `import-/orders/${id}-${transition}` }),
    next,
    end: new Set([...DELIVERED, 'cancelled']),
  });

const walkReturn = (oms: OmsClient, id: string): Promise<Return> =>
  walk({
    read: () => oms.getReturn(id),
    move: (transition: ReturnStep) =>
      oms.transitionReturn(id, { transition }, { idempotencyKey: `import-/returns/${id}-${transition}` }),
    next: RETURN_NEXT,
    end: RETURN_END,
  });

async function openReturn(oms: OmsClient, order: Order, row: LedgerReturn): Promise<{ id: string }> {
  const externalRef = `${row.ref}/${row.orderRef}`;
  for await (const known of oms.listReturns({ orderId: order.id, limit: 200 }))
    if (known.externalRef === externalRef) return known;
  const items = row.lines.map(({ line, quantity }) => ({
    orderItemId: order.items[line]?.id ?? `line ${line}`,
    quantity,
    reason: 'other' as const,
  }));
  return oms.createReturn(
    { orderId: order.id, items, externalRef },
    { idempotencyKey: `import-${CHANNEL}-${externalRef}` },
  );
}

/** Replays one order and its returns the way the shop worked. Safe to run again from any point: it adds nothing twice. */
export async function replayStory(oms: OmsClient, { order, returns }: Story): Promise<Outcome> {
  const id = await placeOrder(oms, order);
  const delivered = await walkOrder(oms, id, orderTotal(order) > 0 ? NEXT : { ...NEXT, pending: 'confirm' });
  const outcome: Outcome = { ref: order.ref, lines: delivered.items.length, captured: 0, returns: [] };
  if (DELIVERED.has(delivered.status)) {
    for (const row of returns) {
      const opened = await openReturn(oms, delivered, row);
      const ended = await walkReturn(oms, opened.id);
      outcome.returns.push({
        ref: `${row.ref}/${row.orderRef}`,
        status: ended.status,
        refundAmount: ended.refundAmount ?? 0,
        expected: row.refund,
      });
    }
  }
  // An order is confirmed when its money is held; the capture may still be on its way when a service was away.
  const payments = await until(
    () => oms.listPayments({ orderId: id, limit: 200 }),
    (page) => page.data.every((payment) => payment.status !== 'pending' && payment.status !== 'authorized'),
    WAIT_MS,
  );
  outcome.captured = payments.data.reduce((sum, payment) => sum + payment.capturedAmount, 0);
  return outcome;
}
