import { orderTotal, type Story } from './ledger.ts';
import type { Outcome } from './replay.ts';

/** One line of the closing table. */
interface Row {
  what: string;
  expected: number;
  found: number;
}

/** Expected against found, and every difference by the shop's own number. */
export function report(
  stories: readonly Story[],
  outcomes: ReadonlyMap<string, Outcome>,
  failures: ReadonlyMap<string, string>,
): { text: string; ok: boolean } {
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const all = [...outcomes.values()];
  const refunded = all.flatMap((outcome) => outcome.returns.filter((one) => one.status === 'refunded'));
  const rows: Row[] = [
    { what: 'orders', expected: stories.length, found: all.length },
    {
      what: 'lines',
      expected: sum(stories.map((story) => story.order.lines.length)),
      found: sum(all.map((one) => one.lines)),
    },
    {
      what: 'money taken (minor units)',
      expected: sum(stories.map((story) => orderTotal(story.order))),
      found: sum(all.map((one) => one.captured)),
    },
    {
      what: 'returns refunded',
      expected: sum(stories.map((story) => story.returns.length)),
      found: refunded.length,
    },
    {
      what: 'money refunded (minor units)',
      expected: sum(stories.flatMap((story) => story.returns.map((one) => one.refund))),
      found: sum(refunded.map((one) => one.refundAmount)),
    },
  ];
  const differences = [...failures].map(([ref, reason]) => `${ref}: ${reason}`);
  for (const { order, returns } of stories) {
    const outcome = outcomes.get(order.ref);
    if (!outcome) continue;
    if (outcome.captured !== orderTotal(order))
      differences.push(`${order.ref}: took ${outcome.captured}, expected ${orderTotal(order)}`);
    if (outcome.lines !== order.lines.length)
      differences.push(`${order.ref}: has ${outcome.lines} lines, expected ${order.lines.length}`);
    for (const row of returns) {
      const name = `${row.ref}/${row.orderRef}`;
      const found = outcome.returns.find((one) => one.ref === name);
      if (!found) differences.push(`${name}: return is missing`);
      else if (found.status !== 'refunded') differences.push(`${name}: ended ${found.status}`);
      else if (found.refundAmount !== row.refund)
        differences.push(`${name}: refunded ${found.refundAmount}, expected ${row.refund}`);
    }
  }
  const number = (value: number) => value.toLocaleString('en-GB');
  const lines = [
    '',
    `${''.padEnd(30)}${'expected'.padStart(14)}${'found'.padStart(14)}${'difference'.padStart(12)}`,
  ];
  for (const row of rows) {
    lines.push(
      `${row.what.padEnd(30)}${number(row.expected).padStart(14)}${number(row.found).padStart(14)}${number(row.found - row.expected).padStart(12)}`,
    );
  }
  lines.push(
    '',
    differences.length === 0 ? 'no differences' : `${differences.length} difference(s):`,
    ...differences.map((one) => `  ${one}`),
    '',
  );
  return {
    text: lines.join('\n'),
    ok: differences.length === 0 && rows.every((row) => row.expected === row.found),
  };
}
