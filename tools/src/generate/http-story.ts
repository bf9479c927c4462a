import { requestExamples } from '@oms/contracts';

/** One request of `docs/api.http`. Left-out bodies are the contract's examples, left-out names the call's own. */
export interface Step {
  call: string;
  /** A sentence for whoever reads the file. */
  says?: string;
  as?: string;
  query?: string;
  body?: object;
  /** Where ids come from in this step and all that follow, by prefix: a path into an earlier answer. */
  from?: Readonly<Record<string, string>>;
}

const { externalRef: _, ...order } = requestExamples['createOrder'] as { externalRef: string };
const { payment: __, ...unpaid } = order as typeof order & { payment: object };

/**
 * The story that `docs/api.http` tells, from an order to its refund. Calls that it does not use follow it by themselves, with
 * the contract's example.
 */
export const story: readonly Step[] = [
  {
    call: 'createOrder',
    says: 'The saga authorizes and captures the money, and confirms the order',
    body: order,
    from: { ord: 'createOrder.response.body.$.id', itm: 'createOrder.response.body.$.items[0].id' },
  },
  { call: 'getOrder' },
  { call: 'listOrders', query: 'status=pending&status=confirmed&limit=10&sort=-total' },
  { call: 'updateOrder' },
  { call: 'holdOrder' },
  { call: 'releaseOrder' },
  { call: 'orderTransitions' },
  {
    call: 'transitionOrder',
    as: 'processOrder',
    says: 'Refused (409) until the saga has confirmed the order: send it again',
    body: { transition: 'process' },
  },
  { call: 'createShipment', from: { shp: 'createShipment.response.body.$.shipments[0].id' } },
  { call: 'deliverShipment', body: {} },
  { call: 'cancelOrder', says: 'One of the two that have not shipped' },
  {
    call: 'transitionOrder',
    as: 'shipTheRest',
    body: { transition: 'ship', carrier: 'Royal Mail', trackingNumber: 'RM1' },
  },
  { call: 'transitionOrder', as: 'deliverTheRest', body: { transition: 'deliver' } },
  { call: 'orderHistory' },
  {
    call: 'createReturn',
    says: 'Refused (422) until the return service has heard of the delivery: send it again',
    from: {
      ret: 'createReturn.response.body.$.id',
      rit: 'createReturn.response.body.$.items[0].id',
    },
  },
  { call: 'getReturn' },
  { call: 'listReturns', query: 'status=initiated&limit=10' },
  { call: 'updateReturn' },
  { call: 'returnTransitions' },
  { call: 'approveReturn' },
  { call: 'transitionReturn', as: 'receiveReturn', body: { transition: 'receive' } },
  { call: 'transitionReturn', as: 'processReturn', says: 'The amount is fixed, and the saga pays it' },
  { call: 'returnHistory' },
  {
    call: 'createReturn',
    as: 'secondReturn',
    body: {
      orderId: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha',
      items: [{ orderItemId: 'itm_01jd3z6q8kf5v9c2x7m4t0b1ha', quantity: 1, reason: 'changed_mind' }],
    },
    from: { ret: 'secondReturn.response.body.$.id' },
  },
  { call: 'rejectReturn' },
  {
    call: 'createReturn',
    as: 'thirdReturn',
    body: {
      orderId: 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha',
      items: [{ orderItemId: 'itm_01jd3z6q8kf5v9c2x7m4t0b1ha', quantity: 1, reason: 'other' }],
    },
    from: { ret: 'thirdReturn.response.body.$.id' },
  },
  { call: 'cancelReturn' },
  {
    call: 'createOrder',
    as: 'secondOrder',
    says: 'Without a payment: staff take the money by the calls below',
    body: unpaid,
    from: { ord: 'secondOrder.response.body.$.id', itm: 'secondOrder.response.body.$.items[0].id' },
  },
  { call: 'createPayment', from: { pay: 'createPayment.response.body.$.id' } },
  { call: 'updatePayment' },
  { call: 'processPayment' },
  { call: 'capturePayment' },
  { call: 'voidPayment', says: 'Gives up what was authorized and not captured' },
  { call: 'refundPayment' },
  { call: 'getPayment' },
  { call: 'listPayments', query: 'orderId={{secondOrder.response.body.$.id}}' },
  { call: 'paymentTransitions' },
  { call: 'paymentHistory' },
  { call: 'createApiKey', from: { key: 'createApiKey.response.body.$.id' } },
  { call: 'listApiKeys' },
  { call: 'revokeApiKey' },
];
