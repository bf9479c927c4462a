import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from './faults.ts';
import type { Outcome } from './run.ts';

const root = join(import.meta.dirname, '../..');
const file = join(import.meta.dirname, 'results/latest.json');
const page = join(root, 'docs/resilience.md');
const [BEGIN, END] = ['<!-- results -->', '<!-- /results -->'];

const read = (): Outcome[] => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Outcome[]) : []);

/** Keeps an outcome in place of an earlier one of the same fault and seed. */
export function keep(outcome: Outcome): void {
  const others = read().filter(({ fault, seed }) => fault !== outcome.fault || seed !== outcome.seed);
  mkdirSync(join(import.meta.dirname, 'results'), { recursive: true });
  writeFileSync(file, `${JSON.stringify([...others, outcome], null, 2)}\n`);
}

const seconds = (ms: number) => (ms / 1_000).toFixed(1);

/** Writes the table of all results that were kept into docs/resilience.md. */
export function report(): void {
  const outcomes = read();
  const rows = faults.flatMap(({ name, what }) => {
    const runs = outcomes.filter(({ fault }) => fault === name);
    if (runs.length === 0) return [];
    const sum = (of: (run: Outcome) => number) => runs.reduce((total, run) => total + of(run), 0);
    const most = (of: (run: Outcome) => number) => Math.max(...runs.map(of));
    const broken = runs.filter((run) => run.broken.length > 0).length;
    return [
      `| \`${name}\` | ${what} | ${runs.length} | ${sum((run) => run.strikes)} | ${sum((run) => run.writes)} (${sum((run) => run.sentAgain)}) | ${broken === 0 ? 'all held' : `${broken} broke`} | ${seconds(most((run) => run.notReadyMs))} | ${seconds(most((run) => run.atRestMs))} |`,
    ];
  });
  const table = [
    '| fault | what is done | runs | strikes | writes (sent again) | invariants | longest not ready, s | at rest after, s |',
    '| --- | --- | --: | --: | --: | --- | --: | --: |',
    ...rows,
  ].join('\n');
  const text = readFileSync(page, 'utf8');
  const [before = ''] = text.split(BEGIN);
  const [, after = ''] = text.split(END);
  writeFileSync(page, `${before}${BEGIN}\n${table}\n${END}${after}`);
  console.log(`${outcomes.length} runs of ${rows.length} faults in ${page}`);
}
