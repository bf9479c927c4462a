import { describe, expect, it } from '@jest/globals';
import { serviceNames } from '@oms/contracts';
import { globSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { startHealth } from '../../chassis/src/health.ts';
import { at } from '../../deploy/docker/addresses.ts';
import { environments, newPasswords } from '../../deploy/keys/environments.ts';
import { developmentKeys } from '../../deploy/local/src/keys.ts';
import { leanMalloc, nodeFlags } from '../../deploy/local/src/node-flags.ts';
import { config as provisioner } from '../../deploy/provision/config.ts';
import { config as gateway } from '../../services/gateway/src/config.ts';
import { PROVIDER_WEBHOOKS } from '../../services/gateway/src/provider-webhooks.ts';
import { config as notificationService } from '../../services/notification-service/src/config.ts';
import { config as orderService } from '../../services/order-service/src/config.ts';
import { config as paymentService } from '../../services/payment-service/src/config.ts';
import { config as returnService } from '../../services/return-service/src/config.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Table {
  rows: Record<string, { env: string; default?: string; secret?: boolean }>;
}
const tables: Readonly<Record<string, Table>> = {
  gateway,
  provisioner,
  'order-service': orderService,
  'return-service': returnService,
  'payment-service': paymentService,
  'notification-service': notificationService,
};
const processes = ['gateway', ...serviceNames] as const;

/** What a process is told has to be what its table asks for. */
function faults(process: string, told: Iterable<string>): string[] {
  const rows = Object.values(tables[process]?.rows ?? {});
  const names = new Set(told);
  return [
    ...rows
      .filter((row) => row.default === undefined && !names.has(row.env))
      .map(({ env }) => `${process} is not told ${env}`),
    ...[...names]
      .filter((name) => name !== 'NODE_ENV' && !rows.some(({ env }) => env === name))
      .map((name) => `${process} knows no ${name}`),
  ];
}

/** What `deploy/keys` puts into each process's file or Secret. */
const secrets = environments(
  developmentKeys(mkdtempSync(join(tmpdir(), 'oms-keys-')), processes),
  newPasswords(),
  'postgres://administrator@postgres/oms',
  { NATS_SEED: 'of the administrator' },
) as Readonly<Record<string, Record<string, string>>>;
const secretsOf = (holder: string): string[] => Object.keys(secrets[holder] ?? {});

const dockerfile = read('deploy/docker/Dockerfile');
const targets = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, target]) => target);

describe('the Dockerfile', () => {
  it('installs from the package of every workspace, before any source is copied', () => {
    const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
    const packages = globSync(
      workspaces.map((workspace) => `${workspace}/package.json`),
      { cwd: root },
    );
    const [before = ''] = dockerfile.split('COPY . .');
    expect(packages.filter((path) => !before.includes(`COPY ${path} `))).toEqual([]);
  });

  it('runs Node as the local stack does', () => {
    expect(dockerfile).toContain(
      `NODE_OPTIONS="${nodeFlags.join(' ')}" MALLOC_ARENA_MAX=${leanMalloc.MALLOC_ARENA_MAX}\n`,
    );
  });

  it('has an image for every process, and none of them runs as root', () => {
    expect(targets).toEqual(expect.arrayContaining([...processes, 'operations', 'payment-sandbox']));
    expect([...dockerfile.matchAll(/^USER (.*)$/gm)].map(([, user]) => user)).toEqual(['65532:65532']);
  });
});

interface ComposeService {
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  build?: { target: string };
  pull_policy?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  container_name?: string;
}

