import { equals, historyOf, list, oneOf, ownOnly, query, where, type ListSpec } from '@oms/chassis';
import { transitionsFrom } from '@oms/chassis/machine';
import { ByPaymentId, listPaymentsQuery, type Actor, type ListPayments } from '@oms/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PaymentState } from '../domain/payment.js';
import { paymentMachine } from '../domain/payment.machine.js';
import { lineFor } from '../domain/payment.timeline.js';
import { PaymentRow } from '../persistence/entities.js';
import { attemptsOf } from '../persistence/payment.repository.js';
import { readPayment, shownTo, summaryOf, viewFor } from './payment.view.js';

async function ownPayment(em: EntityManager, id: string, caller: Actor) {
  const read = await readPayment(em, id);
  ownOnly(caller, read.payment.customerId);
  return read;
}

export const getPayment = query({
  name: 'payment.get',
  access: 'customer',
  schema: ByPaymentId,
  run: async (em, { paymentId }, caller) => {
    const { payment, attempts } = await ownPayment(em, paymentId, caller);
    return { body: viewFor(caller, payment, attempts), version: payment.version };
  },
});

export const paymentTransitions = query({
  name: 'payment.transitions',
  access: 'customer',
  schema: ByPaymentId,
  run: async (em, { paymentId }, caller) => {
    const { payment } = await ownPayment(em, paymentId, caller);
    return {
      body: {
        data: transitionsFrom(paymentMachine, payment.status, payment, caller, () => ({
          amount: 1,
          actor: caller,
        })),
      },
    };
  },
});

export const paymentHistory = query({
  name: 'payment.history',
  access: 'customer',
  schema: ByPaymentId,
  run: async (em, { paymentId }, caller) => {
    await ownPayment(em, paymentId, caller);
    const { data } = await historyOf(em, 'payments', paymentId);
    return { body: { data: data.flatMap((line) => lineFor(caller, line)) } };
  },
});

const paymentList: ListSpec<ListPayments> = {
  name: 'payment.list',
  access: 'customer',
  schema: listPaymentsQuery,
  ids: 'pay',
  from: 'payments.payment',
  columns: '*',
  sorts: { total: 'amount' },
  own: (customerId) => where('customer_id = ?', customerId),
  filters: {
    status: oneOf('status'),
    orderId: equals('order_id'),
    customerId: equals('customer_id'),
    provider: equals('provider'),
  },
  show: async (em, rows, caller) => {
    const attempts = await attemptsOf(
      em,
      rows.map((row) => row.id),
    );
    return rows.map((row) =>
      shownTo(
        caller,
        summaryOf(em.map(PaymentRow, row) as unknown as PaymentState, attempts.get(row.id) ?? []),
      ),
    );
  },
};

/** One page in two statements. */
export const listPayments = list(paymentList);

/** The same for the stream of all, which is for staff. */
export const exportPayments = list({ ...paymentList, name: 'payment.export', access: 'staff' });
