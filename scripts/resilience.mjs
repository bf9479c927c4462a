/** The fault bench, whole: every fault under every seed, then the drills that are tests of their own. With arguments, only the bench. */
import { run } from './steps.mjs';

const args = process.argv.slice(2);
run('fault bench', '--no-warnings', ['tests/resilience/bench.ts', ...args]);
if (args.length === 0)
  run('drills', '--experimental-vm-modules', [
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--forceExit',
    '--runInBand',
    '--testPathPatterns',
    'resilience.spec',
  ]);
