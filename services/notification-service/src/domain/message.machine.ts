import { machine, NEW } from '@oms/chassis/machine';
import { messageStatuses } from '@oms/contracts';
import type { MessageInputs, MessageState } from './message.js';

/** Waiting any longer would tell the customer of something that is long past. */
const worthWaiting = (message: MessageState, input: { nextAt: Date }): true | string =>
  input.nextAt <= message.giveUpAt || 'message_given_up';

function end(message: MessageState, reason: string | null): void {
  message.reason = reason;
  message.nextAt = null;
}

/** The delivery of one message. It publishes nothing: what customers hear follows the story, and never leads it. */
export const messageMachine = machine<MessageState, MessageInputs>()({
  name: 'message',
  statuses: messageStatuses,
  terminal: [],
  transitions: ['resend'],
  rows: [
    {
      from: NEW,
      on: 'record',
      to: 'queued',
      because: 'an event came that its recipient hears of',
    },
    {
      from: ['queued', 'sending'],
      on: 'dispatch',
      to: 'sending',
      does: (message, { recipient, locale, subject, body, messageId }) =>
        void Object.assign(message, { recipient, locale, subject, body, messageId }),
      because:
        'what will be offered is on record before it is; from `sending`, the process died on the way and the same is offered again under the same Message-ID',
    },
    {
      from: 'sending',
      on: 'accept',
      to: 'sent',
      does: (message, { providerRef }) => {
        end(message, null);
        message.providerRef = providerRef;
      },
      because: 'the channel took it over',
    },
    {
      from: ['queued', 'sending'],
      on: 'defer',
      guard: [worthWaiting],
      to: 'queued',
      does: (message, { reason, nextAt }) => void Object.assign(message, { reason, nextAt }),
      because: 'the channel or a fact is away for now, or its answer was lost: tried again later',
    },
    {
      from: ['queued', 'sending'],
      on: 'defer',
      to: 'failed',
      does: (message, { reason }) => end(message, reason),
      because: 'it was put off until nobody would want it any more',
    },
    {
      from: 'sending',
      on: 'reject',
      to: 'failed',
      does: (message, { reason }) => end(message, reason),
      because: 'the channel refused it for good',
    },
    {
      from: ['queued', 'sending'],
      on: 'suppress',
      to: 'suppressed',
      does: (message, { reason }) => end(message, reason),
      because: 'there is nobody to send it to, or who there is must or wants not be written to',
    },
    {
      from: ['sent', 'failed', 'suppressed'],
      on: 'resend',
      to: 'queued',
      does: (message, { at, giveUpAt }) => {
        message.round += 1;
        Object.assign(message, { attempts: 0, nextAt: at, giveUpAt, reason: null, providerRef: null });
      },
      because: 'staff want it sent again, to the address that the order has now',
    },
  ],
});
