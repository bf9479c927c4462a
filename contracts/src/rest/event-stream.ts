import { z } from 'zod';
import { aggregates, isEventName } from '../events.js';
import { line, repeatable } from '../primitives.js';

/** `order.placed`, all of an aggregate's as `order.*`, or everything as `*`. */
const EventFilter = z
  .string()
  .max(64)
  .refine(
    (value) => value === '*' || isEventName(value) || aggregates.some((one) => value === `${one}.*`),
    'is the name of an event, or `order.*`, `payment.*`, `return.*`',
  );

/** What `GET /api/v1/events` may be narrowed to. `lastEventId` is for clients that cannot send the header. */
export const EventStreamQuery = z.strictObject({
  type: repeatable(EventFilter),
  aggregateId: repeatable(line(64, 1)),
  lastEventId: z.string().max(20).optional(),
});
export type EventStreamQuery = z.infer<typeof EventStreamQuery>;

/** The stream of events, in the reference of the API. It answers as long as the client stays, for an hour at most. */
export const eventStreamOperation: Record<string, unknown> = {
  operationId: 'streamEvents',
  summary: 'What happens, as it happens: server-sent events',
  tags: ['events'],
  description:
    'For: customer (its own, without what staff wrote for themselves), staff, admin; a service with the scopes of what it reads. Each event is a CloudEvent as JSON, its name is in `event`, its place in `id`. With `Last-Event-ID` the stream goes on after that event: nothing is missed and nothing comes twice. An event `missed` says that older events are no longer kept. A comment every 15 s keeps the connection open. A stream ends after an hour, as it does when a gateway is restarted: come back with `Last-Event-ID`, as browsers do by themselves.',
  parameters: [
    {
      name: 'type',
      in: 'query',
      required: false,
      schema: { type: 'array', items: { type: 'string' } },
      description: '`order.placed`, `order.*`, or `*`; may be repeated',
    },
    {
      name: 'aggregateId',
      in: 'query',
      required: false,
      schema: { type: 'array', items: { type: 'string' } },
      description: 'the id of an order, a payment or a return; may be repeated',
    },
    {
      name: 'lastEventId',
      in: 'query',
      required: false,
      schema: { type: 'string' },
      description: 'for clients that cannot send `Last-Event-ID`',
    },
    {
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      schema: { type: 'string' },
      description: 'the `id` of the last event that was handled',
    },
  ],
};
