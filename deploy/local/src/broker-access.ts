import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokerAccess } from '../../nats/access.ts';
import type { SubscriberEntry } from '../../nats/subscribers.ts';
import { brokerPublicKeys, developmentKeys, type Keys } from './keys.ts';

/** The broker's user who may do everything on the stream. */
export const ADMIN = 'admin';
/** In OMS_HOME, included by each server's configuration, and read again on SIGHUP. */
export const ACCESS_FILE = 'nats-access.conf';

const subscribersFile = (home: string): string => join(home, 'subscribers.json');

/** Who was added with `npm run subscriber`, in the stack of `home`. */
export function readSubscribers(home: string): SubscriberEntry[] {
  const file = subscribersFile(home);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SubscriberEntry[]) : [];
}

/** Keeps who may read, and tells the broker's configuration. The servers have to be asked to read it again. */
export function writeSubscribers(home: string, entries: readonly SubscriberEntry[]): void {
  replace(subscribersFile(home), `${JSON.stringify(entries, null, 2)}\n`);
  writeAccess(home, developmentKeys(home, []));
}

/** Writes the accounts and users of the stack in `home`. */
export function writeAccess(home: string, keys: Keys): void {
  const access = brokerAccess({
    identities: brokerPublicKeys(keys),
    subscribers: Object.fromEntries(readSubscribers(home).map(({ name, nkey }) => [name, nkey])),
    admin: { user: ADMIN, password: keys.broker.password },
  });
  replace(join(home, ACCESS_FILE), access);
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
