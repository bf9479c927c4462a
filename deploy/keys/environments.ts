import { randomBytes } from 'node:crypto';
import { eventsIdentity, serviceNames, type ServiceName } from '@oms/contracts';
import { publicKeys, type Keys } from '../local/src/keys.ts';
import { serviceUrl, type ServiceWithSchema } from '../postgres/provision.ts';

/** The name under which each process finds its secrets: a file `<name>.env`, or a Secret. */
export type SecretHolder = ServiceName | 'gateway' | 'provisioner' | 'payment-sandbox';

/** The passwords of the services' roles in Postgres. */
export type Passwords = Readonly<Record<ServiceWithSchema, string>>;

const passwordOf = (service: string): string => `${service.toUpperCase().replaceAll('-', '_')}_PASSWORD`;

/** New ones; nothing in them has to be escaped in an address. */
export const newPasswords = (): Passwords => ({
  'order-service': newPassword(),
  'return-service': newPassword(),
  'payment-service': newPassword(),
  'notification-service': newPassword(),
});
export const newPassword = (): string => randomBytes(24).toString('base64url');

/**
 * What each process must be told and nobody else may know, by the names of its settings. `adminUrl` is Postgres as its
 * administrator; `brokerAdmin` is how the provisioner is known at the broker.
 */
export function environments(
  keys: Keys,
  passwords: Passwords,
  adminUrl: string,
  brokerAdmin: Readonly<Record<string, string>>,
): Record<SecretHolder, Record<string, string>> {
  const atTheBroker = (name: ServiceName | 'gateway') => ({
    NATS_SEED: keys.broker.seeds[name] ?? '',
    NATS_EVENTS_SEED: keys.broker.seeds[eventsIdentity(name)] ?? '',
  });
  const service = (name: ServiceName) => ({
    ...atTheBroker(name),
    DATABASE_URL: serviceUrl(adminUrl, name, passwords[name]),
    IDENTITY_KEYS: publicKeys(keys),
    IDENTITY_KEY: JSON.stringify(keys.identity[name]),
    CURSOR_KEY: keys.cursor,
  });
  return {
    'order-service': service('order-service'),
    'return-service': service('return-service'),
    'payment-service': service('payment-service'),
    'notification-service': service('notification-service'),
    gateway: {
      ...atTheBroker('gateway'),
      IDENTITY_KEY: JSON.stringify(keys.identity['gateway']),
      PROVIDER_WEBHOOK_SECRETS: keys.providerWebhooks,
    },
    provisioner: {
      DATABASE_URL: adminUrl,
      ...Object.fromEntries(serviceNames.map((name) => [passwordOf(name), passwords[name]])),
      ...brokerAdmin,
    },
    'payment-sandbox': { SANDBOX_WEBHOOK_SECRET: keys.providerWebhooks },
  };
}

/** As `node --env-file` and `kubectl create secret --from-env-file` read it; no value of ours holds a `#` or a line's end. */
export const envFile = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
