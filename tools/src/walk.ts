import { styleText } from 'node:util';
import { commandLine, perform } from './command-line.ts';
import { gatewayUrl, readRunFile } from './run-file.ts';
import { contract } from './walk/contract.ts';
import { World } from './walk/world.ts';

/**
 * Walks the public contract sentence by sentence against the running stack, in the contract's own order, and says of each
 * whether it holds. With words, only sentences that have one of them: `npm run walk -- tok_ q`.
 */
const { words, refuse } = commandLine({ usage: 'npm run walk -- [WORD…]', most: Infinity });
const has = (word: string) => contract.filter(({ section, says }) => `${section} ${says}`.includes(word));
for (const word of words) if (has(word).length === 0) refuse(`no sentence of the contract has ${word}`);
const asked = new Set(words.flatMap(has));
const wanted = words.length === 0 ? contract : contract.filter((sentence) => asked.has(sentence));

await perform(async () => {
  const world = new World(gatewayUrl(), readRunFile());
  const counts = new Map<string, { hold: number; not: number }>();
  for (const sentence of wanted) {
    const count = counts.get(sentence.section) ?? { hold: 0, not: 0 };
    if (!counts.has(sentence.section)) console.log(`\n${styleText('bold', sentence.section)}`);
    counts.set(sentence.section, count);
    try {
      await sentence.holds(world);
      count.hold += 1;
      console.log(`${styleText('green', 'holds')}     ${sentence.says}`);
    } catch (error) {
      count.not += 1;
      console.log(`${styleText('red', 'does not')}  ${sentence.says}\n          ${(error as Error).message}`);
    }
  }
  console.log('');
  for (const [section, { hold, not }] of counts)
    console.log(`${String(hold).padStart(4)} hold ${String(not).padStart(3)} do not   ${section}`);
  const not = [...counts.values()].reduce((sum, count) => sum + count.not, 0);
  console.log(`${String(wanted.length - not).padStart(4)} hold ${String(not).padStart(3)} do not   in all`);
  return not === 0 ? 0 : 1;
});
