import { styleText } from 'node:util';
import { gatewayUrl, readRunFile } from './run-file.ts';
import { callSentences, everyCall } from './walk/calls.ts';
import { also, conventions } from './walk/conventions.ts';
import { door } from './walk/door.ts';
import { orders, payments, returns } from './walk/life.ts';
import { World } from './walk/world.ts';

/** Walks the public contract sentence by sentence against the running stack, and says of each whether it holds. */
const world = new World(gatewayUrl(), readRunFile()['issuer']?.url);
const sentences = [
  ...callSentences,
  ...everyCall,
  ...door,
  ...conventions,
  ...orders,
  ...returns,
  ...payments,
  ...also,
];
let broken = 0;
let section = '';
for (const sentence of sentences) {
  if (sentence.section !== section) console.log(`\n${styleText('bold', (section = sentence.section))}`);
  try {
    await sentence.holds(world);
    console.log(`${styleText('green', 'holds')}     ${sentence.says}`);
  } catch (error) {
    broken += 1;
    console.log(`${styleText('red', 'does not')}  ${sentence.says}\n          ${(error as Error).message}`);
  }
}
console.log(`\n${sentences.length - broken} hold, ${broken} do not`);
process.exitCode = broken === 0 ? 0 : 1;
