import { OmsClient } from '@oms/client';
import { commandLine, number, perform } from './command-line.ts';
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

const {
  values,
  words: files,
  refuse,
} = commandLine({
  usage: 'npm run import -- [--concurrency 12] FILE…   (ledgers as NDJSON, plain or .gz)',
  most: Infinity,
  options: { concurrency: number({ least: 1, most: 256, default: CONCURRENCY }) },
});
if (files.length === 0) refuse();

async function main(): Promise<number> {
  const stories = await readStories(files);
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
  await Promise.all(Array.from({ length: values.concurrency }, worker));
  const { text, ok } = report(stories, outcomes, failures);
  console.log(text);
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return ok ? 0 : 1;
}

await perform(main);
