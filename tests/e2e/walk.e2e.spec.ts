import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { contract } from '../../tools/src/walk/contract.ts';
import { World } from '../../tools/src/walk/world.ts';
import { openShop } from './stack.ts';

let world: World;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  const opened = await openShop({ forges: true });
  ({ close } = opened);
  world = new World(opened.stack.run.gateway.url, opened.stack.run);
}, 180_000);
afterAll(() => close?.(), 60_000);

/** `npm run walk`, on a stack of its own: what the public contract promises, sentence by sentence. */
describe.each([...new Set(contract.map(({ section }) => section))])('%s', (section) => {
  const sentences = contract.filter((sentence) => sentence.section === section);
  it.each(sentences.map(({ says, holds }) => ({ says, holds })))(
    '$says',
    async ({ holds }) => {
      await holds(world);
    },
    300_000,
  );
});
