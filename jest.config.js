/**
 * Tests run from the TypeScript sources: swc strips the types, `tsc -b` (part of `npm test`) checks them.
 * A package's door is mapped to its `src`, so that a test never runs against a stale build; the end-to-end
 * tests start the built processes.
 */
const doors = { contracts: 'contracts', chassis: 'chassis' };
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: [
    '<rootDir>/{contracts,chassis,tools,bench}/test/**/*.spec.ts',
    '<rootDir>/{services,sdk}/*/test/**/*.spec.ts',
    '<rootDir>/tests/**/*.spec.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/'],
  maxWorkers: 2,
  // Spent by what fails only: the longest test takes two minutes beside two busy loops on two cores, and most hooks ten seconds.
  testTimeout: 180_000,
  moduleNameMapper: {
    ...Object.fromEntries(
      Object.entries(doors).map(([door, dir]) => [`^@oms/${door}$`, `<rootDir>/${dir}/src/index.ts`]),
    ),
    '^@oms/events$': '<rootDir>/sdk/events/src/index.ts',
    '^@oms/client$': '<rootDir>/sdk/client/src/index.ts',
    '^@oms/chassis/machine$': '<rootDir>/chassis/src/machine/index.ts',
    '^@oms/chassis/edge$': '<rootDir>/chassis/src/edge.ts',
    '^@oms/chassis/testing$': '<rootDir>/chassis/src/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          target: 'es2024',
          keepClassNames: true,
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
