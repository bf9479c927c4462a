/** A change to a file of the built code, made as it is loaded. */
export interface Patch {
  file: string;
  find: string;
  replace: string;
}

/** What is patched has to be there, exactly once: code that moved must not be taken for code that was changed. */
export function patched(code: string, { file, find, replace }: Patch): string {
  const [before, after, ...more] = code.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`not exactly once in ${file}: ${find}`);
  return before + replace + after;
}
