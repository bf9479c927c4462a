/**
 * Makes the secrets of a new deployment, once, into an empty folder: a file for each process, as `kubectl create secret
 * generic NAME --from-env-file` takes it, and the users of the broker. Nothing in them is marked as made for development.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serviceNames } from '@oms/contracts';
import { ACCESS_FILE } from '../local/src/broker-access.ts';
import { brokerPublicKeys, developmentKeys, newSeed, publicNkey, type Keys } from '../local/src/keys.ts';
import { commandLine, text } from '../../tools/src/command-line.ts';
import { brokerAccess } from '../nats/access.ts';
import { environments, envFile, newPasswords } from './environments.ts';

/** The same kinds of keys as a laptop's, without its mark. */
function productionKeys(): Keys {
  const folder = mkdtempSync(join(tmpdir(), 'oms-keys-'));
  try {
    const keys = developmentKeys(folder, ['gateway', ...serviceNames]);
    for (const key of Object.values(keys.identity)) delete (key as Partial<typeof key>)['oms-dev'];
    return keys;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { values, refuse } = commandLine({
  usage: 'keys --database postgres://ADMINISTRATOR:PASSWORD@HOST/DATABASE --into FOLDER',
  options: { database: text, into: text },
});
const database = values.database || refuse();
const folder = resolve(values.into || refuse());
mkdirSync(folder, { recursive: true, mode: 0o700 });
if (readdirSync(folder).length > 0) {
  console.error(
    `${folder} is not empty: keys that are in use are replaced one by one, see docs/deployment.md`,
  );
  process.exit(1);
}
const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
const keys = productionKeys();
const brokerAdmin = newSeed();
const {
  'payment-sandbox': _,
  gateway: { PROVIDER_WEBHOOK_SECRETS: __, ...gateway },
  ...holders
} = environments(keys, newPasswords(), database, { NATS_SEED: brokerAdmin });
for (const [name, secrets] of Object.entries({ ...holders, gateway })) write(`${name}.env`, envFile(secrets));
write(
  ACCESS_FILE,
  brokerAccess({
    identities: brokerPublicKeys(keys),
    subscribers: {},
    admin: { nkey: publicNkey(brokerAdmin) },
  }),
);
console.log(`${readdirSync(folder).join(', ')} are in ${folder}
gateway.env still wants PROVIDER_WEBHOOK_SECRETS, which the payment provider gives.`);
