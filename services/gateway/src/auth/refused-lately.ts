import type { Problem } from '../problem.js';
import { createHash } from 'node:crypto';

const KEPT_MS = 10_000;
const MOST_KEPT = 10_000;

/**
 * Tokens and keys that were found to be wrong a moment ago, so that a client that goes on sending one costs a look and no
 * check: no signature, no question to a service. Kept as hashes, because a token may be as long as a header.
 */
export function refusedLately(): {
  problemOf(credential: string): Problem | undefined;
  remember(credential: string, problem: Problem): void;
} {
  const kept = new Map<string, { problem: Problem; until: number }>();
  const hashOf = (credential: string): string => createHash('sha256').update(credential).digest('base64');
  return {
    problemOf(credential) {
      const found = kept.size > 0 ? kept.get(hashOf(credential)) : undefined;
      return found && found.until > Date.now() ? found.problem : undefined;
    },
    remember(credential, problem) {
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(hashOf(credential), { problem, until: Date.now() + KEPT_MS });
    },
  };
}
