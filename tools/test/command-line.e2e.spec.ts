import { afterAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** By name, the file of each tool that is a program of ours; the example of a subscriber is told by its environment alone. */
const tools = Object.entries(scripts).flatMap(([name, command]) => {
  const file = / ((?:tools|tests|bench|deploy)\/\S+\.ts)$/.exec(command)?.[1];
  return file === undefined ? [] : [[name, file] as const];
});

const place = mkdtempSync(join(tmpdir(), 'oms-command-line-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const nowhere = join(place, 'nowhere');

/** Runs one where there is no stack. */
const run = (file: string, args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((done) => {
    const env = { ...process.env, OMS_HOME: nowhere, OMS_HTTP_PORT: '0' };
    execFile(process.execPath, ['--no-warnings', file, ...args], { cwd: root, env }, (error, out, err) =>
      done({ code: Number(error?.code ?? 0), out, err }),
    );
  });

it('finds every tool', () => {
  expect(tools.map(([name]) => name)).toEqual(
    expect.arrayContaining(['start', 'token', 'walk', 'soak', 'bench', 'events', 'generate']),
  );
});

it.each([
  ...tools,
  ['test:resilience', 'tests/resilience/bench.ts'],
  ['keys', 'deploy/keys/main.ts'],
] as const)('%s refuses an option that it does not know, with its usage and 2', async (_, file) => {
  const { code, out, err } = await run(file, ['--nonsense']);
  expect({ code, out, lines: err.split('\n', 2) }).toEqual({
    code: 2,
    out: '',
    lines: ["Unknown option '--nonsense'", ''],
  });
  expect(err).toMatch(/^(npm run |.*npm start|keys )/m);
  expect(err).not.toMatch(/^ +at /m);
});

it.each([
  ['events', ['verify', '--settle', 'abc'], '--settle is a whole number from 0 to 86400, not abc'],
  ['events', ['replay'], 'whose events? There is no --service'],
  ['events', ['nonsense'], 'there is no command nonsense'],
  ['walk', ['tok_', 'zzzznope'], 'no sentence of the contract has zzzznope'],
  [
    'subscriber',
    ['add', 'x', '--events', '*'],
    'a name is 2 to 32 small letters, digits and dashes, and begins with a letter',
  ],
  ['subscriber', ['lag'], 'whom? There is no NAME'],
  ['dead-letters', ['discard', 'order-service/evt_1'], 'why? There is no --reason'],
  ['dead-letters', ['show', 'order-service'], 'order-service is no <service>/<event>, as the list prints it'],
  ['token', ['--role', 'king'], '--role is one of customer, staff, admin, service, not king'],
] as const)('%s %j is refused before anything is looked for: %s', async (name, args, sentence) => {
  const { code, err } = await run(`tools/src/${name}.ts`, args);
  expect({ code, line: err.split('\n', 1)[0] }).toEqual({ code: 2, line: sentence });
});

it.each([
  'token',
  'demo',
  'verify',
  'reconcile',
  'walk',
  'subscriber list',
  'events verify',
  'dead-letters list',
])('%s says in one sentence that no stack runs', async (command) => {
  const [name, ...args] = command.split(' ');
  expect(await run(`tools/src/${name}.ts`, args)).toEqual({
    code: 1,
    out: '',
    err: `no running stack found in ${nowhere}: start one with \`npm start\`\n`,
  });
});
