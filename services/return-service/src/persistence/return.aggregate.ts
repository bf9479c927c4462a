import type { Aggregate } from '@oms/chassis';
import { standardPolicy } from '../domain/policy.js';
import { openCase, refundSaga } from '../domain/refund.saga.js';
import type { ReturnInputs, ReturnState } from '../domain/return.js';
import { returnPayloads } from '../domain/return.events.js';
import { returnMachine } from '../domain/return.machine.js';
import { findReturn, insertReturn, saveReturn } from './return.repository.js';

/** Everything the chassis has to know of a return. */
export const returnAggregate: Aggregate<ReturnState, ReturnInputs> = {
  type: 'return',
  machine: returnMachine,
  find: findReturn,
  insert: insertReturn,
  save: saveReturn,
  payloads: returnPayloads,
  owner: (state) => state.customerId,
  saga: { table: refundSaga, open: (state) => openCase(state.id, standardPolicy) },
};
