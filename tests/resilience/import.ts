import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { commandLine, number } from '../../tools/src/command-line.ts';
import { sums } from '../../tools/src/verify/sums.ts';
import { Ground } from './ground.ts';
import { endedByThemselves, judge, killed } from './judge.ts';
import { strikeAtRandom } from './random-faults.ts';
import { Random } from './random.ts';

/** What the books say of each return that waits for a person: how it came there, and what its payments were asked. */
function waitingForAPerson(ground: Ground): Promise<object[]> {
  return ground.books.query(
    `select s.kind, s.step, s.data, s.steps, r.number,
            (select json_agg(json_build_object('at', h.at, 'on', h.transition, 'to', h.to_status, 'reason', h.reason) order by h.id)
               from returns.history h where h.aggregate_id = r.id) as history,
            (select json_agg(json_build_object('payment', p.id, 'status', p.status, 'captured', p.captured_amount, 'refunds', p.refunds,
                      'asked', (select json_agg(c order by c.id) from payments.provider_call c where c.payment_id = p.id)))
               from payments.payment p where p.order_id = r.order_id) as payments
       from returns.saga s join returns.return r on r.id = s.aggregate_id where s.state = 'needs_attention'`,
  );
}

/** `npm run import:faults -- FILE…`: the importer as its users start it, against a stack of its own, under random faults until it is through. */
const {
  values,
  words: files,
  refuse,
} = commandLine({
  usage: 'npm run import:faults -- [--seed 1] [--replicas 1] FILE…',
  most: Infinity,
  options: {
    seed: number({ least: 0, most: 0xffff_ffff, default: 1 }),
    replicas: number({ least: 1, most: 9, default: 1 }),
  },
});
if (files.length === 0) refuse();
const ground = await Ground.start({ replicas: values.replicas });
let failed = true;
try {
  const importer = spawn(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, '../../tools/src/import.ts'), ...files],
    {
      env: { ...process.env, OMS_HOME: ground.home },
      stdio: 'inherit',
    },
  );
  const ended = new Promise<number | null>((done) => importer.once('exit', done));
  const struck = await strikeAtRandom(ground, new Random(values.seed), ended);
  const code = await ended;
  const { atRestMs, broken } = await judge(ground);
  for (const { what, values: read } of await sums(ground.books))
    console.log(
      `${read.every((one) => one === read[0]) ? 'ok  ' : 'DIFF'} ${what.padEnd(42)} ${read.join('   ')}`,
    );
  for (const saga of await waitingForAPerson(ground))
    console.log(`waits for a person: ${JSON.stringify(saga)}`);
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
