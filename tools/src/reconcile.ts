import { reconcile } from '@oms/payment-service/reconcile';
import { commandLine, perform } from './command-line.ts';
import { readRunFile } from './run-file.ts';

/**
 * Holds payment-service's ledger against the provider's, once, and names every difference with a proposal. Exit code 1 when
 * they differ.
 */
commandLine({
  usage: `npm run reconcile        our operations against the provider's book

DATABASE_URL and PAYMENT_PROVIDER_URL say where; without them, the local stack.`,
});

type Difference = Awaited<ReturnType<typeof reconcile>>['differences'][number];
const side = (one: Difference['ours']): string =>
  one ? `${one.amount} ${one.currency} ${one.outcome ?? ''}`.trim() : 'nothing';

await perform(async () => {
  const { differences, differenceCount, effects } = await reconcile({
    databaseUrl: process.env['DATABASE_URL'] ?? readRunFile().postgres.url,
    providerUrl: process.env['PAYMENT_PROVIDER_URL'] ?? readRunFile()['payment-sandbox'].url,
  });
  for (const one of differences) {
    console.log(`${one.kind}  ${one.operation ?? ''} ${one.key ?? one.paymentId ?? ''}`);
    console.log(
      `  ours: ${side(one.ours)}; the provider's: ${side(one.theirs)}; payment ${one.paymentId ?? 'none'}`,
    );
    console.log(`  ${one.proposal}`);
  }
  if (differenceCount > differences.length) console.log(`and ${differenceCount - differences.length} more`);
  console.log(`${effects} effects of the provider, ${differenceCount} differences`);
  return differenceCount === 0 ? 0 : 1;
});
