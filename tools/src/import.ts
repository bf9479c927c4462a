import { OmsClient } from '@oms/client';
import { parseArgs } from 'node:util';
import { tokenOf } from './development-token.ts';
import { readStories, type Story } from './import/ledger.ts';
import { Progress } from './import/progress.ts';
import { replayStory, type Outcome } from './import/replay.ts';
import { report } from './import/report.ts';
import { gatewayUrl } from './run-file.ts';

/** How many orders are under way at once. Measured on two cores: more only lengthens each one's latency. */
const CONCURRENCY = 12;

/** A service that was killed is back long before; an import of hours should not end for a pause of a minute. */
const RETRY_FOR_MS = 120_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { concurrency: { type: 'string', default: String(CONCURRENCY) } },
  });
  const concurrency = Number(values.concurrency);
  if (positionals.length === 0 || !Number.isInteger(concurrency) || concurrency < 1) {
    console.error('usage: npm run import -- [--concurrency 12] FILE…   (ledgers as NDJSON, plain or .gz)');
    return 2;
  }
  const stories = await readStories(positionals);
  const progress = new Progress(stories.length);
  const oms = new OmsClient({
    url: gatewayUrl(),
    token: tokenOf({ role: 'admin', subject: 'import' }),
    retryForMs: RETRY_FOR_MS,
    onRetry: () => progress.retried(),
  });
  const outcomes = new Map<string, Outcome>();
  const failures = new Map<string, string>();
  const queue: Story[] = [...stories];
  const startedAt = Date.now();
  const worker = async () => {
    for (let story = queue.shift(); story; story = queue.shift()) {
      try {
        outcomes.set(story.order.ref, await replayStory(oms, story));
      } catch (error) {
        failures.set(story.order.ref, (error as Error).message);
      }
      progress.step();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const { text, ok } = report(stories, outcomes, failures);
  console.log(text);
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return ok ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  },
);