describe('docker-compose.yml', () => {
  const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, ComposeService>;
  };
  const told = (name: string, holder: string): string[] => [
    ...Object.keys(services[name]?.environment ?? {}),
    ...(services[name]?.command?.[0] === `--env-file=/data/home/${holder}.env` ? secretsOf(holder) : []),
  ];

  it.each(processes)('tells %s every setting that it needs, and none that it does not know', (name) => {
    expect(faults(name, told(name, name))).toEqual([]);
  });

  it('tells the provisioner every setting that it needs, and none that it does not know', () => {
    expect(faults('provisioner', told('provision', 'provisioner'))).toEqual([]);
  });

  it('publishes on loopback only', () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(published.length).toBeGreaterThan(0);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('contains every container: nothing to write on, no capability, no new privilege, a limit of memory', () => {
    const loose = Object.entries(services)
      .filter(
        ([, service]) =>
          !service.read_only ||
          service.cap_drop?.[0] !== 'ALL' ||
          service.security_opt?.[0] !== 'no-new-privileges:true' ||
          !service.mem_limit,
      )
      .map(([name]) => name);
    expect(loose).toEqual([]);
  });

  it('leaves services free to be several: no fixed name, no port of the host', () => {
    for (const name of serviceNames) {
      expect(services[name]?.container_name).toBeUndefined();
      expect(services[name]?.ports).toBeUndefined();
    }
  });

  it('builds images that the Dockerfile has', () => {
    const built = Object.values(services).flatMap(({ build }) => (build ? [build.target] : []));
    expect(built.filter((target) => !targets.includes(target))).toEqual([]);
  });

  it('pulls no image that is built here: whoever owns that name at a registry is none of ours', () => {
    const pulled = Object.entries(services).filter(([, one]) => one.build && one.pull_policy !== 'never');
    expect(pulled.map(([name]) => name)).toEqual([]);
  });

  it('holds no secret', () => {
    const values = Object.values(services).flatMap(({ environment = {} }) => Object.entries(environment));
    expect(
      values.filter(
        ([name, value]) => /(SEED|KEY|PASSWORD|SECRETS?)$/.test(name) || /:\/\/[^/]*@/.test(value),
      ),
    ).toEqual([]);
  });

  it('has everything where the home says that it is', () => {
    for (const address of Object.values(at))
      expect(Object.keys(services)).toContain(new URL(address).hostname);
  });
});

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef: { name: string; key: string; optional?: boolean } };
}
interface Container {
  name: string;
  image: string;
  ports?: { name: string; containerPort: number }[];
  env: Variable[];
  envFrom: { configMapRef: { name: string } }[];
}
interface Probe {
  httpGet: { path: string; port: string };
}
interface Kustomization {
  resources: string[];
  configMapGenerator?: { name: string; literals: string[] }[];
  images?: { name: string }[];
}

const kubernetes = 'deploy/kubernetes';
const kustomization = (folder: string): Kustomization =>
  parse(read(`${kubernetes}/${folder}/kustomization.yaml`)) as Kustomization;

