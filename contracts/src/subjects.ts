import type { AggregateType } from './events.js';

/** The stream that holds every public event. */
export const STREAM = 'OMS';
export const STREAM_SUBJECTS = ['oms.>'];

const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/** `oms.<aggregate>.v<major>.<id>.<event>`. Throws when an id is no plain token: nothing from outside may shape a subject. */
export function eventSubject(aggregate: string, id: string, name: string, version = 1): string {
  const verb = name.slice(name.indexOf('.') + 1);
  for (const token of [aggregate, id, verb])
    if (!TOKEN.test(token)) throw new Error(`not a subject token: ${JSON.stringify(token)}`);
  return `oms.${aggregate}.v${version}.${id}.${verb}`;
}

export const serviceNames = [
  'order-service',
  'return-service',
  'payment-service',
  'notification-service',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Whose events each service stores and works through. It asks for all of an aggregate's, so that a gap can be seen. */
export const subscriptions: Readonly<Record<ServiceName, readonly AggregateType[]>> = {
  'order-service': ['payment', 'return'],
  'return-service': ['order', 'payment'],
  'payment-service': ['order', 'return'],
  'notification-service': ['order', 'payment', 'return'],
};

/** All versions of them: one that a service can not read is parked in its place, and leaves no gap that nobody can explain. */
export const filterSubjects = (service: ServiceName): string[] =>
  subscriptions[service].map((aggregate) => `oms.${aggregate}.>`);

/** The subject of a request to a service. */
export const rpc = <S extends string, V extends string>(service: S, verb: V) =>
  `rpc.${service}.${verb}` as const;
