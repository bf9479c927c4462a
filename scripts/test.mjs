/** The whole proof: the checks, then every test on a real Postgres, a real NATS and the real processes. */
import { run } from './steps.mjs';

await import('./check.mjs');
run('tests on real parts', '--experimental-vm-modules', [
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  // The processes that a test started have ended; keep-alive sockets of fetch would hold the runner for a while.
  '--forceExit',
  '--testPathPatterns',
  '(int|e2e).spec',
  ...process.argv.slice(2),
]);
// Four faults of the bench, drawn by the day; `npm run test:resilience` has them all.
run('fault bench, short', '--no-warnings', ['tests/resilience/bench.ts', '--short']);
