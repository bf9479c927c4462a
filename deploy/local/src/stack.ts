import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { provisionNats } from '../../nats/provision.ts';
import { provisionPostgres, serviceRoles, serviceUrl } from '../../postgres/provision.ts';
import { endLeftovers } from './leftovers.ts';
import { developmentKeys, publicKeys } from './keys.ts';
import { natsConfig, natsServer } from './nats.ts';
import { freePort, needPort } from './ports.ts';
import { postgresCommand, postgresIdentity, postgresReady } from './postgres.ts';
import { Supervised, type Spec } from './process.ts';
import { Sentence } from './sentence.ts';

const root = resolve(import.meta.dirname, '../../..');
const READY_MS = 60_000;
/** Local only, loopback only; production brings its own. */
const PASSWORD = 'local';

/** What `$OMS_HOME/run.json` says. */
export interface Run {
  supervisor: { pid: number };
  gateway: { pid: number; url: string };
  'payment-sandbox': { pid: number; url: string };
  issuer: { pid: number; url: string };
  postgres: { pid: number; url: string };
  nats: { pid: number; url: string; monitor: string; admin: string };
  [name: string]: { pid: number; url?: string; health?: string };
}

export interface Stack {
  readonly run: Run;
  /** Ends everything in order: the door first, what stores last. */
  stop(): Promise<void>;
  /** Crashes one process; it is started again. */
  kill(name: string, signal?: NodeJS.Signals): void;
}

const services = Object.keys(serviceRoles) as (keyof typeof serviceRoles)[];

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function until(url: string, what: string, log: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await answers(url))) {
    if (Date.now() > deadline)
      throw new Sentence(`${what} did not become ready within ${READY_MS / 1000} s; see ${log}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/**
 * Starts Postgres, NATS, the payment sandbox, the four services and the gateway, and answers when all are ready. Whatever
 * ends by itself is started again. `httpPort` 0 takes a free one. DATABASE_URL and NATS_URL replace the embedded ones.
 */
export async function startStack(options: {
  home: string;
  httpPort: number;
  quiet?: boolean;
}): Promise<Stack> {
  const home = resolve(options.home);
  const say = (text: string) => {
    if (!options.quiet) console.log(text);
  };
  mkdirSync(join(home, 'logs'), { recursive: true });
  await endLeftovers(home, say);
  const httpPort = options.httpPort === 0 ? await freePort() : options.httpPort;
  await needPort(httpPort);

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
  const launch = (spec: Omit<Spec, 'log'>, address: Record<string, string>): Supervised => {
    addresses[spec.name] = address;
    const one = new Supervised({ ...spec, log: log(spec.name) }, say, () => void writeRun());
    all.set(spec.name, one);
    one.start();
    return one;
  };
  const stop = async () => {
    const order = [['gateway'], services, ['payment-sandbox', 'issuer'], ['nats'], ['postgres']] as const;
    for (const names of order) await Promise.all(names.map(async (name) => all.get(name)?.stop()));
  };

  try {
    const [databaseUrl, natsUrl] = await Promise.all([
      startPostgres(home, launch, external),
      startNats(home, launch, external, say),
    ]);
    await Promise.all([provisionPostgres(databaseUrl, PASSWORD), provisionNats(natsUrl)]);

    const node = process.execPath;
    const nodeArgs = ['--enable-source-maps', '--no-warnings', '--max-semi-space-size=16'];
    const keys = developmentKeys(home, ['gateway', ...services]);
    const identityKeys = publicKeys(keys);
    const [sandboxPort, issuerPort, ...healthPorts] = await Promise.all(
      Array.from({ length: 2 + services.length }, freePort),
    );
    const sandbox = `http://127.0.0.1:${sandboxPort}`;
    launch(
      {
        name: 'payment-sandbox',
        file: node,
        args: [...nodeArgs, join(root, 'services/payment-service/dist/sandbox/main.js')],
        env: { SANDBOX_PORT: String(sandboxPort), SANDBOX_STORE: join(home, 'payment-sandbox') },
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
    const waits = [
      until(`${sandbox}/livez`, 'payment-sandbox', log('payment-sandbox')),
      until(`${issuer}/.well-known/openid-configuration`, 'issuer', log('issuer')),
    ];
    services.forEach((service, index) => {
      const health = `http://127.0.0.1:${healthPorts[index]}`;
      launch(
        {
          name: service,
          file: node,
          args: [...nodeArgs, join(root, 'services', service, 'dist/main.js')],
          env: {
            DATABASE_URL: serviceUrl(databaseUrl, service, PASSWORD),
            NATS_URL: natsUrl,
            IDENTITY_KEYS: identityKeys,
            IDENTITY_KEY: JSON.stringify(keys.identity[service]),
            CURSOR_KEY: keys.cursor,
            HEALTH_PORT: String(healthPorts[index]),
            PAYMENT_PROVIDER_URL: sandbox,
          },
        },
        { health },
      );
      waits.push(until(`${health}/readyz`, service, log(service)));
    });
    const url = `http://127.0.0.1:${httpPort}`;
    launch(
      {
        name: 'gateway',
        file: node,
        args: [...nodeArgs, join(root, 'services/gateway/dist/main.js')],
        env: {
          PORT: String(httpPort),
          HOST: '127.0.0.1',
          NATS_URL: natsUrl,
          IDENTITY_KEY: JSON.stringify(keys.identity['gateway']),
          AUTH_ISSUER: issuer,
          // A month's import and the bench come from one caller.
          CALLS_PER_MINUTE: process.env['CALLS_PER_MINUTE'] ?? '10000000',
          WRONG_TOKENS_PER_MINUTE: process.env['WRONG_TOKENS_PER_MINUTE'] ?? '10000000',
        },
      },
      { url },
    );
    waits.push(until(`${url}/readyz`, 'gateway', log('gateway')));
    await Promise.all(waits);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get run() {
      return writeRun();
    },
    stop,
    kill: (name, signal = 'SIGKILL') => all.get(name)?.kill(signal),
  };
}

type Launch = (spec: Omit<Spec, 'log'>, address: Record<string, string>) => Supervised;

async function startPostgres(
  home: string,
  launch: Launch,
  external: Record<string, object>,
): Promise<string> {
  const given = process.env['DATABASE_URL'];
  if (given) {
    external['postgres'] = { pid: 0, url: given };
    await postgresReady(given);
    return given;
  }
  const port = await freePort();
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
  await postgresReady(url);
  return url;
}

async function startNats(
  home: string,
  launch: Launch,
  external: Record<string, object>,
  say: (text: string) => void,
): Promise<string> {
  const given = process.env['NATS_URL'];
  if (given) {
    external['nats'] = { pid: 0, url: given, admin: given, monitor: '' };
    return given;
  }
  const file = natsServer(say);
  const [port, monitorPort] = await Promise.all([freePort(), freePort()]);
  const config = join(home, 'nats.conf');
  const store = join(home, 'nats');
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(config, natsConfig({ port, monitorPort, store }));
  const url = `nats://127.0.0.1:${port}`;
  const monitor = `http://127.0.0.1:${monitorPort}`;
  const ready = () => until(`${monitor}/healthz`, 'nats-server', join(home, 'logs/nats.log'));
  launch(
    {
      name: 'nats',
      file,
      args: ['-c', config],
      restarted: async () => {
        await ready();
        await provisionNats(url);
      },
    },
    { url, monitor, admin: url },
  );
  await ready();
  return url;
}
