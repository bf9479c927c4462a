import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keepProvisioned, provisionNats } from '../../nats/provision.ts';
import { provisionPostgres, serviceRoles, serviceUrl } from '../../postgres/provision.ts';
import { readSubscribers } from './broker-access.ts';
import { startBroker } from './broker.ts';
import { keptPorts, type PortOf } from './kept-ports.ts';
import { developmentKeys, publicKeys } from './keys.ts';
import { endLeftovers, markOf } from './leftovers.ts';
import { leanMalloc, nodeFlags } from './node-flags.ts';
import { needPort } from './ports.ts';
import { postgresCommand, postgresIdentity, postgresReady } from './postgres.ts';
import { Supervised, type Ending, type Launch } from './process.ts';
import { aborted, until } from './ready.ts';
import { Sentence } from './sentence.ts';
import { makeHome, wholeNumber } from './settings.ts';

const root = resolve(import.meta.dirname, '../../..');
/** Local only, loopback only; production brings its own. */
const PASSWORD = 'local';

/** What `$OMS_HOME/run.json` says. */
export interface Run {
  supervisor: { pid: number };
  gateway: { pid: number; url: string };
  'payment-sandbox': { pid: number; url: string };
  issuer: { pid: number; url: string };
  mailbox: { pid: number; url: string; smtp: string };
  postgres: { pid: number; url: string };
  nats: { pid: number; url: string; monitor: string; admin: string };
  [name: string]: { pid: number; url?: string; health?: string; smtp?: string };
}

export interface Stack {
  readonly run: Run;
  /** Every process that ended by itself or by a drill, oldest first; each was started again. */
  readonly endings: readonly Ending[];
  /** Ends everything in order: the door first, what stores last. */
  stop(): Promise<void>;
  /** Crashes one process; it is started again. */
  kill(name: string, signal?: NodeJS.Signals): void;
}

/** What a process of the stack is connected to. */
export type Backing = 'postgres' | 'nats' | 'provider';

export interface StackOptions {
  home: string;
  /** 0 takes a free one. */
  httpPort: number;
  quiet?: boolean;
  /** Processes of each service and of the gateway; the second is `<name>-2`. 1 unless OMS_REPLICAS says otherwise. */
  replicas?: number;
  /** nats-servers in one cluster, each event stored by all of them; 1 unless OMS_NATS_NODES says otherwise. */
  natsNodes?: number;
  /** Handed to every process, on top of this one's own environment. */
  env?: Record<string, string>;
  /** When it is aborted before all are ready, what was started is ended in order, and its reason is thrown. */
  signal?: AbortSignal;
  /** For drills: started from the modules instead of the bundle (ADR 9), so that their seams can be reached. */
  unbundled?: boolean;
  /** For drills: the address at which `process` shall find what it is connected to, in place of `url`. */
  wire?: (process: string, to: Backing, url: string) => Promise<string>;
}

const services = Object.keys(serviceRoles) as (keyof typeof serviceRoles)[];

const replica = (role: string, index: number): string => (index === 0 ? role : `${role}-${index + 1}`);
/** `order-service-2` is an order-service. */
const roleOf = (name: string): string => name.replace(/-\d+$/, '');

