import type { Aggregate } from '@oms/chassis';
import type { PaymentInputs, PaymentState } from '../domain/payment.js';
import { paymentPayloads } from '../domain/payment.events.js';
import { payingSaga, standOf, type PayingCase } from '../domain/paying.saga.js';
import { paymentMachine } from '../domain/payment.machine.js';
import { insertPayment, loadAmongItsOrders, loadPayment, savePayment } from './payment.repository.js';

/** Everything the chassis has to know of a payment. */
export const paymentAggregate: Aggregate<PaymentState, PaymentInputs> = {
  type: 'payment',
  machine: paymentMachine,
  find: loadPayment,
  insert: (em, state) => insertPayment(em, state),
  save: savePayment,
  payloads: paymentPayloads,
  owner: (payment) => payment.customerId,
  saga: {
    table: payingSaga,
    open: (payment): PayingCase => ({ paidByHand: payment.method === 'manual' }),
    facts: standOf,
  },
};

/** A payment, with all the payments of its order locked: for what they may take and give together only once. */
export const amongItsOrders: Aggregate<PaymentState, PaymentInputs> = {
  ...paymentAggregate,
  find: loadAmongItsOrders,
};
const { saga: _, ...withoutSaga } = paymentAggregate;

/** The payment that an order's placing wants: there can only be one, and the saga of the order waits for it. */
export const placingPayment: Aggregate<PaymentState, PaymentInputs> = {
  ...withoutSaga,
  insert: (em, state) => insertPayment(em, state, 'placing'),
};
