/** Everything that can be known without starting a database: format, lint, types, architecture, generated files, unit tests. */
import { run } from './steps.mjs';

run('format', 'node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']);
run('lint', 'node_modules/eslint/bin/eslint.js', ['--max-warnings', '0', '.']);
run('types of the tools and tests', 'node_modules/@typescript/native/bin/tsc', [
  '-p',
  'tsconfig.eslint.json',
  '--noEmit',
]);
run('generated files', '--no-warnings', ['tools/src/generate.ts', '--check']);
run('unit tests and architecture', '--experimental-vm-modules', [
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  '--testPathPatterns',
  'unit.spec',
]);
