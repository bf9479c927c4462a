/**
 * Makes the home of the composed stack: a file of secrets for each process, the broker's configuration, and where
 * everything is (`run.json`), so that the tools find it as they find a local stack. What is there already stays.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '@oms/contracts';
import { environments, envFile, newPassword, newPasswords, type Passwords } from '../keys/environments.ts';
import { ACCESS_FILE, ADMIN, writeAccess } from '../local/src/broker-access.ts';
import { developmentKeys } from '../local/src/keys.ts';
import { natsConfig } from '../local/src/nats.ts';
import { at, POSTGRES_PASSWORD_FILE } from './addresses.ts';

const home = process.env['OMS_HOME'] ?? '/data/home';
/** The processes run as others than Postgres does, in one group. */
const GROUP_READS = 0o640;
const write = (name: string, text: string) => writeFileSync(join(home, name), text, { mode: GROUP_READS });

interface Kept {
  admin: string;
  services: Passwords;
}

function passwords(): Kept {
  const file = join(home, 'database-passwords.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  const made = { admin: newPassword(), services: newPasswords() };
  write('database-passwords.json', JSON.stringify(made));
  return made;
}

mkdirSync(home, { recursive: true });
const keys = developmentKeys(home, ['gateway', ...serviceNames]);
const { admin, services } = passwords();
const adminUrl = at.postgres.replace('://', `://postgres:${admin}@`);
const natsAdmin = at.nats.replace('://', `://${ADMIN}:${keys.broker.password}@`);
for (const [name, values] of Object.entries(environments(keys, services, adminUrl, { NATS_URL: natsAdmin })))
  write(`${name}.env`, envFile(values));
write(POSTGRES_PASSWORD_FILE, admin);
writeAccess(home, keys);
write(
  'nats.conf',
  natsConfig({ host: '0.0.0.0', port: 4222, monitorPort: 8222, store: '/data/nats', access: ACCESS_FILE }),
);
const entry = (address: object) => ({ pid: 0, ...address });
write(
  'run.json',
  JSON.stringify({
    supervisor: entry({}),
    gateway: entry({ url: at.gateway }),
    'payment-sandbox': entry({ url: at['payment-sandbox'] }),
    issuer: entry({ url: at.issuer }),
    mailbox: entry({ url: at.mailbox, smtp: at.smtp }),
    postgres: entry({ url: adminUrl }),
    nats: entry({ url: at.nats, monitor: at.monitor, admin: natsAdmin }),
    ...Object.fromEntries(serviceNames.map((name) => [name, entry({ health: `http://${name}:8080` })])),
  }),
);
console.log(`keys, passwords and addresses are in ${home}`);
