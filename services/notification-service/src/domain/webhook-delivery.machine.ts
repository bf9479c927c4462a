import { machine, NEW, type AggregateState, type At } from '@oms/chassis/machine';
import { deliveryStatuses, type DeliveryStatus } from '@oms/contracts';

/** The way of one event to one endpoint. */
export interface WebhookDelivery extends Pick<AggregateState, 'lastTransition'> {
  status: DeliveryStatus;
  /** Tries of this round that were begun, counted before each. */
  attempts: number;
  nextAt: Date | null;
  responseStatus: number | null;
  error: string | null;
  finishedAt: Date | null;
}

/** What one try came to. */
export interface Answered {
  responseStatus: number | null;
  error: string | null;
}
export interface WebhookDeliveryInputs {
  match: At;
  deliver: At & Answered;
  miss: At & Answered & { nextAt: Date | null };
  end: At & Answered;
  resend: At;
}

const triesLeft = (_: WebhookDelivery, input: { nextAt: Date | null }): true | string =>
  input.nextAt !== null || 'no_tries_left';

function finish(delivery: WebhookDelivery, { at, responseStatus, error }: At & Answered): void {
  Object.assign(delivery, { responseStatus, error, nextAt: null, finishedAt: at });
}

/** At least once, under the same id each time; whoever receives knows by that id what it has already. */
export const webhookDeliveryMachine = machine<WebhookDelivery, WebhookDeliveryInputs>()({
  name: 'webhook-delivery',
  statuses: deliveryStatuses,
  terminal: [],
  transitions: ['resend'],
  rows: [
    {
      from: NEW,
      on: 'match',
      to: 'pending',
      because: 'an event was stored that an enabled endpoint asks for',
    },
    {
      from: 'pending',
      on: 'deliver',
      to: 'succeeded',
      does: finish,
      because: 'the endpoint answered 2xx; what else it says is not looked at',
    },
    {
      from: 'pending',
      on: 'miss',
      guard: [triesLeft],
      to: 'pending',
      does: (delivery, { responseStatus, error, nextAt }) =>
        void Object.assign(delivery, { responseStatus, error, nextAt }),
      because: 'it answered anything else, or nothing: tried again later, for days',
    },
    {
      from: 'pending',
      on: 'miss',
      to: 'failed',
      does: finish,
      because: 'the last try failed',
    },
    {
      from: 'pending',
      on: 'end',
      to: 'failed',
      does: finish,
      because: 'trying again can not help: the endpoint is gone for good, or the event is no longer kept',
    },
    {
      from: ['pending', 'succeeded', 'failed'],
      on: 'resend',
      to: 'pending',
      does: (delivery, { at }) =>
        void Object.assign(delivery, { attempts: 0, nextAt: at, error: null, finishedAt: null }),
      because: 'somebody asked for it now',
    },
  ],
});
