import { newId, type Aggregate, type SagaLink } from '@oms/chassis';
import { openCase, refundSaga, type Stand } from '../domain/refund.saga.js';
import { refundStatus, type ReturnInputs, type ReturnState } from '../domain/return.js';
import { returnPayloads } from '../domain/return.events.js';
import { returnMachine } from '../domain/return.machine.js';
import { openTransitions } from '../domain/return.view.js';
import { findReturn, insertReturn, saveReturn } from './return.repository.js';

const standOf = (state: ReturnState): Stand => ({
  refundUnderWay: refundStatus(state) === 'requested',
  method: state.refundMethod,
});

/** A refund that failed may be paid outside or as store credit; the saga hears of it like of any other. */
const otherWays = (state: ReturnState): SagaLink[] =>
  state.status !== 'processed' || standOf(state).refundUnderWay
    ? []
    : (['manual', 'store_credit'] as const).map((refundMethod) => ({
        name: `refund_${refundMethod}`,
        method: 'POST',
        path: `/returns/${state.id}/state`,
        body: { transition: 'refund', refundMethod, ...(refundMethod === 'manual' ? { note: '' } : {}) },
      }));

/** Everything the chassis has to know of a return. */
export const returnAggregate: Aggregate<ReturnState, ReturnInputs> = {
  type: 'return',
  machine: returnMachine,
  find: findReturn,
  insert: insertReturn,
  save: saveReturn,
  payloads: returnPayloads,
  owner: (state) => state.customerId,
  available: openTransitions,
  saga: {
    table: refundSaga,
    open: (state) => openCase(state.id, state.policy),
    facts: standOf,
    moveInput: (move) => (move === 'retry' ? { refundId: newId('ref') } : {}),
    links: otherWays,
  },
};