/**
 * Starts Postgres, NATS, the payment sandbox, the four services and the gateway, and answers when all are ready. Whatever
 * ends by itself is started again, but for what refuses its settings: then all is ended, and what it said is thrown as a
 * sentence. DATABASE_URL and NATS_URL replace the embedded ones.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const home = resolve(options.home);
  const say = (text: string) => {
    if (!options.quiet) console.log(text);
  };
  const replicas = options.replicas ?? wholeNumber('OMS_REPLICAS', { least: 1, most: 9, default: 1 });
  const nodes = options.natsNodes ?? wholeNumber('OMS_NATS_NODES', { least: 1, most: 5, default: 1 });
  makeHome(home);
  await endLeftovers(home, say);
  const refusal = new AbortController();
  const signal = AbortSignal.any([refusal.signal, ...(options.signal ? [options.signal] : [])]);
  signal.throwIfAborted();
  const ports = keptPorts(home);
  if (options.httpPort !== 0) await needPort(options.httpPort);
  const httpPort = options.httpPort === 0 ? await ports.of('gateway') : options.httpPort;
  const wire: NonNullable<StackOptions['wire']> = options.wire ?? ((_, __, url) => Promise.resolve(url));

  const main = options.unbundled ? 'main.js' : 'main.bundle.cjs';
  if (!options.unbundled) await bundle(signal);

  const all = new Map<string, Supervised>();
  const addresses: Record<string, Record<string, string>> = {};
  const writeRun = (): Run => {
    const entries = [...all].map(([name, one]) => [name, { pid: one.pid, ...addresses[name] }]);
    const run = { supervisor: { pid: process.pid }, ...external, ...Object.fromEntries(entries) } as Run;
    writeFileSync(join(home, 'run.json.new'), `${JSON.stringify(run, null, 2)}\n`);
    renameSync(join(home, 'run.json.new'), join(home, 'run.json'));
    return run;
  };
  const external: Record<string, object> = {};
  const log = (name: string) => join(home, 'logs', `${name}.log`);
  const endings: Ending[] = [];
  const launch: Launch = (spec, address) => {
    signal.throwIfAborted();
    addresses[spec.name] = address;
    const env = { ...leanMalloc, ...options.env, ...markOf(home), OMS_PROCESS: spec.name, ...spec.env };
    const one = new Supervised({ ...spec, env, log: log(spec.name) }, say, {
      spawned: () => void writeRun(),
      ended: (ending) => void endings.push(ending),
      refused: (words) => refusal.abort(new Sentence(words)),
    });
    all.set(spec.name, one);
    one.start();
    return one;
  };
  let stopKeeping = () => {};
  const stop = async () => {
    stopKeeping();
    const order = [
      ['gateway'],
      services,
      ['payment-sandbox', 'issuer', 'mailbox'],
      ['nats'],
      ['postgres'],
    ] as const;
    for (const roles of order) {
      const names = [...all.keys()].filter((name) => roles.some((role) => role === roleOf(name)));
      await Promise.all(names.map(async (name) => all.get(name)?.stop()));
    }
    ports.release();
  };

  const bringUp = async () => {
    const keys = developmentKeys(home, ['gateway', ...services]);
    const [databaseUrl, broker] = await Promise.all([
      startPostgres({ home, launch, external, portOf: ports.of, signal }),
      startBroker({ home, nodes, keys, launch, external, portOf: ports.of, signal, say }),
    ]);
    const provisioning = () => ({ replicas: nodes, subscribers: readSubscribers(home) });
    await Promise.all([
      provisionPostgres(databaseUrl, PASSWORD),
      provisionNats(broker.admin, provisioning()),
    ]);
    signal.throwIfAborted();
    stopKeeping = keepProvisioned(broker.admin, provisioning);

    const node = process.execPath;
    const identityKeys = publicKeys(keys);
    const [sandboxPort, issuerPort, mailboxPort, smtpPort] = await Promise.all(
      ['payment-sandbox', 'issuer', 'mailbox', 'mailbox smtp'].map(ports.of),
    );
    const sandbox = `http://127.0.0.1:${sandboxPort}`;
    launch(
      {
        name: 'payment-sandbox',
        file: node,
        args: [...nodeFlags, join(root, 'services/payment-service/dist/sandbox', main)],
        env: {
          SANDBOX_PORT: String(sandboxPort),
          SANDBOX_STORE: join(home, 'payment-sandbox'),
          SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${httpPort}/provider-webhooks`,
          SANDBOX_WEBHOOK_SECRET: keys.providerWebhooks,
        },
      },
      { url: sandbox },
    );
    const issuer = `http://127.0.0.1:${issuerPort}`;
    launch(
      {
        name: 'issuer',
        file: node,
        args: ['--no-warnings', join(root, 'deploy/local/src/issuer/main.ts')],
        env: { ISSUER_PORT: String(issuerPort), ISSUER_KEYS: join(home, 'development-keys.json') },
      },
      { url: issuer },
    );
    const mailbox = `http://127.0.0.1:${mailboxPort}`;
    const smtp = `smtp://127.0.0.1:${smtpPort}`;
    launch(
      {
        name: 'mailbox',
        file: node,
        args: ['--no-warnings', join(root, 'deploy/local/src/mailbox/main.ts')],
        env: {
          MAILBOX_PORT: String(mailboxPort),
          SMTP_PORT: String(smtpPort),
          MAILBOX_STORE: join(home, 'mailbox'),
        },
      },
      { url: mailbox, smtp },
    );
    const natsFor = async (name: string) =>
      (await Promise.all(broker.urls.split(',').map((one) => wire(name, 'nats', one)))).join(',');
    const startService = async (service: (typeof services)[number], name: string): Promise<void> => {
      const healthPort = await ports.of(name);
      const health = `http://127.0.0.1:${healthPort}`;
      launch(
        {
          name,
          file: node,
          args: [...nodeFlags, join(root, 'services', service, 'dist', main)],
          env: {
            DATABASE_URL: await wire(name, 'postgres', serviceUrl(databaseUrl, service, PASSWORD)),
            NATS_URL: await natsFor(name),
            ...broker.identity(service),
            IDENTITY_KEYS: identityKeys,
            IDENTITY_KEY: JSON.stringify(keys.identity[service]),
            CURSOR_KEY: keys.cursor,
            HEALTH_PORT: String(healthPort),
            PAYMENT_PROVIDER_URL: await wire(name, 'provider', sandbox),
            SMTP_URL: options.env?.['SMTP_URL'] ?? process.env['SMTP_URL'] ?? smtp,
            RETURN_ADDRESS:
              process.env['RETURN_ADDRESS'] ??
              'The Shop, Returns | 12 Mill Lane | Leeds LS1 4DY | United Kingdom',
            STAFF_CHAT_URL: process.env['STAFF_CHAT_URL'] ?? `${mailbox}/chat`,
            WEBHOOK_LOOPBACK_TARGETS: process.env['WEBHOOK_LOOPBACK_TARGETS'] ?? 'allowed',
            PUBLIC_URL: process.env['PUBLIC_URL'] ?? `http://127.0.0.1:${httpPort}`,
          },
        },
        { health },
      );
      await until(`${health}/readyz`, name, log(name), signal);
    };
    const startGateway = async (name: string, port: number): Promise<void> => {
      const url = `http://127.0.0.1:${port}`;
      launch(
        {
          name,
          file: node,
          args: [...nodeFlags, join(root, 'services/gateway/dist', main)],
          env: {
            PORT: String(port),
            HOST: '127.0.0.1',
            NATS_URL: await natsFor(name),
            ...broker.identity('gateway'),
            IDENTITY_KEY: JSON.stringify(keys.identity['gateway']),
            AUTH_ISSUER: issuer,
            PROVIDER_WEBHOOK_SECRETS: keys.providerWebhooks,
            // A month's import and the bench come from one caller; whoever guesses is limited all the same.
            CALLS_PER_MINUTE: process.env['CALLS_PER_MINUTE'] ?? '10000000',
            WRONG_TOKENS_PER_MINUTE: process.env['WRONG_TOKENS_PER_MINUTE'] ?? '3000',
          },
        },
        { url },
      );
      await until(`${url}/readyz`, name, log(name), signal);
    };
    const twins = Array.from({ length: replicas }, (_, index) => index);
    await Promise.all([
      until(`${sandbox}/livez`, 'payment-sandbox', log('payment-sandbox'), signal),
      until(`${mailbox}/livez`, 'mailbox', log('mailbox'), signal),
      until(`${issuer}/.well-known/openid-configuration`, 'issuer', log('issuer'), signal),
      ...services.flatMap((service) => twins.map((index) => startService(service, replica(service, index)))),
      ...twins.map(async (index) =>
        startGateway(
          replica('gateway', index),
          index === 0 ? httpPort : await ports.of(replica('gateway', index)),
        ),
      ),
    ]);
  };
  try {
    await Promise.race([bringUp(), aborted(signal)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get run() {
      return writeRun();
    },
    endings,
    stop,
    kill: (name, signal = 'SIGKILL') => all.get(name)?.kill(signal),
  };
}

/** Takes seconds when something was built anew: it ends when the start is interrupted, and is waited for, as all that is started. */
async function bundle(signal: AbortSignal): Promise<void> {
  const bundler = spawn(process.execPath, [join(root, 'scripts/bundle.mjs')], { stdio: 'inherit' });
  const end = () => void bundler.kill();
  signal.addEventListener('abort', end, { once: true });
  const [code] = (await once(bundler, 'exit')) as [number | null];
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (code !== 0) throw new Sentence('the services could not be bundled, see above');
}

async function startPostgres(options: {
  home: string;
  launch: Launch;
  external: Record<string, object>;
  portOf: PortOf;
  signal: AbortSignal;
}): Promise<string> {
  const { home, launch, external, signal } = options;
  const given = process.env['DATABASE_URL'];
  if (given) {
    external['postgres'] = { pid: 0, url: given };
    await postgresReady(given, signal);
    return given;
  }
  const port = await options.portOf('postgres');
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  launch(
    {
      name: 'postgres',
      ...postgresCommand(join(home, 'postgres'), port),
      ...postgresIdentity,
      stopSignal: 'SIGINT',
    },
    { url },
  );
  await postgresReady(url, signal);
  return url;
}
