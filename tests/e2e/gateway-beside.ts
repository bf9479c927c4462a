import { API_PREFIX, eventsIdentity } from '@oms/contracts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { developmentKeys } from '../../deploy/local/src/keys.ts';
import { freePort } from '../../deploy/local/src/ports.ts';
import type { Stack } from '../../deploy/local/src/stack.ts';

const main = join(import.meta.dirname, '../../services/gateway/dist/main.js');

/** One more gateway of a stack, set otherwise than the stack's own. Answers when it is ready. */
export async function gatewayBeside(
  stack: Stack,
  home: string,
  env: Record<string, string>,
): Promise<{ url: string; close(): Promise<void> }> {
  const { run } = stack;
  const keys = developmentKeys(home, ['gateway']);
  const port = await freePort();
  const gateway = spawn(process.execPath, ['--no-warnings', main], {
    stdio: 'ignore',
    env: {
      ...process.env,
      PORT: String(port),
      NATS_URL: run.nats.url,
      ...(run.nats.pid > 0 && {
        NATS_SEED: keys.broker.seeds['gateway'],
        NATS_EVENTS_SEED: keys.broker.seeds[eventsIdentity('gateway')],
        NATS_API_PREFIX: API_PREFIX,
      }),
      IDENTITY_KEY: JSON.stringify(keys.identity['gateway']),
      AUTH_ISSUER: run.issuer.url,
      ...env,
    },
  });
  const ended = once(gateway, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200;
  for (const end = Date.now() + 60_000; !(await ready());)
    if (gateway.exitCode !== null || Date.now() > end) throw new Error(`no gateway: ${gateway.exitCode}`);
  return {
    url,
    close: async () => {
      gateway.kill();
      await ended;
    },
  };
}
