import { newId } from '@oms/chassis';
import { events, isEventName, ownerOf, type EventName } from '@oms/contracts';

export const eventNames = Object.keys(events).filter(isEventName);

/** Everything that any event of an aggregate says; a schema takes what is its own of it. */
function everything(): Record<ReturnType<typeof ownerOf>, { id: string; says: Record<string, unknown> }> {
  const [orderId, returnId, paymentId] = [newId('ord'), newId('ret'), newId('pay')];
  const about = {
    orderId,
    customerId: 'cus_42',
    currency: 'GBP',
    number: 'N-100001',
    reason: 'changed_mind',
  };
  const items = [{ itemId: newId('itm'), quantity: 2, reason: 'defective', disposition: 'restock' }];
  const refund = { refundId: newId('ref'), returnRefundId: newId('ref'), refundAmount: 400, returnId };
  const carrier = {
    carrier: 'Royal Mail',
    trackingNumber: 'RM1',
    trackingUrl: 'https://carrier.example/RM1',
  };
  return {
    order: {
      id: orderId,
      says: {
        ...about,
        ...carrier,
        status: 'confirmed',
        total: 1_000,
        shippingTotal: 0,
        lines: [],
        channel: 'web',
        externalRef: '536365',
        placedAt: '2026-03-01T10:00:00Z',
        payment: { method: 'card', capture: 'automatic' },
        shipmentId: newId('shp'),
        shipmentIds: [newId('shp')],
        items,
        amount: 1_000,
        complete: true,
        deliveredAt: '2026-03-02T10:00:00Z',
        returnId,
      },
    },
    payment: {
      id: paymentId,
      says: {
        ...about,
        ...refund,
        paymentId,
        status: 'captured',
        amount: 1_000,
        capture: 'automatic',
        authorizedAmount: 1_000,
        capturedAmount: 1_000,
        refundedAmount: 0,
        captureAmount: 1_000,
        voidedAmount: 0,
        code: 'card_declined',
        settled: true,
        chargebackId: 'chb_1',
        chargebackAmount: 1_000,
        outcome: 'lost',
      },
    },
    return: {
      id: returnId,
      says: {
        ...about,
        ...refund,
        ...carrier,
        returnId,
        status: 'approved',
        items,
        pickupAt: '2026-03-02T10:00:00Z',
        refundAmount: 1_000,
        attempt: 1,
        amount: 1_000,
        method: 'original',
        code: 'refund_refused',
      },
    },
  };
}

export interface Sample {
  name: EventName;
  /** The aggregate's id. */
  id: string;
  data: Record<string, unknown>;
}

/** An event of a name that says everything it may say, or, `bare`, only what it must: whatever may be null is. */
export function sample(name: EventName, bare = false): Sample {
  const { id, says } = everything()[ownerOf(name)];
  const { schema } = events[name];
  const data = schema.parse(says) as Record<string, unknown>;
  if (!bare) return { name, id, data };
  for (const field of Object.keys(data)) {
    if (schema.safeParse({ ...data, [field]: null }).success) data[field] = null;
  }
  return { name, id, data };
}
