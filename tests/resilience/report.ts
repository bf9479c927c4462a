import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariants } from '../../tools/src/verify/invariants.ts';
import { faults } from './faults.ts';
import { protections } from './protections.ts';
import type { Outcome } from './run.ts';

const root = join(import.meta.dirname, '../..');
const file = join(import.meta.dirname, 'results/latest.json');
const failedFile = join(import.meta.dirname, 'results/without.json');
const page = join(root, 'docs/resilience.md');

const load = <T>(from: string, none: T): T =>
  existsSync(from) ? (JSON.parse(readFileSync(from, 'utf8')) as T) : none;
const read = (): Outcome[] => load<Outcome[]>(file, []);

/** Writes `table` between the two marks that `name` has in the page. */
function place(name: string, table: readonly string[]): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = readFileSync(page, 'utf8');
  const [before = ''] = text.split(begin);
  const [, after = ''] = text.split(end);
  writeFileSync(page, `${before}${begin}\n${table.join('\n')}\n${end}${after}`);
}

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
  place('results', [
    '| fault | what is done | runs | strikes | writes (sent again) | invariants | longest not ready, s | at rest after, s |',
    '| --- | --- | --: | --: | --: | --- | --: | --: |',
    ...rows,
  ]);
  console.log(`${outcomes.length} runs of ${rows.length} faults in ${page}`);
}

interface Failed {
  protection: string;
  check: string;
}

/** Keeps what was found broken without a protection: names of invariants, and of the bench's own checks those that had to fail. */
export function keepFailed(protection: string, broken: readonly string[]): void {
  const own = protections.find(({ name }) => name === protection)?.breaks ?? [];
  const checks = [...new Set([...invariants.map(({ name }) => name), ...own])];
  const failed = checks.filter((check) => broken.some((line) => line.includes(check)));
  const others = load<Failed[]>(failedFile, []).filter((one) => one.protection !== protection);
  const kept = [...others, ...failed.map((check) => ({ protection, check }))];
  writeFileSync(failedFile, `${JSON.stringify(kept, null, 2)}\n`);
}

/** Writes the table of checks that were seen to fail. */
export function reportFailed(): void {
  const kept = load<Failed[]>(failedFile, []);
  const rows = protections.flatMap(({ name, without, fault, replicas = 1 }) => {
    const failed = kept.filter(({ protection }) => protection === name).map(({ check }) => check);
    if (failed.length === 0) return [];
    const under = `\`${fault}\`${replicas > 1 ? `, ${replicas} of each` : ''}`;
    return [
      `| \`${name}\` | ${without} | ${under} | ${failed.map((check) => check.replace(/^[: ]+|[: ]+$/g, '')).join(' · ')} |`,
    ];
  });
  place('without', [
    '| protection | without it | fault | what did not hold any more |',
    '| --- | --- | --- | --- |',
    ...rows,
  ]);
}
