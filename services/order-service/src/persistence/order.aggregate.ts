import type { Aggregate } from '@oms/chassis';
import type { OrderInputs, OrderState } from '../domain/order.js';
import { orderPayloads } from '../domain/order.events.js';
import { orderMachine } from '../domain/order.machine.js';
import { openTransitions } from '../domain/order.view.js';
import { placingSaga, standOf, type PlacingCase } from '../domain/placing.saga.js';
import { insertOrder, loadOrder, saveOrder } from './order.repository.js';

const MINUTE_MS = 60_000;

/** Everything the chassis has to know of an order. */
export const orderAggregate: Aggregate<OrderState, OrderInputs> = {
  type: 'order',
  machine: orderMachine,
  find: (em, id) => loadOrder(em, id, true),
  insert: insertOrder,
  save: saveOrder,
  payloads: orderPayloads,
  owner: (order) => order.customerId,
  available: openTransitions,
  saga: {
    table: placingSaga,
    facts: standOf,
    open: (order): PlacingCase => ({
      wantsPayment: order.paymentWanted !== null,
      paidByHand: order.paymentWanted?.method === 'manual',
      moneyTaken: Object.values(order.payments).some(
        (payment) => payment.authorizedAmount > 0 || payment.status === 'pending',
      ),
      paymentDeadlineMs: 15 * MINUTE_MS,
      giveBackDeadlineMs: 24 * 60 * MINUTE_MS,
    }),
  },
};
