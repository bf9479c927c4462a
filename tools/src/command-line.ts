import { parseArgs } from 'node:util';

/** What is written on a command line can not be meant; the sentence says why. */
export class Misuse extends Error {}

/** How an option is read: from what was written for it, once for each time that it was given. */
export interface Option<T> {
  type: 'string' | 'boolean';
  read(written: readonly string[], name: string): T;
}
type Options = Readonly<Record<string, Option<unknown>>>;
type ValuesOf<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

export const flag: Option<boolean> = { type: 'boolean', read: (written) => written.length > 0 };
export const text: Option<string | undefined> = { type: 'string', read: (written) => written.at(-1) };

/** `whole` unless said otherwise, within what the tool can work with. */
interface Range {
  least: number;
  most: number;
  fraction?: boolean;
}

function numberOf(one: string, name: string, { least, most, fraction = false }: Range): number {
  const number = Number(one);
  if (!(fraction ? /^\d+(\.\d+)?$/ : /^\d+$/).test(one) || number < least || number > most)
    throw new Misuse(`--${name} is a ${fraction ? '' : 'whole '}number from ${least} to ${most}, not ${one}`);
  return number;
}

export const number = (range: Range & { default: number }): Option<number> => ({
  type: 'string',
  read: (written, name) => {
    const one = written.at(-1);
    return one === undefined ? range.default : numberOf(one, name, range);
  },
});

/** Given several times, or once with commas between them. */
export const numbers = (range: Range & { default: readonly number[] }): Option<readonly number[]> => ({
  type: 'string',
  read: (written, name) =>
    written.length === 0
      ? range.default
      : written.flatMap((one) => one.split(',')).map((one) => numberOf(one, name, range)),
});

function wordOf<W extends string>(one: string, name: string, words: readonly W[]): W {
  const word = words.find((known) => known === one);
  if (word === undefined) throw new Misuse(`--${name} is one of ${words.join(', ')}, not ${one}`);
  return word;
}

export const word = <const W extends string, D extends W | undefined = undefined>(
  words: readonly W[],
  otherwise?: D,
): Option<W | D> => ({
  type: 'string',
  read: (written, name) => {
    const one = written.at(-1);
    return one === undefined ? (otherwise as D) : wordOf(one, name, words);
  },
});

/** Given once for each. */
export const words = <W extends string>(known: readonly W[]): Option<readonly W[]> => ({
  type: 'string',
  read: (written, name) => written.map((one) => wordOf(one, name, known)),
});

interface Syntax<O extends Options> {
  usage: string;
  options?: O;
  /** How many words may stand beside the options; none unless said otherwise. */
  most?: number;
}

/** Reads what is written after the name of a tool. Throws a {@link Misuse} for what it does not know. */
export function readCommandLine<O extends Options>(
  { options, most = 0 }: Omit<Syntax<O>, 'usage'>,
  args: string[],
): { values: ValuesOf<O>; words: string[] } {
  const known = Object.entries(options ?? {});
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: Object.fromEntries(known.map(([name, { type }]) => [name, { type, multiple: true }])),
    });
  } catch (error) {
    // What follows the first sentence is how to write a word that begins with a dash.
    throw new Misuse((error as Error).message.split('. ')[0]);
  }
  const { values, positionals } = parsed;
  if (positionals.length > most) throw new Misuse(`nothing is known of ${positionals[most]}`);
  const read = known.map(([name, option]) => [name, option.read((values[name] ?? []).map(String), name)]);
  return { values: Object.fromEntries(read) as ValuesOf<O>, words: positionals };
}

/**
 * The command line of this process. What can not be meant ends it with a sentence, the usage and 2, as the tool itself does by
 * `refuse`; `--help` ends it with the usage.
 */
export function commandLine<O extends Options>(
  syntax: Syntax<O>,
): { values: ValuesOf<O>; words: string[]; refuse(why?: string): never } {
  const refuse = (why?: string): never => {
    console.error(why === undefined ? syntax.usage : `${why}\n\n${syntax.usage}`);
    process.exit(2);
  };
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(syntax.usage);
    process.exit(0);
  }
  try {
    return { ...readCommandLine(syntax, args), refuse };
  } catch (error) {
    if (error instanceof Misuse) return refuse(error.message);
    throw error;
  }
}

/** What an error says, and why: that a call failed is nothing without its cause. */
function sentenceOf(error: unknown): string {
  const said = ({ message, code }: NodeJS.ErrnoException) => message || code || '';
  const { cause } = error as Error;
  const [what, why] = [said(error as Error), cause instanceof Error ? said(cause) : ''];
  return what.includes(why) ? what : `${what}: ${why}`;
}

/** Does the work of a tool, whose answer is the exit code (0 when it has none). What fails is a sentence, and 1. */
export async function perform(work: () => Promise<number | void>): Promise<void> {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    console.error(sentenceOf(error));
    process.exit(1);
  }
}
