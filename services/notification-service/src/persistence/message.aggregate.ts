import type { Aggregate } from '@oms/chassis';
import type { MessageInputs, MessageState } from '../domain/message.js';
import { messageMachine } from '../domain/message.machine.js';
import { insertMessage, loadMessage, saveMessage } from './message.repository.js';

/** Everything the chassis has to know of a message; it publishes nothing. */
export const messageAggregate: Aggregate<MessageState, MessageInputs> = {
  type: 'message',
  machine: messageMachine,
  find: (em, id) => loadMessage(em, id, true),
  insert: insertMessage,
  save: saveMessage,
  payloads: {},
};
