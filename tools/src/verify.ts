import { commandLine, perform } from './command-line.ts';
import { readRunFile } from './run-file.ts';
import { Books } from './verify/books.ts';
import { invariants, violations } from './verify/invariants.ts';
import { sums } from './verify/sums.ts';

/** The same sums, told by every book that keeps them (each service's schema, the provider's ledger, the events in the stream), and every invariant over all of them. */
commandLine({
  usage: 'npm run verify        every sum and every invariant over all books of the running stack',
});

await perform(async () => {
  const books = await Books.open(readRunFile());
  await books.refresh();
  let agreed = true;
  for (const { what, values } of await sums(books)) {
    const same = values.every((value) => value === values[0]);
    agreed &&= same;
    console.log(
      `${same ? 'ok  ' : 'DIFF'} ${what.padEnd(42)} ${values.map((value) => value.toLocaleString('en-GB')).join('   ')}`,
    );
  }
  const broken = new Map((await violations(books)).map(({ invariant, rows }) => [invariant, rows]));
  for (const { name } of invariants) {
    const rows = broken.get(name);
    console.log(`${rows ? 'DIFF' : 'ok  '} ${name}`);
    for (const row of rows ?? []) console.log(`       ${JSON.stringify(row)}`);
  }
  await books.close();
  return agreed && broken.size === 0 ? 0 : 1;
});