describe('the Kubernetes base', () => {
  const base = kustomization('base');
  const literals = (of: Kustomization, map: string): string[] =>
    (of.configMapGenerator ?? [])
      .filter(({ name }) => name === map)
      .flatMap((entry) => entry.literals.map((literal) => literal.slice(0, literal.indexOf('='))));
  const objects = base.resources.flatMap((file) =>
    parseAllDocuments(read(`${kubernetes}/base/${file}`)).map(
      (document) => document.toJS() as { kind: string; metadata: { name: string }; spec: object },
    ),
  );
  const names = (kind: string): string[] =>
    objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
  const podOf = (kind: string, name: string): Container => {
    const object = objects.find((one) => one.kind === kind && one.metadata.name === name);
    const spec = object?.spec as {
      template?: { spec: { containers: [Container] } };
      jobTemplate?: { spec: { template: { spec: { containers: [Container] } } } };
    };
    const template = spec.template ?? spec.jobTemplate?.spec.template;
    if (!template) throw new Error(`there is no ${kind} ${name}`);
    return template.spec.containers[0];
  };
  const toldBy = (container: Container, overlay: Kustomization[] = []): string[] => [
    ...container.env.map(({ name }) => name),
    ...container.envFrom.flatMap(({ configMapRef: { name } }) =>
      [base, ...overlay].flatMap((one) => literals(one, name)),
    ),
  ];
  const pods: readonly (readonly [string, string, Container])[] = [
    ...processes.map((name) => [name, name, podOf('Deployment', name)] as const),
    ['provisioner', 'operations', podOf('CronJob', 'provision')],
  ];

  it('takes every file of its folder', () => {
    const files = readdirSync(join(root, kubernetes, 'base')).filter((file) => file !== 'kustomization.yaml');
    const taken = read(`${kubernetes}/base/kustomization.yaml`);
    expect(files.filter((file) => !taken.includes(file))).toEqual([]);
  });

  it.each(pods)('tells %s every setting that it needs, and none that it does not know', (name, _, pod) => {
    expect(faults(name, toldBy(pod))).toEqual([]);
  });

  it.each(readdirSync(join(root, kubernetes, 'overlays')))(
    'overlay %s sets only what a process knows, and renames only images that there are',
    (overlay) => {
      const folder = kustomization(`overlays/${overlay}`);
      expect(pods.flatMap(([name, , pod]) => faults(name, toldBy(pod, [folder])))).toEqual([]);
      const images = (folder.images ?? []).map(({ name }) => name.replace('oms/', ''));
      expect(images.filter((image) => !targets.includes(image))).toEqual([]);
    },
  );

  it.each(pods)(
    '%s finds its secrets in its own Secret, under the names that the maker of keys uses',
    (name, _, pod) => {
      const wrong = pod.env.filter(({ name: variable, valueFrom }) => {
        if (!valueFrom) return false;
        const { name: holder, key, optional } = valueFrom.secretKeyRef;
        return holder !== name || key !== variable || (!optional && !secretsOf(name).includes(key));
      });
      expect(wrong).toEqual([]);
      const secret = Object.values(tables[name]?.rows ?? {})
        .filter((row) => row.secret)
        .map(({ env }) => env);
      expect(pod.env.filter((one) => secret.includes(one.name) && one.value !== undefined)).toEqual([]);
    },
  );

  it.each(pods)('%s runs an image that the Dockerfile has', (_, target, pod) => {
    expect(pod.name).toBe('main');
    expect(pod.image).toBe(`oms/${target}`);
    expect(targets).toContain(target);
  });

  it.each(processes)('%s has an account, an address and a budget of its own', (name) => {
    for (const kind of ['ServiceAccount', 'Service', 'PodDisruptionBudget'])
      expect(names(kind)).toContain(name);
  });

  it.each(processes)('%s listens where it is asked', (name) => {
    const pod = podOf('Deployment', name);
    const setting = (variable: string) => pod.env.find((one) => one.name === variable)?.value;
    const port = setting(name === 'gateway' ? 'PORT' : 'HEALTH_PORT');
    expect(pod.ports).toEqual([{ name: 'http', containerPort: Number(port) }]);
    expect(setting(name === 'gateway' ? 'HOST' : 'HEALTH_HOST')).toBe('0.0.0.0');
  });

  it('leads what clients call to the gateway, and nobody outside to its metrics', () => {
    const ingress = objects.find(({ kind }) => kind === 'Ingress')?.spec as {
      rules: [{ http: { paths: { path: string }[] } }];
    };
    const paths = ingress.rules[0].http.paths.map(({ path }) => path);
    const leads = (called: string) => paths.some((path) => called === path || called.startsWith(`${path}/`));
    const schema = '/schemas/order.placed.v1.json';
    const documents = ['/docs', '/openapi.json', '/asyncapi.json', '/problems/not_found', schema];
    const called = ['/api/v1/orders', '/unsubscribe/token', PROVIDER_WEBHOOKS, ...documents];
    expect(called.filter((path) => !leads(path))).toEqual([]);
    expect(['/', '/metrics', '/livez', '/readyz'].filter(leads)).toEqual([]);
  });

  it('asks every process at paths that it answers', async () => {
    const patch = parse(read(`${kubernetes}/base/every-deployment.yaml`)) as {
      spec: { template: { spec: { containers: [Record<string, Probe>] } } };
    };
    const [container] = patch.spec.template.spec.containers;
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map(
      (name) => container[name]?.httpGet,
    );
    expect(probes.map((probe) => probe?.port)).toEqual(['http', 'http', 'http']);
    const server = await startHealth({
      host: '127.0.0.1',
      port: 0,
      checks: [],
      pressure: () => null,
      metrics: () => Promise.resolve(''),
    });
    try {
      const { port } = server.address() as AddressInfo;
      const door = read('services/gateway/src/app.ts');
      for (const probe of probes) {
        expect((await fetch(`http://127.0.0.1:${port}${probe?.path}`)).status).toBe(200);
        expect(door).toContain(`app.get('${probe?.path}'`);
      }
    } finally {
      server.close();
    }
  });
});
