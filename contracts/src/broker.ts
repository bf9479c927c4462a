import { aggregates, type AggregateType } from './events.js';
import { restRoutes } from './rest/routes.js';
import { subjectsOf } from './rest/row.js';
import { serviceNames, STREAM, STREAM_SUBJECTS, subscriptions, type ServiceName } from './subjects.js';

/** Whose events each aggregate's are: the one service that may publish them. */
export const publishers: Readonly<Record<AggregateType, ServiceName>> = {
  order: 'order-service',
  payment: 'payment-service',
  return: 'return-service',
};

/** What a service may ask another one; only queries are answered. */
export const asks: Readonly<Record<ServiceName, readonly string[]>> = {
  'order-service': [],
  'return-service': ['rpc.order.get'],
  'payment-service': ['rpc.order.payment_token', 'rpc.order.get', 'rpc.return.get'],
  'notification-service': ['rpc.order.get', 'rpc.return.get'],
};

/** What the gateway asks beyond the calls of the public API. */
const GATEWAY_ASKS = [
  'rpc.order.find_api_key',
  'rpc.notification.unsubscribe',
  'rpc.payment.provider_webhook',
];

/** The account that holds the stream. Only the provisioner and operators have users in it. */
export const STREAM_ACCOUNT = 'OMS';
/** The account of requests and replies. It has no stream, so no reply can ever become an event. */
export const RPC_ACCOUNT = 'RPC';

/**
 * Where the stream's API is found from another account: `$JS.API` is every account's own. A client calls it the API prefix.
 */
export const API_PREFIX = 'OMS.API';
/** Every stored event is told again under this prefix, with its place in the stream; for readers that keep no position. */
export const LIVE_PREFIX = 'live';

/** Where the replies to an identity arrive: one prefix each, so that permissions and services can tell them apart. */
export const inboxPrefix = (identity: string): string => `_INBOX_${identity}`;

/** What an account takes over from the stream's account, under the subject that is used on its side. */
export interface BrokerImport {
  kind: 'service' | 'stream';
  subject: string;
  as: string;
  /** A request with many answers. */
  manyAnswers?: true;
}

/** One user of the broker. What is not listed is refused by the server, and logged by it. */
export interface BrokerIdentity {
  name: string;
  account: string;
  publish: readonly string[];
  /** A queue group after the subject: subscribing without it is refused. */
  subscribe: readonly string[];
  imports: readonly BrokerImport[];
}

const subjectsOfService = (service: ServiceName): string => `rpc.${service.replace(/-service$/, '')}.>`;

/** Answers requests, and asks what it may ask. */
function rpcIdentity(service: ServiceName): BrokerIdentity {
  const callers = ['gateway', ...serviceNames.filter((other) => asks[other].some((s) => within(s, service)))];
  return {
    name: service,
    account: RPC_ACCOUNT,
    publish: [...callers.map((caller) => `${inboxPrefix(caller)}.>`), ...asks[service]],
    subscribe: [`${subjectsOfService(service)} ${service}`, `${inboxPrefix(service)}.>`],
    imports: [],
  };
}
const within = (subject: string, service: ServiceName): boolean =>
  subject.startsWith(subjectsOfService(service).slice(0, -1));

/** Reading one durable consumer and acknowledging to it: all that a subscriber may do, ours and others' alike. */
function consumerImports(durable: string): BrokerImport[] {
  const api = (verb: string): Pick<BrokerImport, 'subject' | 'as'> => ({
    subject: `$JS.API.CONSUMER.${verb}.${STREAM}.${durable}`,
    as: `${API_PREFIX}.CONSUMER.${verb}.${STREAM}.${durable}`,
  });
  // Since 2.14 a server may use the longer form, with domain and account.
  const acks = [`$JS.ACK.${STREAM}.${durable}.>`, `$JS.ACK.*.*.${STREAM}.${durable}.>`];
  return [
    { kind: 'service', ...api('INFO') },
    { kind: 'service', ...api('MSG.NEXT'), manyAnswers: true },
    ...acks.map((subject) => ({ kind: 'service', subject, as: subject }) as const),
  ];
}

/**
 * An identity in an account of its own that takes over exactly what it needs. In the stream's own account permissions would
 * not do: whoever may ask the stream's API there names any subject for the answer, and the server stores it as an event.
 */
function isolated(name: string, imports: BrokerImport[]): BrokerIdentity {
  return {
    name,
    account: name,
    publish: imports.filter(({ kind }) => kind === 'service').map((one) => one.as),
    subscribe: [
      ...imports.filter(({ kind }) => kind === 'stream').map((one) => one.as),
      `${inboxPrefix(name)}.>`,
    ],
    imports,
  };
}

/** The name of a process's identity for events, beside the one for requests that has the process's own name. */
export const eventsIdentity = (process: ServiceName | 'gateway'): string => `${process}-events`;

const streamApi = (verb: string): BrokerImport => ({
  kind: 'service',
  subject: `$JS.API.${verb}.${STREAM}`,
  as: `${API_PREFIX}.${verb}.${STREAM}`,
});

const relayAndInbox = (service: ServiceName): BrokerIdentity =>
  isolated(eventsIdentity(service), [
    ...aggregates
      .filter((aggregate) => publishers[aggregate] === service)
      .map((aggregate) => `oms.${aggregate}.>`)
      .map((subject) => ({ kind: 'service', subject, as: subject }) as const),
    // By which the relay sees that the stream is another one, or lost its end.
    streamApi('STREAM.INFO'),
    ...(subscriptions[service].length > 0 ? consumerImports(service) : []),
  ]);

/** Reads what passes, and what has passed by its place in the stream; it has no consumer and keeps nothing at the broker. */
const gatewayEvents = isolated(eventsIdentity('gateway'), [
  ...STREAM_SUBJECTS.map((subject) => `${LIVE_PREFIX}.${subject}`).map(
    (subject) => ({ kind: 'stream', subject, as: subject }) as const,
  ),
  ...['DIRECT.GET', 'STREAM.INFO'].map(streamApi),
]);

/** Who may read the durable consumer of this name, and nothing else. */
export const subscriberIdentity = (name: string): BrokerIdentity =>
  isolated(`subscriber-${name}`, consumerImports(name));

/** Every identity of our own processes. */
export const brokerIdentities: readonly BrokerIdentity[] = [
  {
    name: 'gateway',
    account: RPC_ACCOUNT,
    publish: [...new Set([...restRoutes.flatMap(subjectsOf), ...GATEWAY_ASKS])],
    subscribe: [`${inboxPrefix('gateway')}.>`],
    imports: [],
  },
  gatewayEvents,
  ...serviceNames.flatMap((service) => [rpcIdentity(service), relayAndInbox(service)]),
];
