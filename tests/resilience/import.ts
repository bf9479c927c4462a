import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sums } from '../../tools/src/verify/sums.ts';
import { Ground } from './ground.ts';
import { endedByThemselves, judge, killed } from './judge.ts';
import { strikeAtRandom } from './random-faults.ts';
import { Random } from './random.ts';

/** `npm run import:faults -- FILE…`: the importer as its users start it, against a stack of its own, under random faults until it is through. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, replicas: { type: 'string', default: '1' } },
});
if (positionals.length === 0) {
  console.error('usage: npm run import:faults -- [--seed 1] [--replicas 1] FILE…');
  process.exit(2);
}
const ground = await Ground.start({ replicas: Number(values.replicas) });
let failed = true;
try {
  const importer = spawn(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, '../../tools/src/import.ts'), ...positionals],
    {
      env: { ...process.env, OMS_HOME: ground.home },
      stdio: 'inherit',
    },
  );
  const ended = new Promise<number | null>((done) => importer.once('exit', done));
  const struck = await strikeAtRandom(ground, new Random(Number(values.seed)), ended);
  const code = await ended;
  const { atRestMs, broken } = await judge(ground);
  for (const { what, values: read } of await sums(ground.books))
    console.log(
      `${read.every((one) => one === read[0]) ? 'ok  ' : 'DIFF'} ${what.padEnd(42)} ${read.join('   ')}`,
    );
  broken.push(...endedByThemselves(ground, 0));
  const total = [...struck.values()].reduce((sum, times) => sum + times, 0);
  console.log(
    `${total} strikes of ${struck.size} kinds, seed ${values.seed}: ${[...struck].map(([name, times]) => `${name} ${times}`).join(', ')}`,
  );
  console.log(killed(ground));
  console.log(
    `at rest after ${atRestMs} ms, ${broken.length === 0 ? 'every invariant holds' : broken.join('\n')}`,
  );
  failed = code !== 0 || broken.length > 0;
} finally {
  await ground.close();
}
process.exit(failed ? 1 : 0);
