import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, type Stack, type StackOptions } from '../../deploy/local/src/stack.ts';
import { checkEvents } from '../ground/events-on-stream.ts';
import { Shop } from './shop.ts';

/**
 * A whole stack of its own (Postgres, NATS, five services, the sandbox) in a fresh folder, and the shop that uses it. Closing
 * it holds every event that was published against its contract, unless the test puts events in that none of ours would publish.
 */
export async function openShop(
  options: Pick<StackOptions, 'env' | 'replicas'> & { forges?: true } = {},
): Promise<{
  stack: Stack;
  shop: Shop;
  home: string;
  close(): Promise<void>;
}> {
  const { forges, ...own } = options;
  const home = mkdtempSync(join(tmpdir(), 'oms-e2e-'));
  chmodSync(home, 0o755);
  const stack = await startStack({ home, httpPort: 0, quiet: true, ...own });
  return {
    stack,
    home,
    shop: new Shop(stack.run.gateway.url, stack.run.issuer.url),
    close: async () => {
      try {
        if (!forges) await checkEvents(stack.run.nats.admin);
      } finally {
        await stack.stop();
        rmSync(home, { recursive: true, force: true });
      }
    },
  };
}
