import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Sentence } from './sentence.ts';

/** A whole number that somebody may set in the environment. Throws a sentence for anything else. */
export function wholeNumber(env: string, range: { least: number; most: number; default: number }): number {
  const text = process.env[env];
  if (text === undefined) return range.default;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < range.least || number > range.most)
    throw new Sentence(
      `${env} is ${JSON.stringify(text)}: it must be a whole number from ${range.least} to ${range.most}`,
    );
  return number;
}

/** One folder after the other: Node's `recursive` never comes back where a parent can not be, as below `/proc`. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** Makes what is missing of the folder in which a stack lives. Throws a sentence when it can not live there. */
export function makeHome(home: string): void {
  try {
    makeFolder(join(home, 'logs'));
    accessSync(home, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Sentence(`OMS_HOME (${home}) can not be made or written (${code}): choose another folder`);
  }
}
