import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openShop } from './stack.ts';

let home: string;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ home, close } = await openShop({
    forges: true,
    // One sentence waits three times until an event is given up.
    env: { INBOX_ATTEMPTS: '3' },
  }));
});
afterAll(() => close?.());

/** `npm run walk` as a process of its own: the sentences hold for whoever stands outside. */
const walk = (): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, '../../tools/src/walk.ts')],
    { env: { ...process.env, OMS_HOME: home, FORCE_COLOR: '0' } },
  ).catch((failed: Error & { stdout: string; stderr: string }) => failed);

it('every sentence of the public contract holds', async () => {
  const { stdout, stderr } = await walk();
  expect(stdout.match(/^does not .*\n.*$/gm) ?? []).toEqual([]);
  expect(stdout + stderr).toMatch(/^ *[1-9]\d* hold +0 do not +in all$/m);
}, 900_000);
