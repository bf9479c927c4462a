import {
  brokerIdentities,
  RPC_ACCOUNT,
  STREAM_ACCOUNT,
  subscriberIdentity,
  type BrokerIdentity,
} from '@oms/contracts';

/** Whom the broker knows: the public nkeys of our own identities and of the subscribers, and who may do everything. */
export interface Known {
  /** Public nkey (`U…`) by identity; all of `brokerIdentities` are needed. */
  identities: Readonly<Record<string, string>>;
  /** Public nkey by subscriber's name. */
  subscribers: Readonly<Record<string, string>>;
  /** The provisioner and operators. A password may be given as its bcrypt hash. */
  admin: { nkey: string } | { user: string; password: string };
}

const text = (value: string): string => JSON.stringify(value);
const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;

/** A subscriber's account: enough for its replicas, and nothing with which to hurt others. */
const SUBSCRIBER_LIMITS = 'limits: { max_connections: 32, max_payload: 65536 }';

function user(identity: BrokerIdentity, nkey: string | undefined): string {
  if (!nkey) throw new Error(`the identity ${identity.name} has no nkey`);
  return `{ nkey: ${nkey}, permissions: { publish: { allow: ${list(identity.publish)} }, subscribe: { allow: ${list(identity.subscribe)} } } }`;
}

/**
 * The accounts, users and permissions of a nats-server, as text for its configuration: included by it, and read again on
 * SIGHUP without a connection lost. Allow-lists only, and nobody without a name.
 */
export function brokerAccess(known: Known): string {
  const isolated = [
    ...brokerIdentities
      .filter(({ account }) => account !== RPC_ACCOUNT)
      .map((identity) => ({ identity, nkey: known.identities[identity.name], limits: [] as string[] })),
    ...Object.entries(known.subscribers).map(([name, nkey]) => ({
      identity: subscriberIdentity(name),
      nkey,
      limits: [SUBSCRIBER_LIMITS],
    })),
  ];
  const exports = new Map<string, { line: string; accounts: string[] }>();
  for (const { identity } of isolated)
    for (const { kind, subject, manyAnswers } of identity.imports) {
      const entry = exports.get(subject) ?? {
        line: `${kind}: ${text(subject)}${manyAnswers ? ', response_type: stream' : ''}`,
        accounts: [],
      };
      entry.accounts.push(identity.account);
      exports.set(subject, entry);
    }
  const admin =
    'nkey' in known.admin
      ? `{ nkey: ${known.admin.nkey} }`
      : `{ user: ${text(known.admin.user)}, password: ${text(known.admin.password)} }`;
  const account = (name: string, parts: readonly string[]): string =>
    `  ${text(name)} {\n${parts.map((part) => `    ${part}\n`).join('')}  }`;
  const block = (name: string, lines: readonly string[]): string =>
    `${name}: [\n${lines.map((line) => `      ${line}\n`).join('')}    ]`;
  return `# Written from contracts/src/broker.ts; not edited.
accounts {
${[
  account(STREAM_ACCOUNT, [
    'jetstream: enabled',
    block('users', [admin]),
    block(
      'exports',
      [...exports.values()].map(({ line, accounts }) => `{ ${line}, accounts: ${list(accounts)} }`),
    ),
  ]),
  account(RPC_ACCOUNT, [
    block(
      'users',
      brokerIdentities
        .filter((identity) => identity.account === RPC_ACCOUNT)
        .map((identity) => user(identity, known.identities[identity.name])),
    ),
  ]),
  ...isolated.map(({ identity, nkey, limits }) =>
    account(identity.account, [
      ...limits,
      block('users', [user(identity, nkey)]),
      block(
        'imports',
        identity.imports.map(
          ({ kind, subject, as }) =>
            `{ ${kind}: { account: ${STREAM_ACCOUNT}, subject: ${text(subject)} }${as === subject ? '' : `, to: ${text(as)}`} }`,
        ),
      ),
    ]),
  ),
].join('\n')}
}
`;
}
