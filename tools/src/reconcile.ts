import { reconcile } from '@oms/payment-service/reconcile';
import { readRunFile } from './run-file.ts';

/**
 * Holds payment-service's ledger against the provider's, once, and names every difference with a proposal. Of the local stack,
 * unless DATABASE_URL and PAYMENT_PROVIDER_URL say where. Exit code 1 when they differ.
 */
const { differences, differenceCount, effects } = await reconcile({
  databaseUrl: process.env['DATABASE_URL'] ?? readRunFile().postgres.url,
  providerUrl: process.env['PAYMENT_PROVIDER_URL'] ?? readRunFile()['payment-sandbox'].url,
});
const side = (one: (typeof differences)[number]['ours']): string =>
  one ? `${one.amount} ${one.currency} ${one.outcome ?? ''}`.trim() : 'nothing';
for (const one of differences) {
  console.log(`${one.kind}  ${one.operation ?? ''} ${one.key ?? one.paymentId ?? ''}`);
  console.log(
    `  ours: ${side(one.ours)}; the provider's: ${side(one.theirs)}; payment ${one.paymentId ?? 'none'}`,
  );
  console.log(`  ${one.proposal}`);
}
if (differenceCount > differences.length) console.log(`and ${differenceCount - differences.length} more`);
console.log(`${effects} effects of the provider, ${differenceCount} differences`);
process.exitCode = differenceCount === 0 ? 0 : 1;
