import tseslint from 'typescript-eslint';

/**
 * Type-aware rules only where a mistake costs money or a process: promises that nobody awaits, conditions on
 * promises, `any` leaking out of a boundary. Style is the formatter's business, not a matter of rules.
 */
export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.oms/**',
      'tests/architecture/fixtures/**',
      '**/*.mjs',
      '**/*.js',
      '**/*.cjs',
    ],
  },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: ['./tsconfig.eslint.json'], tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='transactional']",
          message: 'Only the unit of work opens a transaction.',
        },
        {
          selector: "CallExpression[callee.property.name='emit'][callee.object.property.name='client']",
          message: 'Events go through the outbox.',
        },
      ],
    },
  },
  { files: ['chassis/src/unit-of-work.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: [
      'tools/**',
      'deploy/**',
      'bench/**',
      'tests/**',
      '**/test/**',
      'docs/examples/**',
      'services/payment-service/src/sandbox/**',
    ],
    rules: { 'no-console': 'off' },
  },
);
